-- Every client-side finding, one row each (contract §5): per key, or per invoice line. signed_impact > 0: bill more, < 0: refund.
select
    exception_code,
    client_id,
    product_code,
    null::varchar as source,
    null::varchar as invoice_id,
    null::varchar as line_id,
    null::varchar as record_id,
    currency,
    minor_units,
    valued_at,
    signed_impact,
    explanation
from {{ ref('int_volume_findings') }}
union all
select
    lines.exception_code,
    lines.client_id,
    lines.product_code,
    lines.source,
    lines.invoice_id,
    lines.invoice_line_id,
    lines.record_id,
    lines.currency,
    lines.minor_units,
    null,
    lines.price_variance,
    coalesce(clients.client_name, lines.client_id) || ', ' || coalesce(rules.product_name, lines.product_code)
    || ', invoice line ' || lines.invoice_line_id || ': '
    || case lines.exception_code
        when 'INVOICE_PRICE_MISMATCH'
            then
                {{ plain_number('lines.quantity') }} || ' charged at '
                || {{ price_text('lines.unit_price', 'lines.minor_units') }} || ' a month, the price in force is '
                || {{ price_text('lines.expected_unit_price', 'lines.minor_units') }} || '. '
        else
            {{ plain_number('lines.quantity') }} || ' x '
            || {{ price_text('lines.unit_price', 'lines.minor_units') }} || ' for ' || lines.overlap_days
            || ' of ' || lines.period_days || ' days does not give the ' || {{ money_text('lines.amount', 'lines.minor_units') }}
            || ' charged. '
    end
    || case when lines.price_variance > 0 then 'Bill ' else 'Refund ' end
    || {{ money_text('abs(lines.price_variance)', 'lines.minor_units') }} || ' ' || lines.currency
    || case when lines.exception_code = 'ROUNDING' then ': within the rounding tolerance, cleared by itself.' else '.' end
from {{ ref('int_invoice_line_variances') }} as lines
inner join {{ ref('int_product_rules') }} as rules on lines.product_code = rules.product_code
left join {{ ref('stg_clients') }} as clients on lines.client_id = clients.client_id
where lines.exception_code is not null
union all
select
    exception_code,
    client_id,
    product_code,
    null,
    null,
    null,
    null,
    currency,
    minor_units,
    null,
    0,
    explanation
from {{ ref('int_margin_findings') }}

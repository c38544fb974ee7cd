-- One row per mapped recurring vendor line of P with days before P (contract §5.3, LATE_CHARGE): what the client was not billed then.
-- signed_impact sums over the months concerned: price in force on the month's last late day x quantity x late days / month's days.
-- 377,580 is the least common multiple of 28, 29, 30 and 31, so that months of all lengths add up before one rounding.
with late as (

    select
        lines.*,
        least(lines.charge_period_end, run.period_start) as late_end
    from {{ ref('int_vendor_lines') }} as lines
    cross join {{ ref('stg_run') }} as run
    where
        lines.is_landed_in_period and lines.charge_category = 'recurring' and lines.is_mapped and not lines.is_duplicate
        and lines.charge_period_start < run.period_start

),

months as (

    select
        source,
        invoice_id,
        line_id,
        client_id,
        product_code,
        charge_period_start,
        late_end,
        unnest(
            generate_series(date_trunc('month', charge_period_start)::date, (late_end - 1)::date, interval 1 month)
        )::date as month_start
    from late
    where late_end > charge_period_start

),

month_days as (

    select
        *,
        (month_start + interval 1 month)::date as month_end,
        (least(late_end, month_end) - greatest(charge_period_start, month_start))::integer as late_days,
        (month_end - month_start)::integer as days_in_month,
        least(late_end, month_end) - 1 as last_late_day
    from months

),

priced as (

    select
        months.source,
        months.invoice_id,
        months.line_id,
        months.late_days,
        months.days_in_month,
        arg_max(agreements.unit_price, (agreements.effective_start, agreements.agreement_line_id, agreements.source)) as unit_price
    from month_days as months
    inner join {{ ref('int_keys') }} as keys on months.client_id = keys.client_id and months.product_code = keys.product_code
    inner join {{ ref('int_agreement_lines') }} as agreements
        on
            months.client_id = agreements.client_id
            and months.product_code = agreements.product_code
            and keys.currency = agreements.currency
            and {{ valid_on('months.last_late_day', 'agreements.effective_start', 'agreements.effective_end') }}
    group by months.source, months.invoice_id, months.line_id, months.month_start, months.late_days, months.days_in_month

),

unit_values as (

    select
        source,
        invoice_id,
        line_id,
        sum({{ scaled('unit_price', 10) }} * (late_days * (377580 // days_in_month)))::hugeint as value_per_unit
    from priced
    group by source, invoice_id, line_id

),

valued as (

    select
        late.source,
        late.invoice_id,
        late.line_id,
        late.vendor_customer_id,
        late.sku_id,
        late.client_id,
        late.product_code,
        late.record_id,
        late.quantity,
        late.charge_period_start,
        late.late_end,
        keys.currency,
        keys.minor_units,
        unit_values.value_per_unit is not null as is_priced,
        coalesce({{ round_price_times(
            'unit_values.value_per_unit', scaled('late.quantity', 6) ~ ' * ' ~ scaled('late.units_per', 6),
            '377580', 10, 'keys.minor_units'
        ) }}, 0)::decimal(28, 4) as signed_impact
    from late
    inner join {{ ref('int_keys') }} as keys on late.client_id = keys.client_id and late.product_code = keys.product_code
    left join unit_values
        on late.source = unit_values.source and late.invoice_id = unit_values.invoice_id and late.line_id = unit_values.line_id

)

select
    'LATE_CHARGE' as exception_code,
    client_id,
    product_code,
    source,
    vendor_customer_id,
    sku_id,
    invoice_id,
    line_id,
    currency,
    minor_units,
    null::varchar as valued_at,
    signed_impact,
    [record_id] as record_ids,
    quantity,
    charge_period_start,
    late_end,
    is_priced
from valued

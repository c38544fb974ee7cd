-- One row per client invoice line that is landed in P or reaches into it, with its days and its amount in P (contract §4).
with lines as (

    select
        lines.*,
        run.period_start,
        run.period_end,
        run.period_last_day,
        run.period_days,
        lines.landed_period = run.period as is_landed_in_period,
        (lines.service_period_end - lines.service_period_start)::integer as service_days,
        {{ overlap_days('lines.service_period_start', 'lines.service_period_end', 'run.period_start', 'run.period_end') }}
            as overlap_days
    from {{ ref('stg_invoice_lines') }} as lines
    cross join {{ ref('stg_run') }} as run

)

select
    lines.source,
    lines.invoice_id,
    lines.invoice_line_id,
    lines.record_id,
    lines.landed_period,
    lines.is_landed_in_period,
    lines.client_id,
    lines.product_code,
    lines.agreement_line_id,
    lines.charge_category,
    lines.description,
    lines.quantity,
    lines.unit_price,
    lines.amount,
    lines.currency,
    currencies.minor_units,
    lines.service_period_start,
    lines.service_period_end,
    lines.overlap_days,
    lines.period_days,
    lines.charge_category = 'recurring' and lines.overlap_days > 0 as is_reconciled,
    lines.service_period_start >= lines.period_start
    and lines.service_period_start < lines.period_end
    and lines.service_period_end <= lines.period_end as lies_in_period,
    lines.service_period_start <= lines.period_last_day and lines.service_period_end > lines.period_last_day as covers_last_day,
    (case
        when lies_in_period then lines.amount
        when lines.overlap_days = 0 then 0
        else {{ round_money(scaled('lines.amount', 4) ~ ' * lines.overlap_days', 'lines.service_days', 4, 'currencies.minor_units') }}
    end)::decimal(28, 4) as invoiced_amount
from lines
inner join {{ ref('stg_currencies') }} as currencies on lines.currency = currencies.currency

-- Grain: one row per client invoice line landed in P of a client that passes (contract §6.4).
select
    run.msp_id,
    run.period,
    lines.client_id,
    lines.product_code,
    lines.source,
    lines.invoice_id,
    lines.invoice_line_id,
    lines.quantity::decimal(18, 6) as quantity,
    lines.unit_price::decimal(28, 10) as unit_price,
    lines.amount::decimal(28, 4) as amount,
    lines.currency,
    lines.service_period_start,
    lines.service_period_end,
    'unchanged' as change,
    null::varchar as exception_id,
    lines.record_id
from {{ ref('int_invoice_lines') }} as lines
cross join {{ ref('stg_run') }} as run
semi join (select client_id from {{ ref('fct_client_gate') }} where verdict in ('PASS', 'PASS_WITH_WAIVER')) as passing
    on lines.client_id = passing.client_id
where lines.is_landed_in_period

-- Facts the gate audits, as integers: each must be 0. One row per fact (contract §5.5 CONSERVATION_BROKEN).
with vendor_lines as (

    select count(*) as landed, coalesce(sum(lines.amount), 0)::decimal(38, 12) as amount
    from {{ ref('stg_vendor_charges') }} as lines
    inner join {{ ref('stg_run') }} as run on lines.landed_period = run.period

),

invoice_lines as (

    select count(*) as landed, coalesce(sum(lines.amount), 0)::decimal(38, 12) as amount
    from {{ ref('stg_invoice_lines') }} as lines
    inner join {{ ref('stg_run') }} as run on lines.landed_period = run.period

),

dispositions as (

    select
        leg,
        count(*) as line_count,
        count(distinct row(source, invoice_id, line_id)) as distinct_count,
        count(*) filter (where disposition not in ('matched', 'exception', 'excluded') or disposition is null) as unknown_count,
        coalesce(sum(amount), 0)::decimal(38, 12) as amount
    from {{ ref('fct_line_dispositions') }}
    group by leg

),

legs as (

    select 'vendor' as leg, landed, amount from vendor_lines
    union all
    select 'invoice', landed, amount from invoice_lines

)

select
    'lines_without_exactly_one_disposition' as fact,
    legs.leg as scope,
    (
        abs(legs.landed - coalesce(dispositions.line_count, 0))
        + abs(legs.landed - coalesce(dispositions.distinct_count, 0))
        + coalesce(dispositions.unknown_count, 0)
        + case when legs.amount is distinct from coalesce(dispositions.amount, 0) then 1 else 0 end
    )::bigint as violations
from legs
left join dispositions on legs.leg = dispositions.leg
union all
select
    'residuals_not_zero',
    'variance bridge',
    count(*) filter (where residual is distinct from 0)
from {{ ref('fct_variance_bridge') }}
union all
select
    'exception_ids_repeated',
    'exceptions',
    count(*) - count(distinct exception_id)
from {{ ref('fct_exceptions') }}
union all
select
    'impacts_negative_or_missing',
    'exceptions',
    count(*) filter (
        where not coalesce(
            client_recoverable >= 0 and client_refund >= 0 and vendor_claim >= 0 and vendor_liability >= 0 and stranded >= 0, false
        )
    )
from {{ ref('fct_exceptions') }}
union all
select
    'ready_lines_of_held_clients',
    'ready lines',
    count(*)
from {{ ref('fct_invoice_lines_ready') }} as ready
semi join (select client_id from {{ ref('fct_client_gate') }} where verdict = 'HOLD') as held on ready.client_id = held.client_id
union all
select
    'ready_lines_lost_or_altered',
    'ready lines',
    abs(count(*) - count(ready.invoice_line_id))
    + count(*) filter (
        where ready.record_id is distinct from lines.record_id
        or (ready.change = 'unchanged' and ready.amount is distinct from lines.amount)
    )
from {{ ref('int_invoice_lines') }} as lines
semi join (select client_id from {{ ref('fct_client_gate') }} where verdict <> 'HOLD') as passing on lines.client_id = passing.client_id
left join {{ ref('fct_invoice_lines_ready') }} as ready
    on
        lines.source = ready.source
        and lines.invoice_id = ready.invoice_id
        and lines.invoice_line_id = ready.invoice_line_id
where lines.is_landed_in_period
union all
select
    'ready_money_not_landed_and_approved',
    'ready lines',
    count(*)
from (
    select client_id, currency
    from (
        select client_id, currency, amount from {{ ref('fct_invoice_lines_ready') }}
        union all
        select lines.client_id, lines.currency, -lines.amount
        from {{ ref('int_invoice_lines') }} as lines
        semi join (select client_id from {{ ref('fct_client_gate') }} where verdict <> 'HOLD') as passing
            on lines.client_id = passing.client_id
        where lines.is_landed_in_period
        union all
        select client_id, currency, -signed_impact from {{ ref('int_approved_exceptions') }}
    ) as amounts
    group by client_id, currency
    having sum(amount) is distinct from 0
) as unequal

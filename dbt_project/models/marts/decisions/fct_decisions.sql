-- Grain: decision and exception of the month that it was made on or meets (contract §8.5).
with states as (

    select seq, exception_id, state, impact_now from {{ ref('int_decision_meetings') }}
    union all
    select seq, null, state, null from {{ ref('int_releases') }}

)

select
    decisions.decision_id,
    run.msp_id,
    run.period,
    states.exception_id,
    decisions.issue_id,
    decisions.exception_code,
    decisions.client_id,
    decisions.product_code,
    decisions.source,
    decisions.action,
    states.state,
    decisions.actor,
    decisions.confirmed_by,
    decisions.decided_at,
    decisions.reason,
    decisions.until,
    decisions.up_to,
    decisions.currency,
    decisions.impact_seen,
    states.impact_now
from states
inner join {{ ref('int_decisions') }} as decisions on states.seq = decisions.seq
cross join {{ ref('stg_run') }} as run

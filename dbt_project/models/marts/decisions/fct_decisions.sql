-- Grain: decision and exception of the month that it was made on or meets (contract §8.5).
with states as (

    select decision_id, exception_id, state, impact_now from {{ ref('int_decision_meetings') }}
    union all
    select decision_id, null, state, null from {{ ref('int_releases') }}

)

select
    states.decision_id,
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
inner join {{ ref('stg_decisions') }} as decisions on states.decision_id = decisions.decision_id
cross join {{ ref('stg_run') }} as run

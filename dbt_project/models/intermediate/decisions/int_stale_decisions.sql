-- One row per exception whose decision no longer holds: which one it is, what was seen and what is there now (contract §8.3).
select
    meetings.exception_id,
    ' Decision ' || decisions.decision_id || ' (' || decisions.action || ' by ' || decisions.actor
    || ') no longer holds: it was made on ' || {{ money_text('decisions.impact_seen', 'coalesce(currencies.minor_units, 2)') }}
    || coalesce(' ' || decisions.currency, '')
    || coalesce(
        ', for up to ' || {{ money_text('decisions.up_to', 'coalesce(currencies.minor_units, 2)') }}
        || coalesce(' ' || decisions.currency, ''), ''
    )
    || '; now it is ' || {{ money_text('meetings.impact_now', 'coalesce(currencies.minor_units, 2)') }}
    || coalesce(' ' || decisions.currency, '') || '. Decide again.' as sentence
from {{ ref('int_decision_meetings') }} as meetings
inner join {{ ref('stg_decisions') }} as decisions on meetings.decision_id = decisions.decision_id
left join {{ ref('stg_currencies') }} as currencies on decisions.currency = currencies.currency
where meetings.state = 'stale' and meetings.exception_id is not null

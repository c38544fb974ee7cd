-- Grain: currency; findings without one stand in a row of their own. How many findings the month has, what became of them, and the
-- revenue that was about to be lost. What needs other months or the ledger is computed where it is read (mbr_pipeline/report/trends).
with decided as (

    select exception_id, action
    from {{ ref('int_decision_meetings') }}
    where state = 'in_force' and exception_id is not null

),

waiting as (

    select distinct exception_id
    from {{ ref('int_decision_meetings') }}
    where state = 'pending' and exception_id is not null

),

passing as (

    select distinct client_id
    from {{ ref('fct_client_gate') }}
    where verdict <> 'HOLD'

),

findings as (

    select
        exceptions.exception_id,
        exceptions.currency,
        exceptions.status,
        exceptions.blocking,
        exceptions.client_recoverable,
        decided.action,
        waiting.exception_id is not null as is_pending,
        passing.client_id is not null as is_passing
    from {{ ref('fct_exceptions') }} as exceptions
    left join decided on exceptions.exception_id = decided.exception_id
    left join waiting on exceptions.exception_id = waiting.exception_id
    left join passing on exceptions.client_id = passing.client_id

),

counted as (

    select
        currency,
        count(exception_id) as found,
        count(*) filter (where status = 'open') as open_count,
        count(*) filter (where status = 'open' and blocking) as blocking,
        count(*) filter (where status = 'open' and is_pending) as pending,
        count(*) filter (where status = 'decided') as decided,
        count(*) filter (where action = 'approve') as approved,
        count(*) filter (where action = 'waive') as waived,
        count(*) filter (where action = 'dispute') as disputed,
        count(*) filter (where action = 'defer') as deferred,
        count(*) filter (where status = 'auto_cleared') as auto_cleared,
        sum(client_recoverable) filter (where status <> 'auto_cleared') as leakage_found,
        sum(client_recoverable) filter (where action = 'approve') as leakage_approved,
        sum(client_recoverable) filter (where action = 'approve' and is_passing) as leakage_recovered
    from findings
    group by currency

),

currencies as (

    select currency from counted
    union
    select currency from {{ ref('fct_client_gate') }}

)

select
    run.msp_id,
    run.period,
    currencies.currency,
    coalesce(counted.found, 0)::integer as exceptions_found,
    coalesce(counted.open_count, 0)::integer as exceptions_open,
    coalesce(counted.blocking, 0)::integer as exceptions_blocking,
    coalesce(counted.pending, 0)::integer as exceptions_pending,
    coalesce(counted.decided, 0)::integer as exceptions_decided,
    coalesce(counted.approved, 0)::integer as exceptions_approved,
    coalesce(counted.waived, 0)::integer as exceptions_waived,
    coalesce(counted.disputed, 0)::integer as exceptions_disputed,
    coalesce(counted.deferred, 0)::integer as exceptions_deferred,
    coalesce(counted.auto_cleared, 0)::integer as exceptions_auto_cleared,
    coalesce(counted.leakage_found, 0)::decimal(28, 4) as leakage_found,
    coalesce(counted.leakage_approved, 0)::decimal(28, 4) as leakage_approved,
    coalesce(counted.leakage_recovered, 0)::decimal(28, 4) as leakage_recovered
from currencies
cross join {{ ref('stg_run') }} as run
left join counted on currencies.currency is not distinct from counted.currency

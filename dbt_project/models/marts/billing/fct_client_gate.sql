-- Grain: client and currency; the verdict is the client's, whatever the currency (contract §6.2).
with invoiced as (

    select client_id, currency, sum(amount) as amount
    from {{ ref('int_invoice_lines') }}
    where is_landed_in_period
    group by client_id, currency

),

present as (

    select client_id, currency from {{ ref('fct_exceptions') }} where client_id is not null
    union
    select client_id, currency from invoiced
    union
    select client_id, currency from {{ ref('int_agreement_lines') }} where is_active_in_period
    union
    -- invoiced in advance: the line was landed before P
    select client_id, currency from {{ ref('int_clients_not_compared') }}

),

-- what has no currency stands in the client's first by code, and in a row of its own only where it has none
clients as (

    select client_id, min(currency) as first_currency
    from present
    group by client_id

),

exceptions as (

    select
        findings.client_id,
        coalesce(findings.currency, clients.first_currency) as currency,
        count(*) filter (where findings.status = 'open') as open_exceptions
    from {{ ref('fct_exceptions') }} as findings
    inner join clients on findings.client_id = clients.client_id
    group by findings.client_id, coalesce(findings.currency, clients.first_currency)

),

-- grounds of hold, and whether a person let the client pass in spite of each
grounds as (

    select
        findings.client_id,
        coalesce(findings.blocking and findings.status = 'open', false) as is_open,
        coalesce(decided.action in ('waive', 'defer'), false) as is_waived
    from {{ ref('fct_exceptions') }} as findings
    inner join {{ ref('int_weighed_exceptions') }} as weighed on findings.exception_id = weighed.exception_id
    left join {{ ref('int_decision_meetings') }} as decided
        on findings.exception_id = decided.exception_id and decided.state = 'in_force'
    where weighed.would_block and findings.client_id is not null
    union all
    select
        lines.client_id,
        releases.decision_id is null,
        true
    from {{ ref('int_clients_not_compared') }} as lines
    left join {{ ref('int_releases') }} as releases on lines.client_id = releases.client_id and releases.state = 'in_force'

),

verdicts as (

    select
        client_id,
        case when bool_or(is_open) then 'HOLD' when bool_or(is_waived) then 'PASS_WITH_WAIVER' else 'PASS' end as verdict
    from grounds
    group by client_id

)

select
    run.msp_id,
    run.period,
    present.client_id,
    coalesce(verdicts.verdict, 'PASS') as verdict,
    coalesce(exceptions.open_exceptions, 0)::integer as open_exceptions,
    (case when verdicts.verdict = 'HOLD' then coalesce(invoiced.amount, 0) else 0 end)::decimal(28, 4) as held_amount,
    present.currency
from present
cross join {{ ref('stg_run') }} as run
inner join clients on present.client_id = clients.client_id
left join exceptions
    on present.client_id = exceptions.client_id and present.currency is not distinct from exceptions.currency
left join invoiced on present.client_id = invoiced.client_id and present.currency is not distinct from invoiced.currency
left join verdicts on present.client_id = verdicts.client_id
where present.currency is not null or clients.first_currency is null

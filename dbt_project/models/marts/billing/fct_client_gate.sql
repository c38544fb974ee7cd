-- Grain: client and currency; the verdict is the client's, whatever the currency (contract §6.2).
with invoiced as (

    select client_id, currency, sum(amount) as amount
    from {{ ref('int_invoice_lines') }}
    where is_landed_in_period
    group by client_id, currency

),

not_compared as (

    -- nothing was compared, so nothing is clean
    select lines.client_id, lines.currency
    from {{ ref('int_invoice_lines') }} as lines
    inner join {{ ref('int_key_verdicts') }} as verdicts
        on lines.client_id = verdicts.client_id and lines.product_code = verdicts.product_code
    where lines.is_reconciled and verdicts.verdict in ('unreconciled', 'unreconcilable')

),

present as (

    select client_id, currency from {{ ref('fct_exceptions') }} where client_id is not null
    union
    select client_id, currency from invoiced
    union
    select client_id, currency from {{ ref('int_agreement_lines') }} where is_active_in_period
    union
    -- invoiced in advance: the line was landed before P
    select client_id, currency from not_compared

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
        count(*) filter (where findings.status = 'open') as open_exceptions,
        count(*) filter (where findings.blocking and findings.status = 'open') as blocking_exceptions
    from {{ ref('fct_exceptions') }} as findings
    inner join clients on findings.client_id = clients.client_id
    group by findings.client_id, coalesce(findings.currency, clients.first_currency)

),

held as (

    select client_id from exceptions where blocking_exceptions > 0
    union
    select client_id from not_compared

)

select
    run.msp_id,
    run.period,
    present.client_id,
    case when held.client_id is null then 'PASS' else 'HOLD' end as verdict,
    coalesce(exceptions.open_exceptions, 0)::integer as open_exceptions,
    (case when held.client_id is null then 0 else coalesce(invoiced.amount, 0) end)::decimal(28, 4) as held_amount,
    present.currency
from present
cross join {{ ref('stg_run') }} as run
inner join clients on present.client_id = clients.client_id
left join exceptions
    on present.client_id = exceptions.client_id and present.currency is not distinct from exceptions.currency
left join invoiced on present.client_id = invoiced.client_id and present.currency is not distinct from invoiced.currency
left join held on present.client_id = held.client_id
where present.currency is not null or clients.first_currency is null

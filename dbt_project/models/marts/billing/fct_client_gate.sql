-- Grain: client and currency; the verdict is the client's, whatever the currency (contract §6.2).
with exceptions as (

    select
        client_id,
        currency,
        count(*) filter (where status = 'open') as open_exceptions,
        count(*) filter (where blocking and status = 'open') as blocking_exceptions
    from {{ ref('fct_exceptions') }}
    where client_id is not null
    group by client_id, currency

),

invoiced as (

    select client_id, currency, sum(amount) as amount
    from {{ ref('int_invoice_lines') }}
    where is_landed_in_period
    group by client_id, currency

),

present as (

    select client_id, currency from exceptions
    union
    select client_id, currency from invoiced
    union
    select client_id, currency from {{ ref('int_agreement_lines') }} where is_active_in_period

),

held as (

    select client_id
    from exceptions
    where blocking_exceptions > 0
    union
    -- nothing was compared, so nothing is clean
    select verdicts.client_id
    from {{ ref('int_key_verdicts') }} as verdicts
    semi join {{ ref('int_key_invoice_lines') }} as lines
        on verdicts.client_id = lines.client_id and verdicts.product_code = lines.product_code
    where verdicts.verdict in ('unreconciled', 'unreconcilable')

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
left join exceptions
    on present.client_id = exceptions.client_id and present.currency is not distinct from exceptions.currency
left join invoiced on present.client_id = invoiced.client_id and present.currency is not distinct from invoiced.currency
left join held on present.client_id = held.client_id

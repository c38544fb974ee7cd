-- Grain: client and currency. Three independent sums: expected from the keys, invoiced from the invoice lines, classified from the
-- findings. The residual is what no finding explains; it is 0.00 or the gate stays shut (contract §4).
with expected as (

    select client_id, currency, sum(expected_amount) as amount
    from {{ ref('fct_reconciliation') }}
    group by client_id, currency

),

invoiced as (

    select client_id, currency, sum(invoiced_amount) as amount
    from {{ ref('int_invoice_lines') }}
    where is_reconciled
    group by client_id, currency

),

classified as (

    select exceptions.client_id, exceptions.currency, sum(exceptions.client_recoverable - exceptions.client_refund) as amount
    from {{ ref('fct_exceptions') }} as exceptions
    inner join {{ ref('exception_codes') }} as codes on exceptions.exception_code = codes.exception_code
    where codes.kind = 'client'
    group by exceptions.client_id, exceptions.currency

),

clients as (

    select client_id, currency from expected
    union
    select client_id, currency from invoiced
    union
    select client_id, currency from classified

)

select
    run.msp_id,
    run.period,
    clients.client_id,
    clients.currency,
    coalesce(expected.amount, 0)::decimal(28, 4) as expected_amount,
    coalesce(invoiced.amount, 0)::decimal(28, 4) as invoiced_amount,
    coalesce(classified.amount, 0)::decimal(28, 4) as classified_variance,
    (coalesce(expected.amount, 0) - coalesce(invoiced.amount, 0) - coalesce(classified.amount, 0))::decimal(28, 4) as residual
from clients
cross join {{ ref('stg_run') }} as run
left join expected
    on clients.client_id = expected.client_id and clients.currency is not distinct from expected.currency
left join invoiced
    on clients.client_id = invoiced.client_id and clients.currency is not distinct from invoiced.currency
left join classified
    on clients.client_id = classified.client_id and clients.currency is not distinct from classified.currency

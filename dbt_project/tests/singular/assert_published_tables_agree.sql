-- What one published table names must be in the table it names. One test for all of them: every test costs a month some time.
{{ config(meta = {'dagster': {'ref': {'name': 'fct_exceptions'}}}) }}
with exceptions as (

    select exceptions.*, codes.kind, codes.impact
    from {{ ref('fct_exceptions') }} as exceptions
    left join {{ ref('exception_codes') }} as codes on exceptions.exception_code = codes.exception_code

),

broken as (

    select 'an exception has a code that is none' as rule, exception_id as found
    from exceptions
    where kind is null or kind = 'control'
    union all
    select 'an exception has a severity or a status that is none', exception_id
    from exceptions
    where severity not in ('error', 'warning', 'info') or status not in ('open', 'decided', 'auto_cleared')
    union all
    -- its code says whom its money is for; cost is no money at stake
    select 'an exception has money where its code has none', exception_id
    from exceptions
    where
        (impact <> 'client' and (client_recoverable <> 0 or client_refund <> 0))
        or (impact <> 'vendor' and (vendor_claim <> 0 or vendor_liability <> 0))
        or (impact <> 'stranded' and stranded <> 0)
        or (impact <> 'cost' and priced_at_cost <> 0)
    union all
    select 'a client-side exception is of no reconciled client and product', exceptions.exception_id
    from exceptions
    anti join {{ ref('fct_reconciliation') }} as reconciled
        on exceptions.client_id = reconciled.client_id and exceptions.product_code = reconciled.product_code
    where exceptions.kind = 'client'
    union all
    select 'an exception is of a client that the gate does not know', exceptions.exception_id
    from exceptions
    anti join {{ ref('fct_client_gate') }} as gate
        on exceptions.client_id = gate.client_id and coalesce(exceptions.currency = gate.currency, exceptions.currency is null)
    where exceptions.client_id is not null
    union all
    select 'a line is disposed of under a code that no exception has', dispositions.leg || ' ' || dispositions.line_id
    from {{ ref('fct_line_dispositions') }} as dispositions
    anti join exceptions on dispositions.reason = exceptions.exception_code
    where dispositions.disposition = 'exception' and dispositions.reason not in ('unreconciled', 'unreconcilable')
    union all
    select 'a client with a classified variance is not in the gate', bridge.client_id
    from {{ ref('fct_variance_bridge') }} as bridge
    anti join {{ ref('fct_client_gate') }} as gate
        on bridge.client_id = gate.client_id and bridge.currency is not distinct from gate.currency
    where bridge.classified_variance <> 0
    union all
    select 'a line may go out although the gate does not let its client pass', ready.invoice_line_id
    from {{ ref('fct_invoice_lines_ready') }} as ready
    anti join {{ ref('fct_client_gate') }} as gate
        on
            ready.client_id = gate.client_id
            and ready.currency = gate.currency
            and gate.verdict in ('PASS', 'PASS_WITH_WAIVER')
    union all
    select 'a quantity is to be changed that was not reconciled', changes.client_id || ' ' || changes.product_code
    from {{ ref('fct_psa_changes') }} as changes
    anti join {{ ref('fct_reconciliation') }} as reconciled
        on changes.client_id = reconciled.client_id and changes.product_code = reconciled.product_code
    union all
    select 'what is billed is not what was reconciled', client_id || ' ' || product_code
    from (
        select client_id, product_code, currency, billed_amount + unmatched_billed as amount from {{ ref('fct_margin') }}
        union all
        select client_id, product_code, currency, -invoiced_amount from {{ ref('fct_reconciliation') }}
    ) as billed
    group by client_id, product_code, currency
    having sum(amount) <> 0
    union all
    select 'a margin is another than the reconciled one', reconciled.client_id || ' ' || reconciled.product_code
    from {{ ref('fct_reconciliation') }} as reconciled
    left join {{ ref('fct_margin') }} as margins
        on
            reconciled.client_id = margins.client_id
            and reconciled.product_code = margins.product_code
            and reconciled.currency = margins.currency
    where reconciled.margin_amount <> coalesce(margins.margin_amount, 0)
    union all
    select 'findings are counted that are none, or not counted', coalesce(metrics.currency, 'no currency')
    from {{ ref('fct_close_metrics') }} as metrics
    left join (
        select currency, count(*) as found
        from exceptions
        group by currency
    ) as counted on metrics.currency is not distinct from counted.currency
    where
        metrics.exceptions_found <> coalesce(counted.found, 0)
        or metrics.exceptions_found
        <> metrics.exceptions_open + metrics.exceptions_decided + metrics.exceptions_auto_cleared

)

select rule, found
from broken

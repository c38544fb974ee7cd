-- Grain: one row per finding (contract §5), with what is decided about it (§8.3).
select
    findings.exception_id,
    findings.issue_id,
    run.msp_id,
    run.period,
    findings.exception_code,
    findings.severity,
    findings.would_block and decided.decision_id is null as blocking,
    case when decided.decision_id is not null then 'decided' else findings.first_status end as status,
    findings.client_id,
    findings.product_code,
    findings.source,
    findings.vendor_customer_id,
    findings.sku_id,
    findings.invoice_id,
    findings.line_id,
    findings.currency,
    findings.client_recoverable,
    findings.client_refund,
    findings.vendor_claim,
    findings.vendor_liability,
    findings.stranded,
    findings.priced_at_cost,
    findings.explanation || coalesce(stale.sentence, '') as explanation,
    findings.evidence
from {{ ref('int_weighed_exceptions') }} as findings
cross join {{ ref('stg_run') }} as run
left join {{ ref('int_decision_meetings') }} as decided
    on findings.exception_id = decided.exception_id and decided.state = 'in_force'
left join {{ ref('int_stale_decisions') }} as stale on findings.exception_id = stale.exception_id

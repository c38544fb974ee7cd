-- One row per decision that reaches P: those of the ledger, and what policies approve in this run. The latter are entered when the month
-- is published, where the tables get their ids; seq is the place that each would have now (contract §8.3).
select
    decision_id,
    seq,
    action,
    made_in,
    fate,
    actor,
    confirmed_by,
    decided_at,
    reason,
    exception_id,
    issue_id,
    exception_code,
    client_id,
    product_code,
    source,
    until,
    up_to,
    currency,
    seen_client_recoverable,
    seen_client_refund,
    seen_vendor_claim,
    seen_vendor_liability,
    seen_stranded,
    seen_priced_at_cost,
    impact_seen
from {{ ref('stg_decisions') }}
union all
select
    null as decision_id,
    coalesce((select max(entered.seq) from {{ ref('stg_decisions') }} as entered), 0)
    + row_number() over (order by findings.exception_id) as seq,
    'approve' as action,
    run.period as made_in,
    'made' as fate,
    'policy' as actor,
    null as confirmed_by,
    null as decided_at,
    approvals.reason,
    findings.exception_id,
    findings.issue_id,
    findings.exception_code,
    findings.client_id,
    findings.product_code,
    findings.source,
    null as until,
    null as up_to,
    findings.currency,
    findings.client_recoverable as seen_client_recoverable,
    findings.client_refund as seen_client_refund,
    findings.vendor_claim as seen_vendor_claim,
    findings.vendor_liability as seen_vendor_liability,
    findings.stranded as seen_stranded,
    findings.priced_at_cost as seen_priced_at_cost,
    findings.impact as impact_seen
from {{ ref('int_policy_approvals') }} as approvals
inner join {{ ref('int_weighed_exceptions') }} as findings on approvals.exception_id = findings.exception_id
cross join {{ ref('stg_run') }} as run

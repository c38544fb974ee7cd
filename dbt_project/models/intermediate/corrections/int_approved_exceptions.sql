-- One row per approved exception in force, with its money signed: above zero to bill to the client, below zero to refund (contract §8.4).
select
    findings.exception_id,
    meetings.decision_id,
    findings.exception_code,
    codes.is_volume_code,
    findings.client_id,
    findings.product_code,
    findings.source,
    findings.invoice_id,
    findings.line_id,
    findings.currency,
    (findings.client_recoverable - findings.client_refund)::decimal(28, 4) as signed_impact
from {{ ref('int_weighed_exceptions') }} as findings
inner join {{ ref('exception_codes') }} as codes on findings.exception_code = codes.exception_code
inner join {{ ref('int_decision_meetings') }} as meetings
    on findings.exception_id = meetings.exception_id and meetings.state = 'in_force' and meetings.action = 'approve'
semi join (select client_id from {{ ref('fct_client_gate') }} where verdict in ('PASS', 'PASS_WITH_WAIVER')) as passing
    on findings.client_id = passing.client_id

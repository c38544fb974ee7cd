-- Grain: one row per matched or excepted unit-based key whose agreement quantity is not the expected one on P's last day (contract §6).
with volume as (

    select
        findings.client_id,
        findings.product_code,
        findings.exception_id
    from {{ ref('int_weighed_exceptions') }} as findings
    inner join {{ ref('exception_codes') }} as codes on findings.exception_code = codes.exception_code
    where codes.is_volume_code

),

decided as (

    select
        exception_id,
        max(action) filter (where state = 'in_force') as action,
        bool_or(state = 'pending') as is_pending
    from {{ ref('int_decision_meetings') }}
    group by exception_id

)

select
    run.msp_id,
    run.period,
    variances.client_id,
    variances.product_code,
    variances.active_agreement_line_id as agreement_line_id,
    {{ unscaled('variances.agreement_quantity', 12) }} as current_quantity,
    {{ unscaled('variances.expected_quantity', 12) }} as proposed_quantity,
    run.period_end as effective_date,
    coalesce(verdicts.first_code, 'agreement differs from ' || variances.basis) as reason,
    case
        when volume.exception_id is null then null
        when decided.action = 'approve' then 'approved'
        when decided.action = 'waive' then 'waived'
        when decided.action = 'defer' then 'deferred'
        when decided.is_pending then 'pending'
        else 'open'
    end as decision
from {{ ref('int_key_variances') }} as variances
cross join {{ ref('stg_run') }} as run
inner join {{ ref('int_key_verdicts') }} as verdicts
    on variances.client_id = verdicts.client_id and variances.product_code = verdicts.product_code
left join volume on variances.client_id = volume.client_id and variances.product_code = volume.product_code
left join decided on volume.exception_id = decided.exception_id
where
    variances.is_compared
    and variances.basis <> 'cost_plus'
    and variances.agreement_quantity <> variances.expected_quantity

-- Grain: one row per matched or excepted unit-based key whose agreement quantity is not the expected one on P's last day (contract §6).
select
    run.msp_id,
    run.period,
    quantities.client_id,
    quantities.product_code,
    agreements.active_agreement_line_id as agreement_line_id,
    {{ unscaled('quantities.agreement_quantity', 12) }} as current_quantity,
    {{ unscaled('quantities.expected_quantity', 12) }} as proposed_quantity,
    run.period_end as effective_date,
    coalesce(verdicts.first_code, 'agreement differs from ' || status.basis) as reason
from {{ ref('int_key_quantities') }} as quantities
cross join {{ ref('stg_run') }} as run
inner join {{ ref('int_key_status') }} as status
    on quantities.client_id = status.client_id and quantities.product_code = status.product_code
inner join {{ ref('int_key_verdicts') }} as verdicts
    on quantities.client_id = verdicts.client_id and quantities.product_code = verdicts.product_code
left join {{ ref('int_key_agreements') }} as agreements
    on quantities.client_id = agreements.client_id and quantities.product_code = agreements.product_code
where
    status.is_compared
    and status.basis <> 'cost_plus'
    and quantities.agreement_quantity <> quantities.expected_quantity

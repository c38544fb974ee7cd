-- One row per key in P: its verdict (contract §4) and the codes that its lines are reported under (§5.4, line dispositions).
with codes as (

    -- what clears itself is nothing to report a line under
    select
        findings.client_id,
        findings.product_code,
        min_by(findings.exception_code, codes.code_order) as first_code,
        max(findings.exception_code) filter (where codes.is_volume_code) as volume_code
    from {{ ref('int_client_findings') }} as findings
    inner join {{ ref('exception_codes') }} as codes on findings.exception_code = codes.exception_code
    where codes.first_status = 'open'
    group by findings.client_id, findings.product_code

)

select
    status.client_id,
    status.product_code,
    case
        when status.is_unreconciled then 'unreconciled'
        when status.is_unreconcilable then 'unreconcilable'
        when codes.first_code is not null then 'exception'
        else 'matched'
    end as verdict,
    codes.first_code,
    codes.volume_code
from {{ ref('int_key_status') }} as status
left join codes on status.client_id = codes.client_id and status.product_code = codes.product_code

-- One row per exception that a policy approves in this run: what can be approved, no person ever decided on and no person's waiver
-- meets; the first policy that fits counts (contract §8.3). One that an entry of the policies holds for already is not approved again.
with people as (

    select decisions.exception_id, null::varchar as issue_id
    from {{ ref('stg_decisions') }} as decisions
    cross join {{ ref('stg_run') }} as run
    where decisions.made_in = run.period and (decisions.actor <> 'policy' or decisions.fate = 'withdrawn')
    union all
    -- a waiver meets its issue until its last month and, as expired, in the month after
    select null, decisions.issue_id
    from {{ ref('stg_decisions') }} as decisions
    cross join {{ ref('stg_run') }} as run
    where
        decisions.action = 'waive'
        and decisions.made_in < run.period
        and (run.period <= decisions.until or {{ month_after('decisions.until') }} = run.period)

),

entered as (

    select decisions.*
    from {{ ref('stg_decisions') }} as decisions
    cross join {{ ref('stg_run') }} as run
    where decisions.made_in = run.period and decisions.actor = 'policy' and decisions.fate = 'made'
    qualify row_number() over (partition by decisions.exception_id order by decisions.seq desc) = 1

),

chosen as (

    select
        findings.exception_id,
        min(policies.rule) as rule
    from {{ ref('int_weighed_exceptions') }} as findings
    inner join {{ ref('exception_codes') }} as codes on findings.exception_code = codes.exception_code
    inner join {{ ref('stg_auto_approve') }} as policies
        on
            findings.exception_code = policies.exception_code
            and findings.currency = policies.currency
            and findings.impact <= policies.max_impact
    where
        codes.impact = 'client'
        and codes.first_status = 'open'
        and findings.impact > 0
        and coalesce(findings.valued_at not in ('cost', 'none'), true)
    group by findings.exception_id

)

select
    findings.exception_id,
    'policy ' || chosen.rule || ' of auto_approve' as reason
from chosen
inner join {{ ref('int_weighed_exceptions') }} as findings on chosen.exception_id = findings.exception_id
left join entered
    on
        findings.exception_id = entered.exception_id
        and findings.client_recoverable = entered.seen_client_recoverable
        and findings.client_refund = entered.seen_client_refund
        and findings.vendor_claim = entered.seen_vendor_claim
        and findings.vendor_liability = entered.seen_vendor_liability
        and findings.stranded = entered.seen_stranded
        and findings.priced_at_cost = entered.seen_priced_at_cost
        and findings.currency = entered.currency
where
    entered.decision_id is null
    and findings.exception_id not in (select people.exception_id from people where people.exception_id is not null)
    and findings.issue_id not in (select people.issue_id from people where people.issue_id is not null)

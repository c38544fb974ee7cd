-- One row per decision and exception of P that it was made on or meets; exception_id is empty where it meets none (contract §8.3, §8.5).
-- What counts for an exception is the newest decision made on it that is neither pending nor refused; if there is none, or it was
-- withdrawn, the newest waiver of an earlier month. Releases are for clients: int_releases.
with findings as (

    select *, {{ impact_columns() }} as impact_columns
    from {{ ref('int_weighed_exceptions') }}

),

-- a waiver of an earlier month holds the issue as a whole against what was seen
issues as (

    select
        issue_id,
        sum(impact)::decimal(28, 4) as impact,
        list_sort(list_distinct(flatten(list(impact_columns)))) as impact_columns
    from findings
    group by issue_id

),

decisions as (

    select
        decisions.*,
        {{ impact_columns('decisions.seen_') }} as seen_columns,
        decisions.made_in = run.period as is_own,
        decisions.action = 'waive' as is_waiver,
        decisions.fate in ('made', 'withdrawn') as is_settled,
        run.period > decisions.until as is_past
    from {{ ref('stg_decisions') }} as decisions
    cross join {{ ref('stg_run') }} as run
    where
        decisions.action <> 'release'
        and (decisions.made_in = run.period or (decisions.made_in < run.period and decisions.action = 'waive'))

),

own as (

    select
        exception_id,
        arg_max(decision_id, seq) as decision_id,
        arg_max(fate, seq) = 'made' as counts
    from decisions
    where is_own and is_settled
    group by exception_id

),

earlier as (

    select
        issue_id,
        arg_max(decision_id, seq) as decision_id
    from decisions
    where not is_own and is_settled
    group by issue_id

),

met as (

    select
        decisions.*,
        findings.exception_id as met_exception_id,
        findings.impact as impact_now,
        findings.impact_columns as now_columns,
        coalesce(decisions.decision_id <> own.decision_id, true) as is_replaced,
        coalesce(
            findings.client_recoverable = decisions.seen_client_recoverable
            and findings.client_refund = decisions.seen_client_refund
            and findings.vendor_claim = decisions.seen_vendor_claim
            and findings.vendor_liability = decisions.seen_vendor_liability
            and findings.stranded = decisions.seen_stranded
            and findings.priced_at_cost = decisions.seen_priced_at_cost
            and coalesce(findings.currency, '') = coalesce(decisions.currency, ''), false
        ) as is_as_seen
    from decisions
    left join findings on decisions.exception_id = findings.exception_id
    left join own on decisions.exception_id = own.exception_id
    where decisions.is_own
    union all by name
    select
        decisions.*,
        findings.exception_id as met_exception_id,
        issues.impact as impact_now,
        issues.impact_columns as now_columns,
        coalesce(decisions.decision_id <> earlier.decision_id, true) or coalesce(own.counts, false) as is_replaced,
        false as is_as_seen
    from decisions
    cross join {{ ref('stg_run') }} as run
    left join findings on decisions.issue_id = findings.issue_id
    left join issues on decisions.issue_id = issues.issue_id
    left join earlier on decisions.issue_id = earlier.issue_id
    left join own on findings.exception_id = own.exception_id
    where
        not decisions.is_own
        -- it is told once more, as expired, in the month after its last, if its issue is there
        and (not decisions.is_past or (findings.exception_id is not null and {{ month_after('decisions.until') }} = run.period))

)

select
    met.decision_id,
    met.met_exception_id as exception_id,
    case
        when not met.is_settled or met.fate = 'withdrawn' then met.fate
        when met.is_past then 'expired'
        when met.is_replaced then 'replaced'
        when met.met_exception_id is null then case when met.is_waiver then 'in_force' else 'stale' end
        when not met.is_waiver then case when met.is_as_seen then 'in_force' else 'stale' end
        when
            met.impact_now <= coalesce(met.up_to, met.impact_seen)
            and (
                len(met.now_columns) = 0
                or (len(met.now_columns) = 1 and (len(met.seen_columns) = 0 or met.now_columns = met.seen_columns))
            )
            then 'in_force'
        else 'stale'
    end as state,
    met.action,
    met.impact_now
from met

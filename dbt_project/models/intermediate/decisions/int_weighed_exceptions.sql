-- Grain: one row per finding, with its money in the one column it belongs to and whether it would hold the client; decisions come
-- after it. Impacts are never netted: each finding has one direction (contract §5). issue_id is the same cause whatever the month,
-- impact the greatest of the five or, where the code's is a cost, that (§8.3).
with findings as (

    select {{ finding_columns() }}, explanation from {{ ref('int_client_sentences') }}
    union all by name
    select {{ finding_columns() }}, explanation from {{ ref('int_vendor_sentences') }}

),

evidenced as (

    -- what concerns a key as a whole stands on all its records
    select
        findings.*,
        coalesce(findings.record_ids, keys.record_ids, []) as evidence
    from findings
    -- the first condition says which findings; with it apart, DuckDB would compare every finding with every key
    left join {{ ref('int_key_evidence') }} as keys
        on
            case when findings.record_ids is null then findings.client_id end = keys.client_id
            and findings.product_code = keys.product_code

),

weighed as (

    -- a code that the list does not know has no severity, and the build stops there
    select
        evidenced.*,
        codes.severity,
        codes.blocks,
        codes.first_status,
        codes.impact as impact_kind,
        codes.cleared_when,
        case when codes.impact = 'client' then greatest(evidenced.signed_impact, 0) else 0 end as client_recoverable,
        case when codes.impact = 'client' then greatest(-evidenced.signed_impact, 0) else 0 end as client_refund,
        case when codes.impact = 'vendor' then greatest(evidenced.signed_impact, 0) else 0 end as vendor_claim,
        case when codes.impact = 'vendor' then greatest(-evidenced.signed_impact, 0) else 0 end as vendor_liability,
        case when codes.impact = 'stranded' then greatest(evidenced.signed_impact, 0) else 0 end as stranded,
        case when codes.impact = 'cost' then evidenced.signed_impact else 0 end as priced_at_cost
    from evidenced
    left join {{ ref('exception_codes') }} as codes on evidenced.exception_code = codes.exception_code

)

select
    {{ fingerprint([
        'run.msp_id', 'run.period', 'weighed.exception_code', 'weighed.client_id', 'weighed.product_code', 'weighed.source',
        'weighed.vendor_customer_id', 'weighed.sku_id', 'weighed.invoice_id', 'weighed.line_id', 'weighed.currency'
    ]) }} as exception_id,
    {{ fingerprint([
        'run.msp_id', 'weighed.exception_code', 'weighed.client_id', 'weighed.product_code', 'weighed.source',
        'weighed.vendor_customer_id', 'weighed.sku_id', 'weighed.currency'
    ]) }} as issue_id,
    weighed.exception_code,
    weighed.severity,
    case weighed.blocks
        when 'always' then true
        when 'impact'
            then
                coalesce(weighed.valued_at = 'none', false)
                or weighed.client_recoverable > run.materiality
                or weighed.client_refund > run.materiality
        else false
    end as would_block,
    weighed.first_status,
    weighed.client_id,
    weighed.product_code,
    weighed.source,
    weighed.vendor_customer_id,
    weighed.sku_id,
    weighed.invoice_id,
    weighed.line_id,
    weighed.currency,
    weighed.valued_at,
    weighed.client_recoverable::decimal(28, 4) as client_recoverable,
    weighed.client_refund::decimal(28, 4) as client_refund,
    weighed.vendor_claim::decimal(28, 4) as vendor_claim,
    weighed.vendor_liability::decimal(28, 4) as vendor_liability,
    weighed.stranded::decimal(28, 4) as stranded,
    weighed.priced_at_cost::decimal(28, 4) as priced_at_cost,
    case
        when weighed.impact_kind = 'cost' then weighed.priced_at_cost
        else
            greatest(
                weighed.client_recoverable, weighed.client_refund, weighed.vendor_claim, weighed.vendor_liability, weighed.stranded
            )
    end::decimal(28, 4) as impact,
    weighed.explanation
    || coalesce(' Cleared when ' || weighed.cleared_when || '.', '')
    || {{ records_text('weighed.evidence') }} as explanation,
    weighed.evidence
from weighed
cross join {{ ref('stg_run') }} as run

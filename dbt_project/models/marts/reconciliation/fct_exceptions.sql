-- Grain: one row per finding. Impacts are never netted: each finding has one direction (contract §5).
with client_side as (

    select
        findings.exception_code,
        findings.client_id,
        findings.product_code,
        findings.source,
        null::varchar as vendor_customer_id,
        null::varchar as sku_id,
        findings.invoice_id,
        findings.line_id,
        findings.currency,
        greatest(findings.signed_impact, 0) as client_recoverable,
        greatest(-findings.signed_impact, 0) as client_refund,
        0 as vendor_claim,
        0 as vendor_liability,
        0 as stranded,
        0 as priced_at_cost,
        coalesce(findings.valued_at = 'none', false) as is_unpriced,
        findings.explanation,
        case when findings.record_id is not null then [findings.record_id] else coalesce(evidence.record_ids, []) end as evidence
    from {{ ref('int_client_findings') }} as findings
    left join {{ ref('int_key_evidence') }} as evidence
        on
            findings.client_id = evidence.client_id
            and findings.product_code = evidence.product_code
            and findings.line_id is null

),

late as (

    select
        exception_code,
        client_id,
        product_code,
        source,
        vendor_customer_id,
        sku_id,
        invoice_id,
        line_id,
        currency,
        greatest(signed_impact, 0),
        greatest(-signed_impact, 0),
        0,
        0,
        0,
        0,
        false,
        explanation,
        record_ids
    from {{ ref('int_late_findings') }}

),

vendor_lines as (

    select
        exception_code,
        client_id,
        product_code,
        source,
        vendor_customer_id,
        sku_id,
        invoice_id,
        line_id,
        currency,
        0,
        0,
        greatest(vendor_impact, 0),
        greatest(-vendor_impact, 0),
        0,
        0,
        false,
        explanation,
        record_ids
    from {{ ref('int_vendor_line_findings') }}

),

counts as (

    select
        exception_code,
        client_id,
        product_code,
        source,
        vendor_customer_id,
        sku_id,
        null,
        null,
        currency,
        0,
        0,
        -- a unit cost below zero turns the direction: no impact is ever negative
        case exception_code
            when 'VENDOR_QUANTITY_OVER' then greatest(impact, 0) when 'VENDOR_QUANTITY_UNDER' then greatest(-impact, 0) else 0
        end,
        case exception_code
            when 'VENDOR_QUANTITY_UNDER' then greatest(impact, 0) when 'VENDOR_QUANTITY_OVER' then greatest(-impact, 0) else 0
        end,
        case when exception_code = 'UNUSED_LICENSES' then greatest(impact, 0) else 0 end,
        0,
        false,
        explanation,
        record_ids
    from {{ ref('int_count_findings') }}

),

mapping as (

    select
        exception_code,
        client_id,
        product_code,
        source,
        vendor_customer_id,
        sku_id,
        null,
        null,
        currency,
        0,
        0,
        0,
        0,
        0,
        priced_at_cost,
        false,
        explanation,
        record_ids
    from {{ ref('int_mapping_findings') }}

),

findings as (

    select * from client_side
    union all
    select * from late
    union all
    select * from vendor_lines
    union all
    select * from counts
    union all
    select * from mapping

)

select
    {{ fingerprint([
        'run.msp_id', 'run.period', 'findings.exception_code', 'findings.client_id', 'findings.product_code', 'findings.source',
        'findings.vendor_customer_id', 'findings.sku_id', 'findings.invoice_id', 'findings.line_id', 'findings.currency'
    ]) }} as exception_id,
    run.msp_id,
    run.period,
    findings.exception_code,
    codes.severity,
    codes.severity = 'error' and (
        findings.exception_code in ('CURRENCY_MISMATCH', 'SOLD_BELOW_COST')
        or findings.is_unpriced
        or findings.client_recoverable > run.materiality
        or findings.client_refund > run.materiality
    ) as blocking,
    case when findings.exception_code = 'ROUNDING' then 'auto_cleared' else 'open' end as status,
    findings.client_id,
    findings.product_code,
    findings.source,
    findings.vendor_customer_id,
    findings.sku_id,
    findings.invoice_id,
    findings.line_id,
    findings.currency,
    findings.client_recoverable::decimal(28, 4) as client_recoverable,
    findings.client_refund::decimal(28, 4) as client_refund,
    findings.vendor_claim::decimal(28, 4) as vendor_claim,
    findings.vendor_liability::decimal(28, 4) as vendor_liability,
    findings.stranded::decimal(28, 4) as stranded,
    findings.priced_at_cost::decimal(28, 4) as priced_at_cost,
    findings.explanation
    || coalesce(' Cleared when ' || codes.cleared_when || '.', '')
    || {{ records_text('findings.evidence') }} as explanation,
    findings.evidence
from findings
cross join {{ ref('stg_run') }} as run
inner join {{ ref('int_exception_codes') }} as codes on findings.exception_code = codes.exception_code

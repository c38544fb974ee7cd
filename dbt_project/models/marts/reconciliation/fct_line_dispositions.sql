-- Grain: one row per line landed in P, either leg: what became of it (contract §5.4, line dispositions). The first reason that fits.
with vendor_codes as (

    -- the codes a vendor line is reported under before its key is asked
    select
        findings.source,
        findings.invoice_id,
        findings.line_id,
        min_by(findings.exception_code, codes.code_order) as exception_code
    from {{ ref('int_vendor_line_findings') }} as findings
    inner join {{ ref('exception_codes') }} as codes on findings.exception_code = codes.exception_code
    where findings.exception_code in ('VENDOR_AMOUNT_MISMATCH', 'VENDOR_PRICE_CHANGE')
    group by findings.source, findings.invoice_id, findings.line_id

),

verdicts as (

    -- a matched key has nothing to say about its lines
    select client_id, product_code, verdict, first_code, volume_code
    from {{ ref('int_key_verdicts') }}
    where verdict <> 'matched'

),

vendor_lines as (

    select
        'vendor' as leg,
        lines.source,
        lines.invoice_id,
        lines.line_id,
        lines.client_id,
        lines.product_code,
        lines.amount,
        lines.currency,
        case
            when lines.is_duplicate then 'DUPLICATE_VENDOR_CHARGE'
            when not lines.is_reconciled_category then lines.charge_category
            when lines.is_future then 'future_period'
            when lines.exclusion is not null then lines.exclusion
            when lines.client_id is null then 'UNMAPPED_CUSTOMER'
            when lines.product_code is null then 'UNMAPPED_SKU'
            when
                lines.charge_category = 'recurring' and lines.charge_period_start < run.period_start and lines.overlap_days = 0
                then 'LATE_CHARGE'
            when lines.charge_category = 'usage' and rules.basis <> 'cost_plus' then 'USAGE_NOT_METERED'
            when vendor_codes.exception_code is not null then vendor_codes.exception_code
            when verdicts.verdict in ('unreconciled', 'unreconcilable') then verdicts.verdict
            else verdicts.first_code
        end as reason,
        not lines.is_duplicate and (not lines.is_reconciled_category or lines.is_future or lines.exclusion is not null) as is_excluded
    from {{ ref('int_vendor_lines') }} as lines
    cross join {{ ref('stg_run') }} as run
    left join {{ ref('int_product_rules') }} as rules on lines.product_code = rules.product_code
    left join vendor_codes
        on lines.source = vendor_codes.source and lines.invoice_id = vendor_codes.invoice_id and lines.line_id = vendor_codes.line_id
    left join verdicts on lines.client_id = verdicts.client_id and lines.product_code = verdicts.product_code
    where lines.is_landed_in_period

),

invoice_lines as (

    select
        'invoice' as leg,
        lines.source,
        lines.invoice_id,
        lines.invoice_line_id as line_id,
        lines.client_id,
        lines.product_code,
        lines.amount,
        lines.currency,
        case
            when lines.charge_category = 'one_time' then 'one_time'
            when lines.overlap_days = 0 then 'outside_period'
            when variances.exception_code <> 'ROUNDING' then variances.exception_code
            when verdicts.verdict in ('unreconciled', 'unreconcilable') then verdicts.verdict
            else verdicts.volume_code
        end as reason,
        lines.charge_category = 'one_time' or lines.overlap_days = 0 as is_excluded
    from {{ ref('int_invoice_lines') }} as lines
    left join {{ ref('int_invoice_line_variances') }} as variances
        on
            lines.source = variances.source
            and lines.invoice_id = variances.invoice_id
            and lines.invoice_line_id = variances.invoice_line_id
    left join verdicts on lines.client_id = verdicts.client_id and lines.product_code = verdicts.product_code
    where lines.is_landed_in_period

),

lines as (

    select * from vendor_lines
    union all
    select * from invoice_lines

)

select
    run.msp_id,
    run.period,
    lines.leg,
    lines.source,
    lines.invoice_id,
    lines.line_id,
    lines.client_id,
    lines.product_code,
    lines.amount::decimal(28, 12) as amount,
    lines.currency,
    case when lines.is_excluded then 'excluded' when lines.reason is not null then 'exception' else 'matched' end as disposition,
    lines.reason
from lines
cross join {{ ref('stg_run') }} as run

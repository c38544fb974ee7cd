-- Findings on single vendor lines landed in P (contract §5.3, vendor side): repeated, misadded, repriced.
-- signed_impact > 0 is our claim on the vendor, < 0 what the vendor under-billed. Of ignored lines only repeats are told (§2.2).
with lines as (

    select
        *,
        -- all in DECIMAL(38, 16): two scales in one comparison would be rounded to the shorter
        amount::decimal(38, 16) - (quantity::decimal(38, 6) * unit_cost)::decimal(38, 16) as overstatement
    from {{ ref('int_vendor_lines') }}
    where is_landed_in_period

),

duplicates as (

    select
        'DUPLICATE_VENDOR_CHARGE' as exception_code,
        lines.source,
        lines.invoice_id,
        lines.line_id,
        {{ round_amount('lines.amount', 'lines.minor_units') }} as vendor_impact,
        [lines.record_id, duplicates.first_record_id] as record_ids
    from lines
    inner join {{ ref('int_vendor_charge_duplicates') }} as duplicates
        on lines.source = duplicates.source and lines.invoice_id = duplicates.invoice_id and lines.line_id = duplicates.line_id

),

misadded as (

    select
        'VENDOR_AMOUNT_MISMATCH' as exception_code,
        lines.source,
        lines.invoice_id,
        lines.line_id,
        {{ round_amount('lines.overstatement', 'lines.minor_units') }} as vendor_impact,
        [lines.record_id] as record_ids
    from lines
    cross join {{ ref('stg_run') }} as run
    where
        not lines.is_duplicate and lines.exclusion is distinct from 'ignored'
        and lines.charge_category in ('recurring', 'one_time')
        and abs(lines.overstatement) > (run.rounding_tolerance * {{ minor_unit('lines.minor_units') }})::decimal(38, 16)

),

listed as (

    select
        lines.*,
        coalesce(exact_term.unit_cost, any_term.unit_cost) as list_cost
    from lines
    cross join {{ ref('stg_run') }} as run
    left join {{ ref('stg_cost_list') }} as exact_term
        on
            lines.source = exact_term.source and lines.sku_id = exact_term.sku_id and lines.currency = exact_term.currency
            and lines.term = exact_term.term
            and {{ valid_on('run.period_start', 'exact_term.valid_from', 'exact_term.valid_to') }}
    left join {{ ref('stg_cost_list') }} as any_term
        on
            lines.source = any_term.source and lines.sku_id = any_term.sku_id and lines.currency = any_term.currency
            and any_term.term is null
            and {{ valid_on('run.period_start', 'any_term.valid_from', 'any_term.valid_to') }}
    where
        not lines.is_duplicate and lines.exclusion is distinct from 'ignored' and lines.charge_category = 'recurring'
        and lines.charge_period_start = run.period_start and lines.charge_period_end = run.period_end

),

repriced as (

    select
        'VENDOR_PRICE_CHANGE' as exception_code,
        source,
        invoice_id,
        line_id,
        {{ round_amount('(quantity::decimal(38, 6) * (unit_cost - list_cost))', 'minor_units') }} as vendor_impact,
        [record_id] as record_ids,
        list_cost
    from listed
    where unit_cost <> list_cost

),

findings as (

    select exception_code, source, invoice_id, line_id, vendor_impact, record_ids, null as list_cost from duplicates
    union all by name
    select exception_code, source, invoice_id, line_id, vendor_impact, record_ids, null as list_cost from misadded
    union all by name
    select exception_code, source, invoice_id, line_id, vendor_impact, record_ids, list_cost from repriced

)

select
    findings.exception_code,
    lines.client_id,
    lines.product_code,
    findings.source,
    lines.vendor_customer_id,
    lines.sku_id,
    findings.invoice_id,
    findings.line_id,
    lines.currency,
    lines.minor_units,
    null::varchar as valued_at,
    findings.vendor_impact::decimal(28, 4) as signed_impact,
    findings.record_ids,
    lines.sku_name,
    lines.quantity,
    lines.unit_cost,
    lines.amount,
    lines.charge_period_start,
    lines.charge_period_end,
    findings.list_cost
from findings
inner join lines
    on findings.source = lines.source and findings.invoice_id = lines.invoice_id and findings.line_id = lines.line_id

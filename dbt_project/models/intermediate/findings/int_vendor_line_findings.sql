-- Findings on single vendor lines landed in P (contract §5, vendor side): repeated, misadded, repriced.
-- vendor_impact > 0 is our claim on the vendor, < 0 what the vendor under-billed.
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
        [lines.record_id, duplicates.first_record_id] as record_ids,
        'repeats line ' || duplicates.first_line_id || ' of bill ' || duplicates.first_invoice_id
        || ' in every detail, ' || {{ plain_number('lines.quantity') }} || ' x '
        || {{ price_text('lines.unit_cost', 'lines.minor_units') }} || ' from '
        || lines.charge_period_start || ' to ' || lines.charge_period_end
        || ' (exclusive). Ask the vendor to credit it, or for the proof that it is a second charge.' as sentence
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
        [lines.record_id] as record_ids,
        {{ plain_number('lines.quantity') }} || ' x ' || {{ price_text('lines.unit_cost', 'lines.minor_units') }} || ' does not give the '
        || {{ price_text('lines.amount', 'lines.minor_units') }} || ' billed. Ask the vendor to correct the line.' as sentence
    from lines
    cross join {{ ref('stg_run') }} as run
    where
        not lines.is_duplicate
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
        not lines.is_duplicate and lines.charge_category = 'recurring'
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
        {{ plain_number('quantity') }} || ' billed at ' || {{ price_text('unit_cost', 'minor_units') }} || ' each, the cost list says '
        || {{ price_text('list_cost', 'minor_units') }}
        || '. Claim the difference, or update cost_list.csv and the client''s price.' as sentence
    from listed
    where unit_cost <> list_cost

),

findings as (

    select * from duplicates
    union all
    select * from misadded
    union all
    select * from repriced

)

select
    findings.exception_code,
    findings.source,
    findings.invoice_id,
    findings.line_id,
    lines.vendor_customer_id,
    lines.sku_id,
    lines.client_id,
    lines.product_code,
    lines.currency,
    lines.minor_units,
    findings.vendor_impact::decimal(28, 4) as vendor_impact,
    findings.record_ids,
    findings.source || ' bill ' || findings.invoice_id || ', line ' || findings.line_id || ' (' || coalesce(lines.sku_name, lines.sku_id)
    || '): ' || findings.sentence || case when findings.vendor_impact < 0 then ' Under-billed: ' else ' To claim: ' end
    || {{ money_text('abs(findings.vendor_impact)', 'lines.minor_units') }} || ' ' || lines.currency || '.' as explanation
from findings
inner join lines
    on findings.source = lines.source and findings.invoice_id = lines.invoice_id and findings.line_id = lines.line_id

-- One row per vendor bill of P, and one per bill number and currency that lines name without such a bill
-- (contract §5.5, CONTROL_TOTAL_MISMATCH). Only for sources that declare vendor_invoices and whose datasets loaded clean.
with failed as (

    select distinct source, dataset
    from {{ ref('stg_load_controls') }}
    where not passed and dataset is not null

),

evaluated as (

    select bills.source
    from {{ ref('stg_declared_datasets') }} as bills
    inner join {{ ref('stg_declared_datasets') }} as charges on bills.source = charges.source and charges.dataset = 'vendor_charges'
    anti join failed on bills.source = failed.source and failed.dataset in ('vendor_invoices', 'vendor_charges')
    where bills.dataset = 'vendor_invoices'

),

bills as (

    select bills.*
    from {{ ref('stg_vendor_invoices') }} as bills
    semi join evaluated on bills.source = evaluated.source
    inner join {{ ref('stg_run') }} as run on bills.landed_period = run.period

),

lines as (

    -- repeats of a charge are part of what the vendor billed, so they count here; tax is not in the total
    select
        source,
        invoice_id,
        currency,
        count(*) as line_count,
        coalesce(sum(amount) filter (where charge_category <> 'tax'), 0) as amount
    from {{ ref('int_vendor_lines') }}
    where is_landed_in_period and source in (select evaluated.source from evaluated)
    group by source, invoice_id, currency

),

compared as (

    select
        coalesce(bills.source, lines.source) as source,
        coalesce(bills.invoice_id, lines.invoice_id) as invoice_id,
        coalesce(bills.currency, lines.currency) as currency,
        bills.invoice_id is not null as has_bill,
        lines.invoice_id is not null as has_lines,
        bills.invoice_total,
        lines.amount
    from bills
    full outer join lines
        on bills.source = lines.source and bills.invoice_id = lines.invoice_id and bills.currency = lines.currency

),

rounded as (

    select
        compared.*,
        compared.source in (
            select bills.source from bills where bills.invoice_id = compared.invoice_id
        ) as is_billed_in_another_currency,
        case when compared.has_bill then {{ round_amount('compared.invoice_total', 'currencies.minor_units') }} end as expected,
        case when compared.has_lines then {{ round_amount('compared.amount', 'currencies.minor_units') }} end as actual
    from compared
    inner join {{ ref('stg_currencies') }} as currencies on compared.currency = currencies.currency

)

select
    'CONTROL_TOTAL_MISMATCH' as control,
    source,
    'vendor_charges' as dataset,
    invoice_id || ' ' || currency as scope,
    coalesce(expected, 0)::decimal(38, 12) as expected,
    coalesce(actual, 0)::decimal(38, 12) as actual,
    coalesce(has_bill and has_lines and expected = actual, false) as passed,
    case
        when not has_lines then 'bill ' || invoice_id || ' has no lines in ' || currency || ': land its lines'
        when not has_bill and is_billed_in_another_currency
            then 'lines of bill ' || invoice_id || ' are in ' || currency || ', the bill is not: ask the vendor for a corrected export'
        when not has_bill then 'lines name bill ' || invoice_id || ', which is not landed in this period: land the bill'
        when expected <> actual
            then
                'the lines of bill ' || invoice_id || ' sum to ' || {{ plain_number('actual') }} || ' ' || currency || ', its total is '
                || {{ plain_number('expected') }} || ': land the missing or corrected lines'
        else 'the lines sum to the total of the bill'
    end as message
from rounded

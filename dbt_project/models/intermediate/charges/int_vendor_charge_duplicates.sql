-- One row per vendor line that repeats another line of its source (contract §5.3, DUPLICATE_VENDOR_CHARGE): everything but
-- invoice and line number is equal, and the other line comes first by landed period, invoice and line.
-- The hash only narrows the search; equality is decided on the columns themselves.
with charges as (

    select
        *,
        hash(
            source, vendor_customer_id, sku_id, subscription_id, charge_category, charge_type, term,
            quantity, unit_cost, amount, currency, charge_period_start, charge_period_end, detail
        ) as content_hash
    from {{ ref('stg_vendor_charges') }}

),

repeated as (

    select content_hash
    from charges
    group by content_hash
    having count(*) > 1

),

ranked as (

    select
        charges.source,
        charges.invoice_id,
        charges.line_id,
        row_number() over same_charge as occurrence,
        first_value(charges.record_id) over same_charge as first_record_id,
        first_value(charges.invoice_id) over same_charge as first_invoice_id,
        first_value(charges.line_id) over same_charge as first_line_id
    from charges
    semi join repeated on charges.content_hash = repeated.content_hash
    window same_charge as (
        partition by
            charges.source,
            charges.vendor_customer_id,
            charges.sku_id,
            charges.subscription_id,
            charges.charge_category,
            charges.charge_type,
            charges.term,
            charges.quantity,
            charges.unit_cost,
            charges.amount,
            charges.currency,
            charges.charge_period_start,
            charges.charge_period_end,
            charges.detail
        order by charges.landed_period, charges.invoice_id, charges.line_id
    )

)

select
    source,
    invoice_id,
    line_id,
    first_record_id,
    first_invoice_id,
    first_line_id
from ranked
where occurrence > 1

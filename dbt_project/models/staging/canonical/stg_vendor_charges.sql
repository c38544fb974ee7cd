-- One row per vendor line landed in P, or earlier and reaching into or repeated in P; unit_cost for the line's own charge period.
with source as (

    select * from {{ source('raw', 'vendor_charges') }}

)

select
    -- keys
    source,
    invoice_id,
    line_id,
    record_id,
    landed_period,

    -- who and what
    vendor_customer_id,
    vendor_customer_name,
    sku_id,
    sku_name,
    subscription_id,
    charge_category,
    charge_type,
    term,
    detail,

    -- quantities and money
    quantity,
    unit_cost,
    amount,
    currency,

    -- dates
    charge_period_start,
    charge_period_end
from source

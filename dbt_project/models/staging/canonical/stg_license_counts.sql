-- One row per landed count of a vendor customer, SKU and date; equal rows add up (contract §4).
with source as (

    select * from {{ source('raw', 'license_counts') }}

)

select
    source,
    vendor_customer_id,
    vendor_customer_name,
    sku_id,
    sku_name,
    as_of_date,
    entitled_quantity,
    assigned_quantity,
    record_id
from source

-- One row per product of the PSA as landed for P; default_unit_price per full month in the product's currency.
with source as (

    select * from {{ source('raw', 'products') }}

)

select
    product_code,
    product_name,
    vendor_backed as is_vendor_backed,
    default_unit_price,
    currency,
    source,
    record_id
from source

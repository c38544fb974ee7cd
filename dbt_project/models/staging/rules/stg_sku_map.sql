-- One row of sku_map.csv: which product a SKU (of a term) is, and how many units of it.
with source as (

    select * from {{ source('raw', 'sku_map') }}

)

select
    source,
    sku_id,
    term,
    product_code,
    units_per,
    valid_from,
    valid_to
from source

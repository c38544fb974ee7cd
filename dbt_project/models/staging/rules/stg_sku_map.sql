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

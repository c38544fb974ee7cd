-- One row of metering.csv per product: how it is counted, marked up and floored.
with source as (

    select * from {{ source('raw', 'metering') }}

)

select
    product_code,
    basis,
    minimum_quantity,
    markup_pct,
    margin_floor_pct,
    count_source
from source

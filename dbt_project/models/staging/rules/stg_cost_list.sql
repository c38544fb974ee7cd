with source as (

    select * from {{ source('raw', 'cost_list') }}

)

select
    source,
    sku_id,
    term,
    unit_cost,
    currency,
    valid_from,
    valid_to
from source

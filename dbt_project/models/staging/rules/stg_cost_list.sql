-- One row of cost_list.csv: what a SKU should cost per full month, from valid_from to before valid_to.
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

-- One row of sku_map.csv: which product a SKU (of a term) is, and how many units of it; or, where it is the word for none, the
-- reason under which its lines are excluded (contract §2.2).
with source as (

    select * from {{ source('raw', 'sku_map') }}

)

select
    source,
    sku_id,
    term,
    case when product_code not like '!%' then product_code end as product_code,
    case product_code when '!not_billed' then 'not_billed' end as exclusion,
    units_per,
    valid_from,
    valid_to
from source

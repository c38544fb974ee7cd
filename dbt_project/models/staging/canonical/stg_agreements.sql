-- One row per agreement line of the PSA as landed for P; price per full month, effective_end exclusive and empty where open.
with source as (

    select * from {{ source('raw', 'agreements') }}

)

select
    source,
    agreement_line_id,
    agreement_id,
    client_id,
    product_code,
    quantity,
    unit_price,
    currency,
    effective_start,
    effective_end,
    record_id
from source

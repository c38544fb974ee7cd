with source as (

    select * from {{ source('raw', 'client_map') }}

)

select
    source,
    vendor_customer_id,
    client_id,
    valid_from,
    valid_to
from source

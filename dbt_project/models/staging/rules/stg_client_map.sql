-- One row of client_map.csv: which client a vendor customer is, from valid_from to before valid_to.
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

-- One row per client (PSA company) as landed for P.
with source as (

    select * from {{ source('raw', 'clients') }}

)

select
    client_id,
    client_name,
    status,
    source,
    record_id
from source

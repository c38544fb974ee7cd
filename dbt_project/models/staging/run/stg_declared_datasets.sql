with source as (

    select * from {{ source('raw', 'declared_datasets') }}

)

select
    source,
    dataset,
    is_psa,
    connector
from source

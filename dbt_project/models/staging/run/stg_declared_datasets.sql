-- One row per dataset that a source declares in mbr.yml.
with source as (

    select * from {{ source('raw', 'declared_datasets') }}

)

select
    source,
    dataset,
    is_psa,
    connector
from source

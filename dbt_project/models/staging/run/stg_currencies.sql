with source as (

    select * from {{ source('raw', 'currencies') }}

)

select
    currency,
    minor_units
from source

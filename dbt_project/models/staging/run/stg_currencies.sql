-- One row per ISO 4217 currency: its minor units, 0 to 4.
with source as (

    select * from {{ source('raw', 'currencies') }}

)

select
    currency,
    minor_units
from source

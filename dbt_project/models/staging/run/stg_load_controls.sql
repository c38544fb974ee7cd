with source as (

    select * from {{ source('raw', 'load_controls') }}

)

select
    control,
    source,
    dataset,
    scope,
    expected,
    actual,
    passed,
    message
from source

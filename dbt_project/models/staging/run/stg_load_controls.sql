-- One row per control that loading evaluated on a declared dataset of P (contract §5.5, control codes).
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

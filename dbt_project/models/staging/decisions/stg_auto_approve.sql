-- One row per policy, exception code and currency: up to which impact exceptions of the code approve themselves (contract §8.2).
with source as (

    select * from {{ source('raw', 'auto_approve') }}

)

select
    rule,
    exception_code,
    currency,
    max_impact
from source

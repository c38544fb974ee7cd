-- One row of client_map.csv: which client a vendor customer is, from valid_from to before valid_to; or, where it is a word for
-- none, the reason under which its lines are excluded (contract §2.2).
with source as (

    select * from {{ source('raw', 'client_map') }}

)

select
    source,
    vendor_customer_id,
    case when client_id not like '!%' then client_id end as client_id,
    case client_id when '!internal' then 'internal' when '!ignore' then 'ignored' end as exclusion,
    valid_from,
    valid_to
from source

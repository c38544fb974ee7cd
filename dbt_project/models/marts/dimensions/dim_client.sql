-- Grain: one row per client that is landed, invoiced, agreed or mapped to; mapping_state says which vendor ids lead to it.
with named as (

    select client_id from {{ ref('stg_clients') }}
    union
    select client_id from {{ ref('stg_client_map') }} where client_id is not null
    union
    select client_id from {{ ref('int_keys') }}
    union
    select client_id from {{ ref('int_invoice_lines') }}

),

mapped as (

    select distinct client_id from {{ ref('stg_client_map') }}

)

select
    run.msp_id,
    run.period,
    named.client_id,
    clients.client_name,
    clients.status,
    clients.source,
    case
        when clients.client_id is null then 'not_landed'
        when mapped.client_id is null then 'unmapped'
        else 'mapped'
    end as mapping_state
from named
cross join {{ ref('stg_run') }} as run
left join {{ ref('stg_clients') }} as clients on named.client_id = clients.client_id
left join mapped on named.client_id = mapped.client_id

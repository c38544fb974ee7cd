-- One row per (source, customer, SKU, snapshot date in P): counts of one date summed, client and product, or the exclusion of
-- those that a `!` word maps (contract §2.2). Mapped on the snapshot's own date; snapshots have no term, so only rows of sku_map
-- without a term apply.
with summed as (

    select
        counts.source,
        counts.vendor_customer_id,
        counts.sku_id,
        counts.as_of_date,
        sum(counts.entitled_quantity) as entitled_quantity,
        case when count(*) = count(counts.assigned_quantity) then sum(counts.assigned_quantity) end as assigned_quantity,
        list(counts.record_id order by counts.record_id) as record_ids
    from {{ ref('stg_license_counts') }} as counts
    cross join {{ ref('stg_run') }} as run
    where counts.as_of_date >= run.period_start and counts.as_of_date < run.period_end
    group by counts.source, counts.vendor_customer_id, counts.sku_id, counts.as_of_date

),

mapped as (

    select
        summed.*,
        coalesce(clients.exclusion, skus.exclusion) as exclusion,
        clients.client_id,
        skus.product_code,
        skus.units_per
    from summed
    left join {{ ref('stg_client_map') }} as clients
        on
            summed.source = clients.source
            and summed.vendor_customer_id = clients.vendor_customer_id
            and {{ valid_on('summed.as_of_date', 'clients.valid_from', 'clients.valid_to') }}
    left join {{ ref('stg_sku_map') }} as skus
        on
            summed.source = skus.source
            and summed.sku_id = skus.sku_id
            and skus.term is null
            and {{ valid_on('summed.as_of_date', 'skus.valid_from', 'skus.valid_to') }}

)

select
    mapped.source,
    mapped.vendor_customer_id,
    mapped.sku_id,
    mapped.as_of_date,
    mapped.entitled_quantity,
    mapped.assigned_quantity,
    mapped.record_ids,
    mapped.exclusion,
    case when mapped.exclusion is null then mapped.client_id end as client_id,
    case when mapped.exclusion is null then mapped.product_code end as product_code,
    case when mapped.exclusion is null then mapped.units_per end as units_per,
    mapped.exclusion is null and mapped.client_id is not null and mapped.product_code is not null as is_mapped
from mapped

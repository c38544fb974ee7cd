-- One row per (source, customer, SKU, snapshot date in P): counts of one date summed, held days, client and product.
-- Mapped on the snapshot's own date; snapshots have no term, so only rows of sku_map without a term apply.
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

)

select
    summed.source,
    summed.vendor_customer_id,
    summed.sku_id,
    summed.as_of_date,
    summed.entitled_quantity,
    summed.assigned_quantity,
    summed.record_ids,
    days.days_held,
    days.is_last,
    clients.client_id,
    skus.product_code,
    skus.units_per,
    clients.client_id is not null and skus.product_code is not null as is_mapped
from summed
inner join {{ ref('int_snapshot_days') }} as days
    on
        summed.source = days.source
        and summed.vendor_customer_id = days.vendor_customer_id
        and summed.as_of_date = days.as_of_date
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

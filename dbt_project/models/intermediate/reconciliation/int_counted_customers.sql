-- One row per (client, product) for which every vendor customer in the product's counting sources has a snapshot date in P:
-- a SKU absent there was counted as 0, so its absence is a fact and not a gap (contract §4.9, unreconcilable). Asked only where the
-- basis is a count: of a large map, the other products would be most of the rows.
with counting_sources as (

    select distinct
        skus.product_code,
        skus.source
    from {{ ref('stg_sku_map') }} as skus
    inner join {{ ref('stg_declared_datasets') }} as declared
        on skus.source = declared.source and declared.dataset = 'license_counts'
    inner join {{ ref('int_product_rules') }} as rules on skus.product_code = rules.product_code
    where rules.basis in ('entitled', 'assigned') and (rules.count_source is null or rules.count_source = skus.source)

),

customers as (

    select
        clients.client_id,
        counting_sources.product_code,
        clients.source,
        clients.vendor_customer_id
    from {{ ref('stg_client_map') }} as clients
    inner join counting_sources on clients.source = counting_sources.source
    cross join {{ ref('stg_run') }} as run
    where {{ valid_on('run.period_start', 'clients.valid_from', 'clients.valid_to') }}

)

select
    customers.client_id,
    customers.product_code
from customers
left join (select distinct source, vendor_customer_id from {{ ref('int_snapshot_days') }}) as counted
    on customers.source = counted.source and customers.vendor_customer_id = counted.vendor_customer_id
group by customers.client_id, customers.product_code
having count(*) = count(counted.source)

-- One row per key of which nothing can be compared before something is mapped (contract §4.9, map first), with what it lacks: no
-- vendor's record counts for it, and either no SKU is mapped to its product (sku_map), or its client is no customer of the
-- sources that sell the product, while one of these has customers without a client (client_map).
with needed as (

    {{ needed_datasets() }}

),

product_sources as (

    -- the sources that could supply the product: they deliver what its basis needs, and a SKU of theirs is mapped to it in P
    select distinct
        skus.product_code,
        skus.source
    from {{ ref('stg_sku_map') }} as skus
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('int_product_rules') }} as rules on skus.product_code = rules.product_code
    inner join needed on rules.basis = needed.basis
    inner join {{ ref('stg_declared_datasets') }} as declared
        on skus.source = declared.source and needed.dataset = declared.dataset
    where {{ holds_within('skus.valid_from', 'skus.valid_to', 'run.period_start', 'run.period_end') }}

),

product_clients as (

    select distinct
        product_sources.product_code,
        clients.client_id
    from product_sources
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('stg_client_map') }} as clients on product_sources.source = clients.source
    where
        clients.client_id is not null
        and {{ holds_within('clients.valid_from', 'clients.valid_to', 'run.period_start', 'run.period_end') }}

),

waiting as (

    select distinct source
    from {{ ref('int_mapping_findings') }}
    where exception_code = 'UNMAPPED_CUSTOMER'

),

products as (

    select
        product_sources.product_code,
        bool_or(waiting.source is not null) as has_unmapped_customers
    from product_sources
    left join waiting on product_sources.source = waiting.source
    group by product_sources.product_code

),

unsupplied as (

    select
        keys.client_id,
        keys.product_code
    from {{ ref('int_keys') }} as keys
    inner join {{ ref('int_product_rules') }} as rules on keys.product_code = rules.product_code
    anti join {{ ref('int_key_vendor_charges') }} as charges
        on keys.client_id = charges.client_id and keys.product_code = charges.product_code
    anti join {{ ref('int_snapshot_lines') }} as counts
        on counts.is_mapped and keys.client_id = counts.client_id and keys.product_code = counts.product_code
    where keys.exists_in_period and rules.basis <> 'agreement'

),

judged as (

    select
        unsupplied.client_id,
        unsupplied.product_code,
        case
            when products.product_code is null then 'sku_map'
            when products.has_unmapped_customers and product_clients.client_id is null then 'client_map'
        end as lacks
    from unsupplied
    left join products on unsupplied.product_code = products.product_code
    left join product_clients
        on unsupplied.client_id = product_clients.client_id and unsupplied.product_code = product_clients.product_code

)

select
    client_id,
    product_code,
    lacks
from judged
where lacks is not null

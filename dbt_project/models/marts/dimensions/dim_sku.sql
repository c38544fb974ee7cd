-- Grain: one row per source, SKU and term that a bill, a licence count or the map names in P.
with named as (

    select source, sku_id, term, max(sku_name) as sku_name
    from {{ ref('int_vendor_lines') }}
    group by source, sku_id, term
    union all
    select distinct counts.source, counts.sku_id, null, null
    from {{ ref('int_snapshot_lines') }} as counts
    anti join {{ ref('int_vendor_lines') }} as lines
        on counts.source = lines.source and counts.sku_id = lines.sku_id and lines.term is null

),

skus as (

    select source, sku_id, term, max(sku_name) as sku_name
    from named
    group by source, sku_id, term

),

mapped as (

    select
        skus.source,
        skus.sku_id,
        skus.term,
        -- the row of the exact term wins whatever it says
        arg_max(struct_pack(product_code := map.product_code, exclusion := map.exclusion), map.term is not null) as target
    from skus
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('stg_sku_map') }} as map
        on
            skus.source = map.source
            and skus.sku_id = map.sku_id
            and (map.term is null or skus.term = map.term)
            and {{ valid_on('run.period_last_day', 'map.valid_from', 'map.valid_to') }}
    group by skus.source, skus.sku_id, skus.term

)

select
    run.msp_id,
    run.period,
    skus.source,
    skus.sku_id,
    skus.term,
    skus.sku_name,
    mapped.target['product_code'] as product_code,
    case when mapped.target is null then 'unmapped' else coalesce(mapped.target['exclusion'], 'mapped') end as mapping_state
from skus
cross join {{ ref('stg_run') }} as run
left join mapped
    on skus.source = mapped.source and skus.sku_id = mapped.sku_id and skus.term is not distinct from mapped.term

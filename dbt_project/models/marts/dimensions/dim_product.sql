-- Grain: one row per product that any leg, map or rule names, with the rule it is counted by.
with mapped as (

    select distinct product_code from {{ ref('stg_sku_map') }}

)

select
    run.msp_id,
    run.period,
    rules.product_code,
    rules.product_name,
    rules.is_vendor_backed as vendor_backed,
    rules.default_unit_price::decimal(28, 10) as default_unit_price,
    rules.list_currency as currency,
    rules.basis,
    rules.minimum_quantity,
    rules.markup_pct,
    rules.margin_floor_pct,
    rules.count_source,
    case
        when not rules.is_landed then 'not_landed'
        when mapped.product_code is null then 'unmapped'
        else 'mapped'
    end as mapping_state
from {{ ref('int_product_rules') }} as rules
cross join {{ ref('stg_run') }} as run
left join mapped on rules.product_code = mapped.product_code

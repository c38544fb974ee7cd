-- One row per product that any leg, map or rule names: how it is counted, and what it is listed at.
-- A product that is not landed is taken as vendor-backed, the default of contract §3, and has no list price.
with named as (

    select product_code from {{ ref('stg_products') }}
    union
    select product_code from {{ ref('stg_metering') }}
    union
    select product_code from {{ ref('stg_sku_map') }} where exclusion is null
    union
    select product_code from {{ ref('stg_agreements') }}
    union
    select product_code from {{ ref('stg_invoice_lines') }}

)

select
    named.product_code,
    products.product_name,
    coalesce(products.is_vendor_backed, true) as is_vendor_backed,
    coalesce(
        metering.basis,
        case when coalesce(products.is_vendor_backed, true) then 'vendor_billed' else 'agreement' end
    ) as basis,
    coalesce(metering.minimum_quantity, 0)::decimal(18, 6) as minimum_quantity,
    coalesce(metering.markup_pct, 0)::decimal(18, 6) as markup_pct,
    metering.margin_floor_pct,
    metering.count_source,
    products.default_unit_price,
    products.currency as list_currency,
    products.product_code is not null as is_landed
from named
left join {{ ref('stg_products') }} as products on named.product_code = products.product_code
left join {{ ref('stg_metering') }} as metering on named.product_code = metering.product_code

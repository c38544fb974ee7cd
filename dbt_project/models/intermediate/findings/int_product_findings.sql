-- One row per product that is sold while no SKU is mapped to it (contract §5.3, UNMAPPED_PRODUCT): its keys wait for the map, and
-- whoever keeps it says whether a vendor supplies it. It carries no money: nothing was compared.
with keys as (

    select client_id, product_code
    from {{ ref('int_map_first') }}
    where lacks = 'sku_map'

),

records as (

    select lines.client_id, lines.product_code, lines.record_id, true as is_invoiced
    from {{ ref('int_invoice_lines') }} as lines
    semi join keys on lines.client_id = keys.client_id and lines.product_code = keys.product_code
    where lines.is_reconciled
    union all
    select lines.client_id, lines.product_code, lines.record_id, false
    from {{ ref('int_agreement_lines') }} as lines
    semi join keys on lines.client_id = keys.client_id and lines.product_code = keys.product_code
    where lines.is_active_in_period

)

select
    'UNMAPPED_PRODUCT' as exception_code,
    null::varchar as client_id,
    product_code,
    null::varchar as source,
    null::varchar as vendor_customer_id,
    null::varchar as sku_id,
    null::varchar as invoice_id,
    null::varchar as line_id,
    null::varchar as currency,
    2 as minor_units,
    null::varchar as valued_at,
    0::decimal(28, 4) as signed_impact,
    list(record_id order by record_id) as record_ids,
    count(distinct client_id) as client_count,
    count(*) filter (where is_invoiced) as invoice_line_count,
    count(*) filter (where not is_invoiced) as agreement_line_count
from records
group by product_code

-- One row per key that is billed otherwise than it is counted, and has recurring vendor lines covering P's last day: what the vendors
-- bill for it that day (billed_units, in 10^-12), which of them do, and the line whose cost speaks for a unit of it: the latest with a
-- unit cost above zero (contract §5.3). Most keys are billed as they are counted, and nobody asks this of them.
with named as (

    -- whoever a SKU that differs is mapped to, by the bill or by the count
    select lines.source, lines.vendor_customer_id, lines.sku_id, lines.client_id, lines.product_code
    from {{ ref('int_vendor_lines') }} as lines
    semi join {{ ref('int_count_differences') }} as found
        on lines.source = found.source and lines.vendor_customer_id = found.vendor_customer_id and lines.sku_id = found.sku_id
    union
    select lines.source, lines.vendor_customer_id, lines.sku_id, lines.client_id, lines.product_code
    from {{ ref('int_snapshot_lines') }} as lines
    semi join {{ ref('int_count_differences') }} as found
        on lines.source = found.source and lines.vendor_customer_id = found.vendor_customer_id and lines.sku_id = found.sku_id

),

differing as (

    select charges.client_id, charges.product_code
    from {{ ref('int_key_vendor_charges') }} as charges
    inner join {{ ref('int_key_entitlements') }} as counts
        on charges.client_id = counts.client_id and charges.product_code = counts.product_code
    where charges.last_day_quantity <> counts.entitled_quantity
    union
    select clients.client_id, products.product_code
    from named as clients
    inner join named as products
        on
            clients.source = products.source
            and clients.vendor_customer_id = products.vendor_customer_id
            and clients.sku_id = products.sku_id

),

covering as (

    select
        lines.client_id,
        lines.product_code,
        sum({{ scaled('lines.quantity', 6) }} * {{ scaled('lines.units_per', 6) }})::hugeint as billed_units,
        list(distinct lines.source order by lines.source) as sources,
        -- a trial's line says nothing about the price
        arg_max(
            struct_pack(
                source := lines.source,
                record_id := lines.record_id,
                unit_cost := lines.unit_cost,
                charge_days := lines.charge_days,
                units_per := lines.units_per,
                currency := lines.currency
            ),
            (lines.charge_period_start, lines.source, lines.invoice_id, lines.line_id)
        ) filter (where lines.unit_cost > 0) as priced
    from {{ ref('int_vendor_lines') }} as lines
    semi join differing on lines.client_id = differing.client_id and lines.product_code = differing.product_code
    where lines.charge_category = 'recurring' and lines.covers_last_day and not lines.is_duplicate
    group by lines.client_id, lines.product_code

)

select
    client_id,
    product_code,
    billed_units,
    sources,
    priced['source'] as cost_source,
    priced['record_id'] as cost_record_id,
    priced['unit_cost'] as unit_cost,
    priced['charge_days'] as charge_days,
    priced['units_per'] as units_per,
    priced['currency'] as currency
from covering

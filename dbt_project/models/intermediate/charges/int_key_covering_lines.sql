-- One row per key with recurring vendor lines covering P's last day: what the vendors bill for it that day (billed_units, in 10^-12),
-- which of them do, and the line whose cost speaks for a unit of it: the latest with a unit cost above zero (contract §5.3).
with covering as (

    select
        client_id,
        product_code,
        sum({{ scaled('quantity', 6) }} * {{ scaled('units_per', 6) }})::hugeint as billed_units,
        list(distinct source order by source) as sources,
        -- a trial's line says nothing about the price
        arg_max(
            struct_pack(
                source := source,
                record_id := record_id,
                unit_cost := unit_cost,
                charge_days := charge_days,
                units_per := units_per,
                currency := currency
            ),
            (charge_period_start, source, invoice_id, line_id)
        ) filter (where unit_cost > 0) as priced
    from {{ ref('int_vendor_lines') }}
    where is_mapped and charge_category = 'recurring' and covers_last_day and not is_duplicate
    group by client_id, product_code

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

-- One row per key with recurring vendor lines in P at a unit cost of 0: what may be a trial, which the client is not billed for either
-- (contract §5.2). unit_days in units of 10^-12.
select
    client_id,
    product_code,
    sum({{ scaled('quantity', 6) }} * {{ scaled('units_per', 6) }} * overlap_days)::hugeint as unit_days,
    list(
        source || ' bill ' || invoice_id || ', line ' || line_id || ' (SKU ' || sku_id || ')' order by source, invoice_id, line_id
    ) as line_texts
from {{ ref('int_vendor_lines') }}
where is_mapped and charge_category = 'recurring' and unit_cost = 0 and overlap_days > 0 and not is_duplicate
group by client_id, product_code
having unit_days > 0

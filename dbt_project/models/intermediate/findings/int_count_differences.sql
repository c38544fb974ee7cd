-- One row per (source, customer, SKU) whose bill and licence count differ, or of which licences are unassigned (contract §5.3), in the
-- vendor's own quantities: the bill on P's last day, the count on the last snapshot date. What is the case is asked of these alone.
with counted as (

    select
        lines.source,
        lines.vendor_customer_id,
        lines.sku_id,
        coalesce(sum(lines.entitled_quantity) filter (where lines.is_last), 0) as entitled_quantity,
        sum(lines.assigned_quantity) filter (where lines.is_last) as assigned_quantity
    from {{ ref('int_snapshot_lines') }} as lines
    -- counts that failed a control say nothing
    anti join {{ ref('int_failed_datasets') }} as failed on lines.source = failed.source and failed.dataset = 'license_counts'
    where lines.exclusion is distinct from 'ignored'
    group by lines.source, lines.vendor_customer_id, lines.sku_id

),

billed as (

    select
        source,
        vendor_customer_id,
        sku_id,
        coalesce(sum(quantity) filter (where covers_last_day), 0) as billed_quantity
    from {{ ref('int_vendor_lines') }}
    where charge_category = 'recurring' and overlap_days > 0 and not is_duplicate and exclusion is distinct from 'ignored'
    group by source, vendor_customer_id, sku_id

)

select
    counted.source,
    counted.vendor_customer_id,
    counted.sku_id,
    billed.source is not null as is_billed,
    billed.billed_quantity,
    counted.entitled_quantity,
    counted.assigned_quantity
from counted
left join billed
    on
        counted.source = billed.source
        and counted.vendor_customer_id = billed.vendor_customer_id
        and counted.sku_id = billed.sku_id
where
    billed.billed_quantity <> counted.entitled_quantity
    or counted.entitled_quantity > counted.assigned_quantity

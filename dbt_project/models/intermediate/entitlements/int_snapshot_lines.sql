-- One row per (source, customer, SKU, snapshot date in P): the count and the days it holds.
with last_dates as (

    -- of a SKU that is excluded throughout, its customer's dates are not asked for a key: all but ignored ones speak
    select
        source,
        vendor_customer_id,
        max(as_of_date) filter (where exclusion is null) as last_snapshot_date,
        max(as_of_date) filter (where exclusion is distinct from 'ignored') as last_count_date
    from {{ ref('int_snapshot_counts') }}
    group by source, vendor_customer_id

),

excluded as (

    select distinct source, vendor_customer_id, sku_id
    from {{ ref('int_snapshot_counts') }}
    where exclusion is not null

),

excluded_throughout as (

    select
        counts.source,
        counts.vendor_customer_id,
        counts.sku_id
    from {{ ref('int_snapshot_counts') }} as counts
    semi join excluded
        on
            counts.source = excluded.source
            and counts.vendor_customer_id = excluded.vendor_customer_id
            and counts.sku_id = excluded.sku_id
    group by counts.source, counts.vendor_customer_id, counts.sku_id
    having count(counts.exclusion) = count(*)

)

select
    counts.source,
    counts.vendor_customer_id,
    counts.sku_id,
    counts.as_of_date,
    counts.entitled_quantity,
    counts.assigned_quantity,
    counts.record_ids,
    coalesce(days.days_held, 0)::integer as days_held,
    coalesce(
        counts.as_of_date = case when skus.sku_id is null then last_dates.last_snapshot_date else last_dates.last_count_date end, false
    ) as is_last,
    counts.exclusion,
    counts.client_id,
    counts.product_code,
    counts.units_per,
    counts.is_mapped
from {{ ref('int_snapshot_counts') }} as counts
inner join last_dates on counts.source = last_dates.source and counts.vendor_customer_id = last_dates.vendor_customer_id
left join excluded_throughout as skus
    on counts.source = skus.source and counts.vendor_customer_id = skus.vendor_customer_id and counts.sku_id = skus.sku_id
left join {{ ref('int_snapshot_days') }} as days
    on
        counts.source = days.source
        and counts.vendor_customer_id = days.vendor_customer_id
        and counts.as_of_date = days.as_of_date

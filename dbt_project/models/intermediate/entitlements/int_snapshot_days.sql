-- One row per (source, customer, snapshot date in P): the days for which that snapshot holds (contract §4.3, entitled).
-- From its date to the next one's; the first also back to P's start, the last to P's end. Dates of nothing but excluded rows
-- are no snapshot dates (§2.2).
with dates as (

    select distinct
        counts.source,
        counts.vendor_customer_id,
        counts.as_of_date,
        run.period_start,
        run.period_end
    from {{ ref('int_snapshot_counts') }} as counts
    cross join {{ ref('stg_run') }} as run
    where counts.exclusion is null

),

neighbours as (

    select
        *,
        lag(as_of_date) over by_customer as previous_date,
        lead(as_of_date) over by_customer as next_date
    from dates
    window by_customer as (partition by source, vendor_customer_id order by as_of_date)

)

select
    source,
    vendor_customer_id,
    as_of_date,
    next_date is null as is_last,
    (
        coalesce(next_date, period_end)
        - case when previous_date is null then period_start else as_of_date end
    )::integer as days_held
from neighbours

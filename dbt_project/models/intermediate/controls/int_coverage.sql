-- One row per currency: how much of the recurring and usage money landed in P is fully mapped (contract §2.3, min_coverage_pct).
with lines as (

    select
        currency,
        amount,
        is_mapped or exclusion is not null as is_mapped
    from {{ ref('int_vendor_lines') }}
    where is_landed_in_period and is_reconciled_category and not is_duplicate and not is_future

),

sums as (

    select
        currency,
        coalesce(sum(amount) filter (where is_mapped), 0)::decimal(38, 12) as mapped_amount,
        sum(amount)::decimal(38, 12) as total_amount
    from lines
    group by currency

)

select
    sums.currency,
    sums.mapped_amount,
    sums.total_amount,
    -- shown, never decided on: four places, and at most ten million million percent, whatever cancels out in the total
    case
        when sums.total_amount <> 0
            then
                {{ unscaled(
                    'greatest(-100000000000000000, least(100000000000000000, ' ~ half_up(
                        scaled('sums.mapped_amount', 12) ~ ' * 1000000 * (case when sums.total_amount < 0 then -1 else 1 end)',
                        'abs(' ~ scaled('sums.total_amount', 12) ~ ')'
                    ) ~ '))', 4, 18
                ) }}
    end as coverage_pct,
    case
        when sums.total_amount > 0
            then
                {{ scaled('sums.mapped_amount', 12) }} * 1000000
                >= {{ scaled('run.min_coverage_pct', 4) }} * {{ scaled('sums.total_amount', 12) }}
        when sums.total_amount < 0
            then
                {{ scaled('sums.mapped_amount', 12) }} * 1000000
                <= {{ scaled('run.min_coverage_pct', 4) }} * {{ scaled('sums.total_amount', 12) }}
        else true
    end as is_sufficient
from sums
cross join {{ ref('stg_run') }} as run

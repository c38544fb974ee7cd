-- One row per agreement line of the PSA as landed for P, with its days in P. Lines that start when they end are never in force.
select
    agreements.source,
    agreements.agreement_line_id,
    agreements.agreement_id,
    agreements.client_id,
    agreements.product_code,
    agreements.quantity,
    agreements.unit_price,
    agreements.currency,
    agreements.effective_start,
    agreements.effective_end,
    agreements.record_id,
    {{ overlap_days('agreements.effective_start', 'agreements.effective_end', 'run.period_start', 'run.period_end') }}
        as overlap_days,
    overlap_days > 0 as is_active_in_period,
    agreements.effective_start <= run.period_last_day
    and coalesce(agreements.effective_end > run.period_last_day, true) as covers_last_day,
    agreements.effective_end <= run.period_start as is_ended_before_period,
    -- the last day, up to P's last, on which the line was in force; null where it starts after P
    case
        when agreements.effective_start <= run.period_last_day
            then least(coalesce(agreements.effective_end - 1, run.period_last_day), run.period_last_day)
    end as last_day_in_force
from {{ ref('stg_agreements') }} as agreements
cross join {{ ref('stg_run') }} as run
where agreements.effective_end is null or agreements.effective_end > agreements.effective_start

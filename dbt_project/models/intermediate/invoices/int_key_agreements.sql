-- One row per key with agreement lines: what the agreements say for P. Unit-days and quantities in units of 10^-12.
select
    client_id,
    product_code,
    sum({{ scaled('quantity', 6) }} * {{ power_of_ten(6) }} * overlap_days)::hugeint as agreement_unit_days,
    coalesce(sum({{ scaled('quantity', 6) }} * {{ power_of_ten(6) }}) filter (where covers_last_day), 0)::hugeint
        as last_day_quantity,
    count(*) filter (where is_active_in_period) as active_line_count,
    min(currency) filter (where is_active_in_period) as first_active_currency,
    max(currency) filter (where is_active_in_period) as last_active_currency,
    count(*) filter (where is_ended_before_period) as ended_line_count,
    arg_max(agreement_line_id, (effective_start, agreement_line_id)) filter (where covers_last_day) as active_agreement_line_id,
    arg_max(currency, (effective_end, effective_start, agreement_line_id, source)) filter (where is_ended_before_period)
        as last_ended_currency
from {{ ref('int_agreement_lines') }}
group by client_id, product_code

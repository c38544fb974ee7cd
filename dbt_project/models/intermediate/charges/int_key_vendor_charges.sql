-- One row per key with mapped recurring or usage vendor lines that count in P (contract §4): what the vendors bill for it.
-- vendor_unit_days in units of 10^-12 (quantity x units_per x days), quantities likewise.
-- Costs are summed only where all lines carry one currency.
with counted as (

    select
        *,
        {{ scaled('quantity', 6) }} * {{ scaled('units_per', 6) }} as units
    from {{ ref('int_vendor_lines') }}
    where is_mapped and is_reconciled_category and counts_in_period and not is_duplicate

)

select
    client_id,
    product_code,
    coalesce(sum(units * overlap_days) filter (where charge_category = 'recurring'), 0)::hugeint as vendor_unit_days,
    coalesce(sum(units) filter (where charge_category = 'recurring' and covers_last_day), 0)::hugeint as last_day_quantity,
    count(distinct currency) as currency_count,
    min(currency) as first_currency,
    case when count(distinct currency) = 1 then sum(effective_cost) end as effective_cost,
    count(*) filter (where charge_category = 'recurring') as recurring_line_count,
    count(distinct currency) filter (where charge_category = 'recurring') as recurring_currency_count,
    min(currency) filter (where charge_category = 'recurring') as first_recurring_currency,
    case
        when count(distinct currency) filter (where charge_category = 'recurring') = 1
            then sum(effective_cost) filter (where charge_category = 'recurring')
    end as recurring_effective_cost
from counted
group by client_id, product_code

-- One row per key with mapped recurring or usage vendor lines that count in P (contract §4): what the vendors bill for it.
-- vendor_unit_days in units of 10^-12 (quantity x units_per x days), quantities likewise.
-- Costs are summed only where all lines carry one currency.
with counted as (

    select
        *,
        {{ scaled('quantity', 6) }} * {{ scaled('units_per', 6) }} as units
    from {{ ref('int_vendor_lines') }}
    where is_mapped and is_reconciled_category and counts_in_period and not is_duplicate

),

summed as (

    select
        client_id,
        product_code,
        coalesce(sum(units * overlap_days) filter (where charge_category = 'recurring'), 0)::hugeint as vendor_unit_days,
        coalesce(sum(units) filter (where charge_category = 'recurring' and covers_last_day), 0)::hugeint as last_day_quantity,
        min(source) as first_source,
        max(source) as last_source,
        min(currency) as first_currency,
        max(currency) as last_currency,
        max(minor_units) as minor_units,
        sum(effective_cost) as effective_cost,
        min(currency) filter (where charge_category = 'recurring') as first_recurring_currency,
        max(currency) filter (where charge_category = 'recurring') as last_recurring_currency,
        sum(effective_cost) filter (where charge_category = 'recurring') as recurring_effective_cost
    from counted
    group by client_id, product_code

)

select
    client_id,
    product_code,
    vendor_unit_days,
    last_day_quantity,
    first_source,
    last_source,
    first_currency,
    -- 2 stands for several: that is all that matters, and far cheaper to see than how many
    case when first_currency = last_currency then 1 else 2 end as currency_count,
    case when first_currency = last_currency then effective_cost end as effective_cost,
    case when first_currency = last_currency then {{ round_amount('effective_cost', 'minor_units', 12) }} end as rounded_cost,
    first_recurring_currency,
    case when first_recurring_currency is null then 0 when first_recurring_currency = last_recurring_currency then 1 else 2 end
        as recurring_currency_count,
    case when first_recurring_currency = last_recurring_currency then recurring_effective_cost end as recurring_effective_cost
from summed

-- One row per key in P with all that its legs say, its volume variance, signed (> 0: the client should be billed more), and how it is
-- valued (contract §4). Nothing of a key that is not compared is valued.
with valued as (

    select
        prices.*,
        rules.markup_pct,
        case
            when not prices.is_compared or prices.basis = 'cost_plus' then null
            when prices.price_source is not null then prices.price_source
            when
                prices.expected_unit_days > prices.invoiced_unit_days
                and prices.invoiced_unit_days = 0
                and prices.recurring_currency_count = 1
                and prices.first_recurring_currency = prices.currency
                then 'cost'
            else 'none'
        end as valued_at
    from {{ ref('int_key_prices') }} as prices
    inner join {{ ref('int_product_rules') }} as rules on prices.product_code = rules.product_code

)

select
    client_id,
    product_code,
    basis,
    currency,
    minor_units,
    is_compared,
    is_currency_mismatch,
    expected_unit_days,
    expected_quantity,
    vendor_unit_days,
    has_charges,
    first_source,
    last_source,
    first_cost_currency,
    cost_currency_count,
    effective_cost,
    rounded_cost,
    has_invoice_line,
    first_invoice_currency,
    is_invoiced_in_several,
    invoiced_unit_days,
    invoiced_quantity,
    invoiced_amount,
    agreement_quantity,
    has_active_agreement,
    has_ended_agreement,
    active_agreement_line_id,
    entitled_quantity,
    assigned_quantity,
    valued_at,
    case when is_compared then unit_price end as unit_price,
    (case
        when not is_compared then null
        when basis = 'cost_plus'
            then
                {{ round_money(
                    scaled('coalesce(effective_cost, 0)::decimal(38, 12)', 12) ~ ' * ' ~ scaled('(100 + markup_pct)', 6), '100', 18,
                    'minor_units'
                ) }} - invoiced_amount
        when expected_unit_days = invoiced_unit_days then 0
        when valued_at in ('agreement', 'list', 'invoice')
            then
                {{ round_price_times(
                    scaled('unit_price', 10), 'expected_unit_days - invoiced_unit_days', 'period_days', 10, 'minor_units'
                ) }}
        when valued_at = 'cost' then {{ round_amount('recurring_effective_cost', 'minor_units') }}
        else 0
    end)::decimal(28, 4) as volume_variance
from valued

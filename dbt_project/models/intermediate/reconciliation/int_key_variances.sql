-- One row per compared key: its volume variance, signed (> 0: the client should be billed more), and how it is valued (contract §4).
with facts as (

    select
        status.client_id,
        status.product_code,
        status.basis,
        status.currency,
        status.minor_units,
        run.period_days,
        quantities.expected_unit_days,
        quantities.invoiced_unit_days,
        prices.unit_price,
        coalesce(invoiced.invoiced_amount, 0)::decimal(28, 4) as invoiced_amount,
        rules.markup_pct,
        coalesce(charges.effective_cost, 0)::decimal(38, 12) as effective_cost,
        charges.recurring_effective_cost,
        case
            when status.basis = 'cost_plus' then null
            when prices.price_source is not null then prices.price_source
            when
                quantities.expected_unit_days > quantities.invoiced_unit_days
                and quantities.invoiced_unit_days = 0
                and charges.recurring_line_count > 0
                and charges.recurring_currency_count = 1
                and charges.first_recurring_currency = status.currency
                then 'cost'
            else 'none'
        end as valued_at
    from {{ ref('int_key_status') }} as status
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('int_product_rules') }} as rules on status.product_code = rules.product_code
    inner join {{ ref('int_key_quantities') }} as quantities
        on status.client_id = quantities.client_id and status.product_code = quantities.product_code
    inner join {{ ref('int_key_prices') }} as prices
        on status.client_id = prices.client_id and status.product_code = prices.product_code
    left join {{ ref('int_key_invoice_lines') }} as invoiced
        on status.client_id = invoiced.client_id and status.product_code = invoiced.product_code
    left join {{ ref('int_key_vendor_charges') }} as charges
        on status.client_id = charges.client_id and status.product_code = charges.product_code
    where status.is_compared

)

select
    client_id,
    product_code,
    valued_at,
    unit_price,
    invoiced_amount,
    (case
        when basis = 'cost_plus'
            then
                {{ round_money(
                    scaled('effective_cost', 12) ~ ' * ' ~ scaled('(100 + markup_pct)', 6), '100', 18, 'minor_units'
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
from facts

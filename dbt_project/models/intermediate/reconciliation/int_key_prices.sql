-- One row per key in P, as int_key_quantities has it, with the price its volume is valued at, pp* of contract §4, and where it comes from.
-- Of most keys one line alone is or was in force, and has the price: a large month is not sorted for it.
with repeated as (

    select client_id, product_code
    from {{ ref('int_key_agreements') }}
    where active_line_count + ended_line_count > 1

),

in_force as (

    select
        lines.client_id,
        lines.product_code,
        lines.currency,
        arg_max(lines.unit_price, (lines.last_day_in_force, lines.effective_start, lines.agreement_line_id, lines.source))
            as unit_price
    from {{ ref('int_agreement_lines') }} as lines
    semi join repeated on lines.client_id = repeated.client_id and lines.product_code = repeated.product_code
    where lines.last_day_in_force is not null
    group by lines.client_id, lines.product_code, lines.currency
    union all
    select
        lines.client_id,
        lines.product_code,
        lines.currency,
        lines.unit_price
    from {{ ref('int_agreement_lines') }} as lines
    anti join repeated on lines.client_id = repeated.client_id and lines.product_code = repeated.product_code
    where lines.last_day_in_force is not null

)

select
    quantities.client_id,
    quantities.product_code,
    quantities.basis,
    quantities.currency,
    quantities.minor_units,
    quantities.is_compared,
    quantities.is_currency_mismatch,
    quantities.period_days,
    quantities.vendor_unit_days,
    quantities.has_charges,
    quantities.first_source,
    quantities.last_source,
    quantities.first_cost_currency,
    quantities.cost_currency_count,
    quantities.effective_cost,
    quantities.rounded_cost,
    quantities.first_recurring_currency,
    quantities.recurring_currency_count,
    quantities.recurring_effective_cost,
    quantities.has_invoice_line,
    quantities.first_invoice_currency,
    quantities.is_invoiced_in_several,
    quantities.invoiced_unit_days,
    quantities.invoiced_quantity,
    quantities.invoiced_amount,
    quantities.agreement_quantity,
    quantities.has_active_agreement,
    quantities.has_ended_agreement,
    quantities.active_agreement_line_id,
    quantities.entitled_quantity,
    quantities.assigned_quantity,
    quantities.expected_unit_days,
    quantities.expected_quantity,
    coalesce(
        in_force.unit_price,
        case when rules.list_currency = quantities.currency then rules.default_unit_price end,
        quantities.latest_unit_price
    ) as unit_price,
    case
        when in_force.unit_price is not null then 'agreement'
        when rules.list_currency = quantities.currency and rules.default_unit_price is not null then 'list'
        when quantities.latest_unit_price is not null then 'invoice'
    end as price_source
from {{ ref('int_key_quantities') }} as quantities
inner join {{ ref('int_product_rules') }} as rules on quantities.product_code = rules.product_code
left join in_force
    on
        quantities.client_id = in_force.client_id
        and quantities.product_code = in_force.product_code
        and quantities.currency = in_force.currency

-- One row per key in P: the price its volume is valued at, pp* of contract §4, and where it comes from.
with in_force as (

    select
        client_id,
        product_code,
        currency,
        arg_max(unit_price, (last_day_in_force, effective_start, agreement_line_id, source)) as unit_price
    from {{ ref('int_agreement_lines') }}
    where last_day_in_force is not null
    group by client_id, product_code, currency

)

select
    keys.client_id,
    keys.product_code,
    coalesce(
        in_force.unit_price,
        case when rules.list_currency = keys.currency then rules.default_unit_price end,
        invoiced.latest_unit_price
    ) as unit_price,
    case
        when in_force.unit_price is not null then 'agreement'
        when rules.list_currency = keys.currency and rules.default_unit_price is not null then 'list'
        when invoiced.latest_unit_price is not null then 'invoice'
    end as price_source
from {{ ref('int_keys') }} as keys
inner join {{ ref('int_product_rules') }} as rules on keys.product_code = rules.product_code
left join in_force
    on keys.client_id = in_force.client_id and keys.product_code = in_force.product_code and keys.currency = in_force.currency
left join {{ ref('int_key_invoice_lines') }} as invoiced
    on keys.client_id = invoiced.client_id and keys.product_code = invoiced.product_code
where keys.exists_in_period

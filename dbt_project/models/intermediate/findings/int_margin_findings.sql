-- At most one row per compared key: sold below cost, or below its margin floor (contract §5). Cost and price in one currency only.
with facts as (

    select
        status.client_id,
        status.product_code,
        status.currency,
        status.minor_units,
        coalesce(clients.client_name, status.client_id) as client_name,
        coalesce(rules.product_name, status.product_code) as product_name,
        rules.margin_floor_pct,
        variances.invoiced_amount,
        charges.rounded_cost as cost
    from {{ ref('int_key_status') }} as status
    inner join {{ ref('int_key_variances') }} as variances
        on status.client_id = variances.client_id and status.product_code = variances.product_code
    inner join {{ ref('int_key_vendor_charges') }} as charges
        on status.client_id = charges.client_id and status.product_code = charges.product_code
    inner join {{ ref('int_product_rules') }} as rules on status.product_code = rules.product_code
    left join {{ ref('stg_clients') }} as clients on status.client_id = clients.client_id
    where charges.currency_count = 1 and charges.first_currency = status.currency and variances.invoiced_amount > 0

),

coded as (

    select
        *,
        case
            when invoiced_amount < cost then 'SOLD_BELOW_COST'
            when
                -- one scale on both sides: compared as they are, the longer one would be rounded to the shorter
                ((invoiced_amount - cost) * 100)::decimal(38, 10) < (margin_floor_pct * invoiced_amount)::decimal(38, 10)
                then 'MARGIN_BELOW_FLOOR'
        end as exception_code
    from facts

)

select
    exception_code,
    client_id,
    product_code,
    currency,
    minor_units,
    client_name || ', ' || product_name || ': ' || {{ money_text('invoiced_amount', 'minor_units') }} || ' ' || currency
    || ' is invoiced for what costs ' || {{ money_text('cost', 'minor_units') }} || ' ' || currency
    || case exception_code
        when 'SOLD_BELOW_COST'
            then
                ', a loss of ' || {{ money_text('cost - invoiced_amount', 'minor_units') }}
                || '. Correct the price or the cost before it goes out.'
        else
            ', a margin of ' || {{ money_text('invoiced_amount - cost', 'minor_units') }} || ', under the floor of '
            || {{ plain_number('margin_floor_pct') }} || ' %. Review the price.'
    end as explanation
from coded
where exception_code is not null

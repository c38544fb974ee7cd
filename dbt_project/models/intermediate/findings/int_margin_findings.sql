-- At most one row per compared key: sold below cost, or below its margin floor (contract §5). Cost and price in one currency only; a
-- cost in several is empty.
with facts as (

    select
        variances.client_id,
        variances.product_code,
        variances.currency,
        variances.minor_units,
        rules.margin_floor_pct,
        variances.invoiced_amount,
        variances.rounded_cost as cost
    from {{ ref('int_key_variances') }} as variances
    inner join {{ ref('int_product_rules') }} as rules on variances.product_code = rules.product_code
    where
        variances.is_compared
        and variances.first_cost_currency = variances.currency
        and variances.invoiced_amount > 0

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
    null::varchar as source,
    null::varchar as vendor_customer_id,
    null::varchar as sku_id,
    null::varchar as invoice_id,
    null::varchar as line_id,
    currency,
    minor_units,
    null::varchar as valued_at,
    0::decimal(28, 4) as signed_impact,
    null::varchar[] as record_ids,
    invoiced_amount,
    cost,
    margin_floor_pct
from coded
where exception_code is not null

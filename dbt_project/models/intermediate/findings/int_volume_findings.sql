-- At most one row per key: its CURRENCY_MISMATCH, or the volume code that fits first (contract §5.2, client side).
-- signed_impact > 0 is to bill to the client, < 0 to refund.
with facts as (

    select
        variances.*,
        rules.is_vendor_backed,
        rules.markup_pct,
        rules.minimum_quantity
    from {{ ref('int_key_variances') }} as variances
    inner join {{ ref('int_product_rules') }} as rules on variances.product_code = rules.product_code
    where variances.is_compared or variances.is_currency_mismatch

),

coded as (

    select
        *,
        case
            when is_currency_mismatch then 'CURRENCY_MISMATCH'
            when basis = 'cost_plus'
                then case when volume_variance > 0 then 'COST_PLUS_UNDERBILLED' when volume_variance < 0 then 'COST_PLUS_OVERBILLED' end
            when expected_unit_days = invoiced_unit_days then null
            when expected_unit_days = 0 and invoiced_unit_days > 0 and is_vendor_backed then 'BILLED_NOT_PROVIDED'
            when expected_unit_days > 0 and not has_invoice_line and has_active_agreement then 'AGREEMENT_NOT_INVOICED'
            when expected_unit_days > 0 and not has_invoice_line and has_ended_agreement then 'AGREEMENT_ENDED'
            when expected_unit_days > 0 and not has_invoice_line then 'UNBILLED_PRODUCT'
            when expected_quantity = invoiced_quantity then 'MID_PERIOD_CHANGE_NOT_PRORATED'
            when expected_unit_days > invoiced_unit_days then 'UNDERBILLED_QUANTITY'
            else 'OVERBILLED_QUANTITY'
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
    valued_at,
    coalesce(volume_variance, 0)::decimal(28, 4) as signed_impact,
    null::varchar[] as record_ids,
    basis,
    markup_pct,
    minimum_quantity,
    effective_cost,
    invoiced_amount,
    unit_price,
    expected_unit_days,
    invoiced_unit_days,
    expected_quantity,
    invoiced_quantity
from coded
where exception_code is not null

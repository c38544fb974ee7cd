-- At most one row per key: its CURRENCY_MISMATCH, or the volume code that fits first (contract §5.2, client side).
-- signed_impact > 0 is to bill to the client, < 0 to refund.
with facts as (

    select
        status.client_id,
        status.product_code,
        status.basis,
        status.currency,
        status.minor_units,
        status.is_currency_mismatch,
        rules.is_vendor_backed,
        rules.markup_pct,
        rules.minimum_quantity,
        charges.effective_cost,
        quantities.expected_unit_days,
        quantities.invoiced_unit_days,
        quantities.expected_quantity,
        quantities.invoiced_quantity,
        variances.volume_variance,
        variances.invoiced_amount,
        variances.unit_price,
        variances.valued_at,
        invoiced.client_id is not null as has_invoice_line,
        coalesce(agreements.active_line_count, 0) > 0 as has_active_agreement,
        coalesce(agreements.ended_line_count, 0) > 0 as has_ended_agreement
    from {{ ref('int_key_status') }} as status
    inner join {{ ref('int_product_rules') }} as rules on status.product_code = rules.product_code
    inner join {{ ref('int_key_quantities') }} as quantities
        on status.client_id = quantities.client_id and status.product_code = quantities.product_code
    left join {{ ref('int_key_variances') }} as variances
        on status.client_id = variances.client_id and status.product_code = variances.product_code
    left join {{ ref('int_key_vendor_charges') }} as charges
        on status.client_id = charges.client_id and status.product_code = charges.product_code
    left join {{ ref('int_key_invoice_lines') }} as invoiced
        on status.client_id = invoiced.client_id and status.product_code = invoiced.product_code
    left join {{ ref('int_key_agreements') }} as agreements
        on status.client_id = agreements.client_id and status.product_code = agreements.product_code
    where status.is_compared or status.is_currency_mismatch

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
    coalesce(case when not is_currency_mismatch then volume_variance end, 0)::decimal(28, 4) as signed_impact,
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

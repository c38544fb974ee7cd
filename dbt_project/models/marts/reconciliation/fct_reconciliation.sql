-- Grain: one row per key; a key that is not compared and invoiced in several currencies has one row per invoice currency.
with invoiced as (

    select
        client_id,
        product_code,
        currency,
        sum(invoiced_amount) as invoiced_amount,
        -- what is invoiced in one of several currencies stands in the row of that currency only
        sum({{ scaled('quantity', 6) }} * {{ power_of_ten(6) }} * overlap_days)::hugeint as unit_days,
        coalesce(sum({{ scaled('quantity', 6) }} * {{ power_of_ten(6) }}) filter (where covers_last_day), 0)::hugeint as quantity
    from {{ ref('int_invoice_lines') }}
    where is_reconciled
    group by client_id, product_code, currency

),

price_variances as (

    select
        client_id,
        product_code,
        sum(price_variance) as price_variance
    from {{ ref('int_invoice_line_variances') }}
    group by client_id, product_code

),

verdicts as (

    -- few keys are not matched, so they are what is looked up
    select client_id, product_code, verdict
    from {{ ref('int_key_verdicts') }}
    where verdict <> 'matched'

),

keys as (

    select
        status.client_id,
        status.product_code,
        coalesce(invoiced.currency, status.currency) as currency,
        status.basis,
        status.is_compared,
        coalesce(verdicts.verdict, 'matched') as verdict,
        quantities.expected_unit_days,
        coalesce(invoiced.unit_days, 0)::hugeint as invoiced_unit_days,
        quantities.vendor_unit_days,
        quantities.expected_quantity,
        coalesce(invoiced.quantity, 0)::hugeint as invoiced_quantity,
        quantities.agreement_quantity,
        quantities.entitled_quantity,
        quantities.assigned_quantity,
        coalesce(invoiced.invoiced_amount, 0)::decimal(28, 4) as invoiced_amount,
        coalesce(variances.volume_variance, 0)::decimal(28, 4) as volume_variance,
        coalesce(price_variances.price_variance, 0)::decimal(28, 4) as price_variance,
        variances.valued_at,
        charges.client_id is not null as has_charges,
        charges.currency_count = 1 and charges.first_currency = coalesce(invoiced.currency, status.currency) as is_cost_comparable,
        charges.effective_cost,
        charges.rounded_cost
    from {{ ref('int_key_status') }} as status
    left join verdicts
        on status.client_id = verdicts.client_id and status.product_code = verdicts.product_code
    inner join {{ ref('int_key_quantities') }} as quantities
        on status.client_id = quantities.client_id and status.product_code = quantities.product_code
    left join invoiced on status.client_id = invoiced.client_id and status.product_code = invoiced.product_code
    left join {{ ref('int_key_variances') }} as variances
        on status.client_id = variances.client_id and status.product_code = variances.product_code
    left join price_variances
        on status.client_id = price_variances.client_id and status.product_code = price_variances.product_code
    left join {{ ref('int_key_vendor_charges') }} as charges
        on status.client_id = charges.client_id and status.product_code = charges.product_code

)

select
    run.msp_id,
    run.period,
    keys.client_id,
    keys.product_code,
    keys.currency,
    keys.basis,
    keys.verdict,
    case when keys.is_compared then {{ unscaled('keys.expected_unit_days', 12) }} end as expected_unit_days,
    {{ unscaled('keys.invoiced_unit_days', 12) }} as invoiced_unit_days,
    {{ unscaled('keys.vendor_unit_days', 12) }} as vendor_unit_days,
    case when keys.is_compared then {{ unscaled('keys.expected_quantity', 12) }} end as expected_quantity,
    {{ unscaled('keys.invoiced_quantity', 12) }} as invoiced_quantity,
    {{ unscaled('keys.agreement_quantity', 12) }} as agreement_quantity,
    {{ unscaled('keys.entitled_quantity', 12) }} as entitled_quantity,
    {{ unscaled('keys.assigned_quantity', 12) }} as assigned_quantity,
    (keys.invoiced_amount + keys.volume_variance + keys.price_variance)::decimal(28, 4) as expected_amount,
    keys.invoiced_amount,
    keys.volume_variance,
    keys.price_variance,
    (case
        when not keys.has_charges then 0::decimal(38, 12)
        when keys.is_cost_comparable then keys.effective_cost
    end)::decimal(38, 12) as effective_cost,
    (case
        when not keys.is_compared then null
        when not keys.has_charges then keys.invoiced_amount
        when keys.is_cost_comparable then keys.invoiced_amount - keys.rounded_cost
    end)::decimal(28, 4) as margin_amount,
    keys.valued_at
from keys
cross join {{ ref('stg_run') }} as run

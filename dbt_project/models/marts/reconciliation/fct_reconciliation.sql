-- Grain: one row per key; a key that is not compared and invoiced in several currencies has one row per invoice currency.
with several as (

    -- what is invoiced in one of several currencies stands in the row of that currency only
    select
        lines.client_id,
        lines.product_code,
        lines.currency,
        sum(lines.invoiced_amount) as invoiced_amount,
        sum({{ scaled('lines.quantity', 6) }} * {{ power_of_ten(6) }} * lines.overlap_days)::hugeint as unit_days,
        coalesce(sum({{ scaled('lines.quantity', 6) }} * {{ power_of_ten(6) }}) filter (where lines.covers_last_day), 0)::hugeint
            as quantity
    from {{ ref('int_invoice_lines') }} as lines
    semi join (select client_id, product_code from {{ ref('int_key_variances') }} where is_invoiced_in_several) as keys
        on lines.client_id = keys.client_id and lines.product_code = keys.product_code
    where lines.is_reconciled
    group by lines.client_id, lines.product_code, lines.currency

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
        variances.* exclude (invoiced_unit_days, invoiced_quantity, invoiced_amount, volume_variance, currency),
        coalesce(several.currency, variances.first_invoice_currency, variances.currency) as currency,
        coalesce(verdicts.verdict, 'matched') as verdict,
        coalesce(several.unit_days, variances.invoiced_unit_days)::hugeint as invoiced_unit_days,
        coalesce(several.quantity, variances.invoiced_quantity)::hugeint as invoiced_quantity,
        coalesce(several.invoiced_amount, variances.invoiced_amount)::decimal(28, 4) as invoiced_amount,
        coalesce(variances.volume_variance, 0)::decimal(28, 4) as volume_variance,
        coalesce(price_variances.price_variance, 0)::decimal(28, 4) as price_variance
    from {{ ref('int_key_variances') }} as variances
    left join verdicts
        on variances.client_id = verdicts.client_id and variances.product_code = verdicts.product_code
    left join several on variances.client_id = several.client_id and variances.product_code = several.product_code
    left join price_variances
        on variances.client_id = price_variances.client_id and variances.product_code = price_variances.product_code

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
    -- a cost in several currencies is empty
    (case
        when not keys.has_charges then 0::decimal(38, 12)
        when keys.first_cost_currency = keys.currency then keys.effective_cost
    end)::decimal(38, 12) as effective_cost,
    (case
        when not keys.is_compared then null
        when not keys.has_charges then keys.invoiced_amount
        when keys.first_cost_currency = keys.currency then keys.invoiced_amount - keys.rounded_cost
    end)::decimal(28, 4) as margin_amount,
    keys.valued_at
from keys
cross join {{ ref('stg_run') }} as run

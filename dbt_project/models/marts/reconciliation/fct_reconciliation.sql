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

amounts as (

    select
        status.client_id,
        status.product_code,
        coalesce(invoiced.currency, status.currency) as currency,
        coalesce(invoiced.invoiced_amount, 0) as invoiced_amount,
        coalesce(invoiced.unit_days, 0) as invoiced_unit_days,
        coalesce(invoiced.quantity, 0) as invoiced_quantity,
        coalesce(variances.volume_variance, 0) as volume_variance,
        coalesce(price_variances.price_variance, 0) as price_variance,
        variances.valued_at
    from {{ ref('int_key_status') }} as status
    left join invoiced on status.client_id = invoiced.client_id and status.product_code = invoiced.product_code
    left join {{ ref('int_key_variances') }} as variances
        on status.client_id = variances.client_id and status.product_code = variances.product_code
    left join price_variances
        on status.client_id = price_variances.client_id and status.product_code = price_variances.product_code

),

costs as (

    select
        status.client_id,
        status.product_code,
        amounts.currency,
        case
            when charges.client_id is null then 0::decimal(38, 12)
            when charges.currency_count = 1 and charges.first_currency = amounts.currency then charges.effective_cost
        end as effective_cost,
        case
            when charges.client_id is null then 0
            when charges.currency_count = 1 and charges.first_currency = amounts.currency
                then {{ round_amount('charges.effective_cost', 12, 'status.minor_units') }}
        end as rounded_cost,
        coalesce(charges.vendor_unit_days, 0) as vendor_unit_days
    from {{ ref('int_key_status') }} as status
    inner join amounts on status.client_id = amounts.client_id and status.product_code = amounts.product_code
    left join {{ ref('int_key_vendor_charges') }} as charges
        on status.client_id = charges.client_id and status.product_code = charges.product_code

)

select
    run.msp_id,
    run.period,
    status.client_id,
    status.product_code,
    amounts.currency,
    status.basis,
    verdicts.verdict,
    case when status.is_compared then {{ unscaled('quantities.expected_unit_days', 12) }} end
        as expected_unit_days,
    {{ unscaled('amounts.invoiced_unit_days', 12) }} as invoiced_unit_days,
    {{ unscaled('quantities.vendor_unit_days', 12) }} as vendor_unit_days,
    case when status.is_compared then {{ unscaled('quantities.expected_quantity', 12) }} end
        as expected_quantity,
    {{ unscaled('amounts.invoiced_quantity', 12) }} as invoiced_quantity,
    {{ unscaled('quantities.agreement_quantity', 12) }} as agreement_quantity,
    {{ unscaled('quantities.entitled_quantity', 12) }} as entitled_quantity,
    {{ unscaled('quantities.assigned_quantity', 12) }} as assigned_quantity,
    (amounts.invoiced_amount + amounts.volume_variance + amounts.price_variance)::decimal(28, 4) as expected_amount,
    amounts.invoiced_amount::decimal(28, 4) as invoiced_amount,
    amounts.volume_variance::decimal(28, 4) as volume_variance,
    amounts.price_variance::decimal(28, 4) as price_variance,
    costs.effective_cost::decimal(38, 12) as effective_cost,
    case when status.is_compared then amounts.invoiced_amount - costs.rounded_cost end::decimal(28, 4) as margin_amount,
    amounts.valued_at
from {{ ref('int_key_status') }} as status
cross join {{ ref('stg_run') }} as run
inner join {{ ref('int_key_verdicts') }} as verdicts
    on status.client_id = verdicts.client_id and status.product_code = verdicts.product_code
inner join {{ ref('int_key_quantities') }} as quantities
    on status.client_id = quantities.client_id and status.product_code = quantities.product_code
inner join amounts on status.client_id = amounts.client_id and status.product_code = amounts.product_code
inner join costs
    on
        status.client_id = costs.client_id
        and status.product_code = costs.product_code
        and amounts.currency is not distinct from costs.currency

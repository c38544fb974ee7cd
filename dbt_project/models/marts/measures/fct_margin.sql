-- Grain: client, product and currency of what is billed or charged for them in P (contract §4): recurring invoice lines, and mapped
-- recurring and usage vendor lines. margin = billed - cost on every row; money whose other side is in another currency, or was not
-- compared, stands in the unmatched columns and in no margin.
with keys as (

    select
        *,
        is_invoiced_in_several or cost_currency_count > 1 or first_invoice_currency <> first_cost_currency as is_in_several
    from {{ ref('int_key_variances') }}
    where has_invoice_line or has_charges

),

several as (

    select client_id, product_code from keys where is_in_several

),

-- most keys are billed and charged in one currency: only of the others the lines are asked, by currency
billed as (

    select
        lines.client_id,
        lines.product_code,
        lines.currency,
        sum(lines.invoiced_amount) as amount,
        sum({{ scaled('lines.quantity', 6) }} * {{ power_of_ten(6) }} * lines.overlap_days)::hugeint as unit_days
    from {{ ref('int_invoice_lines') }} as lines
    semi join several on lines.client_id = several.client_id and lines.product_code = several.product_code
    where lines.is_reconciled
    group by lines.client_id, lines.product_code, lines.currency

),

costs as (

    select
        lines.client_id,
        lines.product_code,
        lines.currency,
        max(lines.minor_units) as minor_units,
        sum(lines.effective_cost) as effective_cost,
        sum({{ scaled('lines.quantity', 6) }} * {{ scaled('lines.units_per', 6) }} * lines.overlap_days) filter (
            where lines.charge_category = 'recurring'
        )::hugeint as unit_days
    from {{ ref('int_vendor_lines') }} as lines
    semi join several on lines.client_id = several.client_id and lines.product_code = several.product_code
    where lines.is_reconciled_category and lines.counts_in_period and not lines.is_duplicate
    group by lines.client_id, lines.product_code, lines.currency

),

by_currency as (

    select
        coalesce(billed.client_id, costs.client_id) as client_id,
        coalesce(billed.product_code, costs.product_code) as product_code,
        coalesce(billed.currency, costs.currency) as currency,
        coalesce(billed.amount, 0) as billed_amount,
        coalesce(billed.unit_days, 0) as billed_unit_days,
        case
            when costs.client_id is null then 0
            else {{ round_amount('costs.effective_cost', 'costs.minor_units', 12) }}
        end as cost_amount,
        coalesce(costs.unit_days, 0) as vendor_unit_days
    from billed
    full outer join costs
        on
            billed.client_id = costs.client_id
            and billed.product_code = costs.product_code
            and billed.currency = costs.currency

),

judged as (

    select
        keys.client_id,
        keys.product_code,
        -- what several vendors supply is of none of them: what is billed for it cannot be told apart
        case when keys.first_source = keys.last_source then keys.first_source end as source,
        coalesce(by_currency.currency, keys.first_invoice_currency, keys.first_cost_currency) as currency,
        case
            when not keys.is_compared then 'not_compared'
            when not keys.has_invoice_line then 'nothing_billed'
            when not keys.has_charges then 'nothing_charged'
            when keys.is_in_several then 'other_currency'
            else 'matched'
        end as margin_state,
        keys.is_compared and not (keys.has_invoice_line and keys.has_charges and keys.is_in_several) as is_matched,
        coalesce(by_currency.billed_unit_days, keys.invoiced_unit_days)::hugeint as billed_unit_days,
        coalesce(by_currency.vendor_unit_days, keys.vendor_unit_days)::hugeint as vendor_unit_days,
        coalesce(by_currency.billed_amount, keys.invoiced_amount) as billed_amount,
        coalesce(by_currency.cost_amount, keys.rounded_cost, 0) as cost_amount
    from keys
    left join by_currency on keys.client_id = by_currency.client_id and keys.product_code = by_currency.product_code

)

select
    run.msp_id,
    run.period,
    judged.client_id,
    judged.product_code,
    judged.source,
    judged.currency,
    judged.margin_state,
    {{ unscaled('judged.billed_unit_days', 12) }} as billed_unit_days,
    {{ unscaled('judged.vendor_unit_days', 12) }} as vendor_unit_days,
    (case when judged.is_matched then judged.billed_amount else 0 end)::decimal(28, 4) as billed_amount,
    (case when judged.is_matched then judged.cost_amount else 0 end)::decimal(28, 4) as cost_amount,
    (case when judged.is_matched then judged.billed_amount - judged.cost_amount else 0 end)::decimal(28, 4) as margin_amount,
    (case when judged.is_matched then 0 else judged.billed_amount end)::decimal(28, 4) as unmatched_billed,
    (case when judged.is_matched then 0 else judged.cost_amount end)::decimal(28, 4) as unmatched_cost
from judged
cross join {{ ref('stg_run') }} as run

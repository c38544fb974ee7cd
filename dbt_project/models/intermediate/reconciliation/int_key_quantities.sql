-- One row per key in P with all that its legs say: unit-days and quantities on P's last day, expected, invoiced and agreed (contract §4),
-- in units of 10^-12, and the money beside them. Expected values are null for cost_plus, which is not unit-based.
-- The legs are joined here once: prices, variances and findings are computed from what this says. They are joined
-- in two steps: with the tables of all of them in memory at once, a large month asks for half as much again.
with supplied as materialized (

    select
        status.client_id,
        status.product_code,
        status.basis,
        status.currency,
        status.minor_units,
        status.is_compared,
        status.is_currency_mismatch,
        coalesce(charges.vendor_unit_days, 0) as vendor_unit_days,
        charges.last_day_quantity as vendor_quantity,
        charges.client_id is not null as has_charges,
        charges.first_source,
        charges.last_source,
        charges.first_currency as first_cost_currency,
        charges.currency_count as cost_currency_count,
        charges.effective_cost,
        charges.rounded_cost,
        charges.first_recurring_currency,
        charges.recurring_currency_count,
        charges.recurring_effective_cost,
        counts.entitled_unit_days,
        counts.entitled_quantity,
        counts.assigned_unit_days,
        counts.assigned_quantity
    from {{ ref('int_key_status') }} as status
    left join {{ ref('int_key_vendor_charges') }} as charges
        on status.client_id = charges.client_id and status.product_code = charges.product_code
    left join {{ ref('int_key_entitlements') }} as counts
        on status.client_id = counts.client_id and status.product_code = counts.product_code

),

legs as (

    select
        supplied.*,
        run.period_days,
        {{ scaled('rules.minimum_quantity', 6) }} * {{ power_of_ten(6) }} as minimum_quantity,
        invoiced.client_id is not null as has_invoice_line,
        invoiced.first_currency as first_invoice_currency,
        invoiced.first_currency <> invoiced.last_currency as is_invoiced_in_several,
        coalesce(invoiced.invoiced_unit_days, 0) as invoiced_unit_days,
        coalesce(invoiced.last_day_quantity, 0) as invoiced_quantity,
        coalesce(invoiced.invoiced_amount, 0) as invoiced_amount,
        invoiced.latest_unit_price,
        coalesce(agreements.last_day_quantity, 0) as agreement_quantity,
        coalesce(agreements.active_line_count, 0) > 0 as has_active_agreement,
        coalesce(agreements.ended_line_count, 0) > 0 as has_ended_agreement,
        agreements.active_agreement_line_id,
        -- compared without a snapshot: the client was counted and the SKU was not there
        supplied.is_compared and supplied.basis in ('entitled', 'assigned') and supplied.entitled_quantity is null as is_absent,
        case supplied.basis
            when 'vendor_billed' then supplied.vendor_unit_days
            when 'entitled' then coalesce(supplied.entitled_unit_days, 0)
            when 'assigned' then coalesce(supplied.assigned_unit_days, 0)
            when 'agreement' then coalesce(agreements.agreement_unit_days, 0)
        end as counted_unit_days,
        case supplied.basis
            when 'vendor_billed' then supplied.vendor_quantity
            when 'entitled' then supplied.entitled_quantity
            when 'assigned' then supplied.assigned_quantity
            when 'agreement' then agreements.last_day_quantity
        end as counted_quantity
    from supplied
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('int_product_rules') }} as rules on supplied.product_code = rules.product_code
    left join {{ ref('int_key_invoice_lines') }} as invoiced
        on supplied.client_id = invoiced.client_id and supplied.product_code = invoiced.product_code
    left join {{ ref('int_key_agreements') }} as agreements
        on supplied.client_id = agreements.client_id and supplied.product_code = agreements.product_code

)

select
    client_id,
    product_code,
    basis,
    currency,
    minor_units,
    is_compared,
    is_currency_mismatch,
    period_days,
    vendor_unit_days,
    has_charges,
    first_source,
    last_source,
    first_cost_currency,
    cost_currency_count,
    effective_cost,
    rounded_cost,
    first_recurring_currency,
    recurring_currency_count,
    recurring_effective_cost,
    has_invoice_line,
    first_invoice_currency,
    coalesce(is_invoiced_in_several, false) as is_invoiced_in_several,
    invoiced_unit_days,
    invoiced_quantity,
    invoiced_amount::decimal(28, 4) as invoiced_amount,
    latest_unit_price,
    agreement_quantity,
    has_active_agreement,
    has_ended_agreement,
    active_agreement_line_id,
    case when is_absent then 0 else entitled_quantity end::hugeint as entitled_quantity,
    case when is_absent then 0 else assigned_quantity end::hugeint as assigned_quantity,
    -- a credit balance is no claim on the client; a minimum applies only where something is provided
    case
        when counted_unit_days > 0 then greatest(counted_unit_days, minimum_quantity * period_days)
        when counted_unit_days <= 0 then 0
    end::hugeint as expected_unit_days,
    -- greatest() passes over what is empty
    case
        when counted_unit_days > 0 then greatest(counted_quantity, 0, minimum_quantity)
        when counted_unit_days <= 0 then greatest(counted_quantity, 0)
    end::hugeint as expected_quantity
from legs

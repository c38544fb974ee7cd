-- One row per key in P: expected, invoiced and agreed unit-days, and quantities on P's last day (contract §4), in units of 10^-12.
-- Expected values are null for cost_plus, which is not unit-based.
with legs as (

    select
        status.client_id,
        status.product_code,
        status.basis,
        run.period_days,
        {{ scaled('rules.minimum_quantity', 6) }} * {{ power_of_ten(6) }} as minimum_quantity,
        coalesce(charges.vendor_unit_days, 0) as vendor_unit_days,
        coalesce(invoiced.invoiced_unit_days, 0) as invoiced_unit_days,
        coalesce(invoiced.last_day_quantity, 0) as invoiced_quantity,
        coalesce(agreements.last_day_quantity, 0) as agreement_quantity,
        counts.entitled_quantity,
        counts.assigned_quantity,
        -- compared without a snapshot: the client was counted and the SKU was not there
        status.is_compared and status.basis in ('entitled', 'assigned') and counts.entitled_quantity is null as is_absent,
        case status.basis
            when 'vendor_billed' then coalesce(charges.vendor_unit_days, 0)
            when 'entitled' then coalesce(counts.entitled_unit_days, 0)
            when 'assigned' then coalesce(counts.assigned_unit_days, 0)
            when 'agreement' then coalesce(agreements.agreement_unit_days, 0)
        end as counted_unit_days,
        case status.basis
            when 'vendor_billed' then coalesce(charges.last_day_quantity, 0)
            when 'entitled' then coalesce(counts.entitled_quantity, 0)
            when 'assigned' then coalesce(counts.assigned_quantity, 0)
            when 'agreement' then coalesce(agreements.last_day_quantity, 0)
        end as counted_quantity
    from {{ ref('int_key_status') }} as status
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('int_product_rules') }} as rules on status.product_code = rules.product_code
    left join {{ ref('int_key_vendor_charges') }} as charges
        on status.client_id = charges.client_id and status.product_code = charges.product_code
    left join {{ ref('int_key_invoice_lines') }} as invoiced
        on status.client_id = invoiced.client_id and status.product_code = invoiced.product_code
    left join {{ ref('int_key_agreements') }} as agreements
        on status.client_id = agreements.client_id and status.product_code = agreements.product_code
    left join {{ ref('int_key_entitlements') }} as counts
        on status.client_id = counts.client_id and status.product_code = counts.product_code

)

select
    client_id,
    product_code,
    vendor_unit_days,
    invoiced_unit_days,
    invoiced_quantity,
    agreement_quantity,
    case when is_absent then 0 else entitled_quantity end::hugeint as entitled_quantity,
    case when is_absent then 0 else assigned_quantity end::hugeint as assigned_quantity,
    -- a credit balance is no claim on the client; a minimum applies only where something is provided
    case
        when counted_unit_days > 0 then greatest(counted_unit_days, minimum_quantity * period_days)
        when counted_unit_days <= 0 then 0
    end::hugeint as expected_unit_days,
    case
        when counted_unit_days > 0 then greatest(counted_quantity, 0, minimum_quantity)
        when counted_unit_days <= 0 then greatest(counted_quantity, 0)
    end::hugeint as expected_quantity
from legs

-- Grain: client, product and currency of what is billed or charged for them in P (contract §4): recurring invoice lines, and mapped
-- recurring and usage vendor lines. margin = billed - cost on every row; money whose other side is in another currency, or was not
-- compared, stands in the unmatched columns and in no margin.
with billed as (

    select
        client_id,
        product_code,
        currency,
        sum(invoiced_amount) as amount,
        sum({{ scaled('quantity', 6) }} * {{ power_of_ten(6) }} * overlap_days)::hugeint as unit_days
    from {{ ref('int_invoice_lines') }}
    where is_reconciled
    group by client_id, product_code, currency

),

costs as (

    select
        client_id,
        product_code,
        currency,
        max(minor_units) as minor_units,
        sum(effective_cost) as effective_cost,
        coalesce(
            sum({{ scaled('quantity', 6) }} * {{ scaled('units_per', 6) }} * overlap_days) filter (where charge_category = 'recurring'), 0
        )::hugeint as unit_days,
        min(source) as first_source,
        max(source) as last_source
    from {{ ref('int_vendor_lines') }}
    where is_mapped and is_reconciled_category and counts_in_period and not is_duplicate
    group by client_id, product_code, currency

),

joined as (

    select
        coalesce(billed.client_id, costs.client_id) as client_id,
        coalesce(billed.product_code, costs.product_code) as product_code,
        coalesce(billed.currency, costs.currency) as currency,
        billed.client_id is not null as is_billed,
        costs.client_id is not null as is_charged,
        coalesce(billed.amount, 0)::decimal(28, 4) as billed_amount,
        coalesce(billed.unit_days, 0)::hugeint as billed_unit_days,
        case
            when costs.client_id is null then 0
            else {{ round_amount('costs.effective_cost', 'costs.minor_units', 12) }}
        end as cost_amount,
        coalesce(costs.unit_days, 0)::hugeint as vendor_unit_days,
        costs.first_source,
        costs.last_source
    from billed
    full outer join costs
        on
            billed.client_id = costs.client_id
            and billed.product_code = costs.product_code
            and billed.currency = costs.currency

),

keys as (

    select
        client_id,
        product_code,
        bool_or(is_billed) as is_billed,
        bool_or(is_charged) as is_charged,
        count(*) as currency_count,
        min(first_source) as first_source,
        max(last_source) as last_source
    from joined
    group by client_id, product_code

),

judged as (

    select
        joined.*,
        -- what several vendors supply is of none of them: what is billed for it cannot be told apart
        case when keys.first_source = keys.last_source then keys.first_source end as source,
        case
            when not status.is_compared then 'not_compared'
            when not keys.is_billed then 'nothing_billed'
            when not keys.is_charged then 'nothing_charged'
            when keys.currency_count > 1 then 'other_currency'
            else 'matched'
        end as margin_state,
        status.is_compared and (not keys.is_billed or not keys.is_charged or keys.currency_count = 1) as is_matched
    from joined
    inner join keys on joined.client_id = keys.client_id and joined.product_code = keys.product_code
    inner join {{ ref('int_key_status') }} as status
        on joined.client_id = status.client_id and joined.product_code = status.product_code

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

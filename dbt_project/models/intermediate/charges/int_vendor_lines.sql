-- One row per vendor line that is landed in P or reaches into it: its days, its client and product, its cost in P.
-- Days and mapping dates: contract §4.1; cost: §4.4. A line that a `!` word maps has an exclusion, and neither client nor product
-- (§2.2).
with charges as (

    select
        charges.*,
        run.period_start,
        run.period_end,
        run.period_last_day,
        charges.landed_period = run.period as is_landed_in_period,
        (charges.charge_period_end - charges.charge_period_start)::integer as charge_days,
        {{ overlap_days('charges.charge_period_start', 'charges.charge_period_end', 'run.period_start', 'run.period_end') }}
            as overlap_days
    from {{ ref('stg_vendor_charges') }} as charges
    cross join {{ ref('stg_run') }} as run

),

dated as (

    select
        *,
        case when overlap_days > 0 then greatest(charge_period_start, period_start) else charge_period_start end as mapped_on,
        charge_period_start >= period_end as is_future,
        case
            -- billed in arrears: all days before P's end belong to the period the line is landed in
            when charge_category = 'usage' and is_landed_in_period
                then greatest(0, least(charge_period_end, period_end) - charge_period_start)::integer
            else overlap_days
        end as counted_days,
        charge_days = 0 and charge_period_start < period_end
        and (charge_period_start >= period_start or (charge_category = 'usage' and is_landed_in_period)) as is_whole_on_a_day
    from charges

),

mapped as (

    select
        dated.*,
        coalesce(clients.exclusion, case when exact_term.source is null then any_term.exclusion else exact_term.exclusion end)
            as exclusion,
        clients.client_id as mapped_client_id,
        -- the row of the exact term wins whatever it says
        case when exact_term.source is null then any_term.product_code else exact_term.product_code end as mapped_product_code,
        case when exact_term.source is null then any_term.units_per else exact_term.units_per end as mapped_units_per
    from dated
    left join {{ ref('stg_client_map') }} as clients
        on
            dated.source = clients.source
            and dated.vendor_customer_id = clients.vendor_customer_id
            and {{ valid_on('dated.mapped_on', 'clients.valid_from', 'clients.valid_to') }}
    left join {{ ref('stg_sku_map') }} as exact_term
        on
            dated.source = exact_term.source
            and dated.sku_id = exact_term.sku_id
            and dated.term = exact_term.term
            and {{ valid_on('dated.mapped_on', 'exact_term.valid_from', 'exact_term.valid_to') }}
    left join {{ ref('stg_sku_map') }} as any_term
        on
            dated.source = any_term.source
            and dated.sku_id = any_term.sku_id
            and any_term.term is null
            and {{ valid_on('dated.mapped_on', 'any_term.valid_from', 'any_term.valid_to') }}

)

select
    mapped.source,
    mapped.invoice_id,
    mapped.line_id,
    mapped.record_id,
    mapped.landed_period,
    mapped.is_landed_in_period,
    mapped.vendor_customer_id,
    mapped.vendor_customer_name,
    mapped.sku_id,
    mapped.sku_name,
    mapped.charge_category,
    mapped.term,
    mapped.quantity,
    mapped.unit_cost,
    mapped.amount,
    mapped.currency,
    currencies.minor_units,
    mapped.charge_period_start,
    mapped.charge_period_end,
    mapped.charge_days,
    mapped.overlap_days,
    mapped.mapped_on,
    mapped.is_future,
    mapped.charge_category in ('recurring', 'usage') as is_reconciled_category,
    mapped.charge_period_start <= mapped.period_last_day
    and mapped.charge_period_end > mapped.period_last_day as covers_last_day,
    duplicates.line_id is not null as is_duplicate,
    mapped.exclusion,
    case when mapped.exclusion is null then mapped.mapped_client_id end as client_id,
    case when mapped.exclusion is null then mapped.mapped_product_code end as product_code,
    case when mapped.exclusion is null then mapped.mapped_units_per end as units_per,
    mapped.exclusion is null and mapped.mapped_client_id is not null and mapped.mapped_product_code is not null as is_mapped,
    mapped.counted_days > 0 or mapped.is_whole_on_a_day as counts_in_period,
    -- every branch in DECIMAL(38, 12): a CASE over two scales takes the smaller one and rounds without a word
    case
        when mapped.is_whole_on_a_day or (mapped.counted_days > 0 and mapped.counted_days = mapped.charge_days)
            then mapped.amount::decimal(38, 12)
        when mapped.counted_days = 0 then 0::decimal(38, 12)
        else
            {{ unscaled(
                half_up(scaled('mapped.amount', 12) ~ ' * mapped.counted_days', 'mapped.charge_days::hugeint * 100') ~ ' * 100', 12
            ) }}
    end as effective_cost
from mapped
inner join {{ ref('stg_currencies') }} as currencies on mapped.currency = currencies.currency
left join {{ ref('int_vendor_charge_duplicates') }} as duplicates
    on mapped.source = duplicates.source and mapped.invoice_id = duplicates.invoice_id and mapped.line_id = duplicates.line_id

-- Bill against licence count, one row per (source, customer, SKU) that differs: VENDOR_QUANTITY_OVER/_UNDER and UNUSED_LICENSES
-- (contract §5). Quantities are the vendor's own, on the last snapshot date of the source and customer, and on P's last day.
with counts as (

    select
        source,
        vendor_customer_id,
        sku_id,
        max(client_id) filter (where is_last) as client_id,
        max(product_code) filter (where is_last) as product_code,
        coalesce(sum(entitled_quantity) filter (where is_last), 0) as entitled_quantity,
        sum(assigned_quantity) filter (where is_last) as assigned_quantity
    from {{ ref('int_snapshot_lines') }}
    where exclusion is distinct from 'ignored'
    group by source, vendor_customer_id, sku_id

),

billed as (

    select
        source,
        vendor_customer_id,
        sku_id,
        coalesce(sum(quantity) filter (where covers_last_day), 0) as billed_quantity,
        -- the line covering the last day speaks for price and currency, else the latest one for the currency alone
        arg_max(
            struct_pack(
                covers_last_day := covers_last_day,
                unit_cost := unit_cost,
                charge_days := charge_days,
                currency := currency,
                client_id := client_id,
                product_code := product_code
            ),
            (covers_last_day, charge_period_start, line_id, invoice_id)
        ) as latest
    from {{ ref('int_vendor_lines') }}
    where charge_category = 'recurring' and overlap_days > 0 and not is_duplicate and exclusion is distinct from 'ignored'
    group by source, vendor_customer_id, sku_id

),

listed as (

    select
        prices.source,
        prices.sku_id,
        prices.currency,
        prices.unit_cost
    from {{ ref('stg_cost_list') }} as prices
    cross join {{ ref('stg_run') }} as run
    where prices.term is null and {{ valid_on('run.period_start', 'prices.valid_from', 'prices.valid_to') }}

),

only_listed as (

    -- where nothing is billed the list speaks for the currency, the first by code if it has several
    select source, sku_id, min(currency) as currency
    from listed
    group by source, sku_id

),

priced as (

    select
        billed.source,
        billed.vendor_customer_id,
        billed.sku_id,
        billed.billed_quantity,
        billed.latest['currency'] as currency,
        billed.latest['client_id'] as client_id,
        billed.latest['product_code'] as product_code,
        case when billed.latest['covers_last_day'] then billed.latest['unit_cost'] end as unit_cost,
        case when billed.latest['covers_last_day'] then billed.latest['charge_days'] end as charge_days
    from billed

),

compared as (

    select
        counts.source,
        counts.vendor_customer_id,
        counts.sku_id,
        coalesce(priced.client_id, counts.client_id) as client_id,
        coalesce(priced.product_code, counts.product_code) as product_code,
        coalesce(priced.currency, only_listed.currency) as currency,
        priced.source is not null as is_billed,
        priced.billed_quantity,
        counts.entitled_quantity,
        counts.assigned_quantity,
        coalesce(listed.unit_cost, priced.unit_cost, 0)::decimal(28, 10) as unit_cost,
        case when listed.unit_cost is null and priced.unit_cost is not null then run.period_days else 1 end as cost_days,
        case when listed.unit_cost is null and priced.unit_cost is not null then priced.charge_days else 1 end as charge_days
    from counts
    cross join {{ ref('stg_run') }} as run
    left join priced
        on
            counts.source = priced.source
            and counts.vendor_customer_id = priced.vendor_customer_id
            and counts.sku_id = priced.sku_id
    left join only_listed on counts.source = only_listed.source and counts.sku_id = only_listed.sku_id
    left join listed
        on
            counts.source = listed.source
            and counts.sku_id = listed.sku_id
            and listed.currency = coalesce(priced.currency, only_listed.currency)

),

differences as (

    select
        case when billed_quantity > entitled_quantity then 'VENDOR_QUANTITY_OVER' else 'VENDOR_QUANTITY_UNDER' end as exception_code,
        *,
        abs(billed_quantity - entitled_quantity) as difference
    from compared
    where is_billed and billed_quantity <> entitled_quantity
    union all
    select
        'UNUSED_LICENSES',
        *,
        entitled_quantity - assigned_quantity
    from compared
    where entitled_quantity > assigned_quantity

),

valued as (

    select
        differences.*,
        coalesce(currencies.minor_units, 2) as minor_units,
        {{ round_money(
            scaled('differences.difference', 6) ~ ' * ' ~ scaled('differences.unit_cost', 10) ~ ' * differences.cost_days',
            'differences.charge_days', 16, 'coalesce(currencies.minor_units, 2)'
        ) }} as worth
    from differences
    left join {{ ref('stg_currencies') }} as currencies on differences.currency = currencies.currency

),

found as (

    select distinct source, vendor_customer_id, sku_id from differences

),

records as (

    select lines.source, lines.vendor_customer_id, lines.sku_id, unnest(lines.record_ids) as record_id
    from {{ ref('int_snapshot_lines') }} as lines
    semi join found
        on lines.source = found.source and lines.vendor_customer_id = found.vendor_customer_id and lines.sku_id = found.sku_id
    where lines.exclusion is distinct from 'ignored'
    union all
    select lines.source, lines.vendor_customer_id, lines.sku_id, lines.record_id
    from {{ ref('int_vendor_lines') }} as lines
    semi join found
        on lines.source = found.source and lines.vendor_customer_id = found.vendor_customer_id and lines.sku_id = found.sku_id
    where
        lines.charge_category = 'recurring' and lines.overlap_days > 0 and not lines.is_duplicate
        and lines.exclusion is distinct from 'ignored'

),

evidence as (

    select source, vendor_customer_id, sku_id, list(record_id order by record_id) as record_ids
    from records
    group by source, vendor_customer_id, sku_id

)

select
    valued.exception_code,
    valued.client_id,
    valued.product_code,
    valued.source,
    valued.vendor_customer_id,
    valued.sku_id,
    null::varchar as invoice_id,
    null::varchar as line_id,
    valued.currency,
    valued.minor_units,
    null::varchar as valued_at,
    -- what is provided and not billed is the vendor's to ask for
    case when valued.exception_code = 'VENDOR_QUANTITY_UNDER' then -valued.worth else valued.worth end as signed_impact,
    evidence.record_ids,
    valued.billed_quantity,
    valued.entitled_quantity,
    valued.assigned_quantity,
    valued.difference,
    valued.unit_cost,
    valued.cost_days,
    valued.charge_days,
    valued.worth
from valued
inner join evidence
    on
        valued.source = evidence.source
        and valued.vendor_customer_id = evidence.vendor_customer_id
        and valued.sku_id = evidence.sku_id

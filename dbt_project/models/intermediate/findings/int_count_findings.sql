-- Bill against licence count, one row per (source, customer, SKU) that differs: VENDOR_QUANTITY_OVER/_UNDER where the source bills what
-- it counts, and UNUSED_LICENSES (contract §5.3). Quantities are the vendor's own, on P's last day and the last snapshot date.
with counts as (

    select
        lines.source,
        lines.vendor_customer_id,
        lines.sku_id,
        max(lines.client_id) filter (where lines.is_last) as client_id,
        max(lines.product_code) filter (where lines.is_last) as product_code,
        max(lines.units_per) filter (where lines.is_last) as units_per
    from {{ ref('int_snapshot_lines') }} as lines
    semi join {{ ref('int_count_differences') }} as found
        on lines.source = found.source and lines.vendor_customer_id = found.vendor_customer_id and lines.sku_id = found.sku_id
    where lines.exclusion is distinct from 'ignored'
    group by lines.source, lines.vendor_customer_id, lines.sku_id

),

billed as (

    select
        lines.source,
        lines.vendor_customer_id,
        lines.sku_id,
        -- whose it is, and the currency where no price is known: the latest line, those covering the last day first
        arg_max(
            struct_pack(
                currency := lines.currency,
                client_id := lines.client_id,
                product_code := lines.product_code,
                units_per := lines.units_per
            ),
            (lines.covers_last_day, lines.charge_period_start, lines.invoice_id, lines.line_id)
        ) as latest,
        -- a trial's line says nothing about the price
        arg_max(
            struct_pack(currency := lines.currency, unit_cost := lines.unit_cost, charge_days := lines.charge_days),
            (lines.charge_period_start, lines.invoice_id, lines.line_id)
        ) filter (where lines.covers_last_day and lines.unit_cost > 0) as priced
    from {{ ref('int_vendor_lines') }} as lines
    semi join {{ ref('int_count_differences') }} as found
        on lines.source = found.source and lines.vendor_customer_id = found.vendor_customer_id and lines.sku_id = found.sku_id
    where
        lines.charge_category = 'recurring' and lines.overlap_days > 0 and not lines.is_duplicate
        and lines.exclusion is distinct from 'ignored'
    group by lines.source, lines.vendor_customer_id, lines.sku_id

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

compared as (

    select
        counts.source,
        counts.vendor_customer_id,
        counts.sku_id,
        coalesce(billed.latest['client_id'], counts.client_id) as client_id,
        coalesce(billed.latest['product_code'], counts.product_code) as product_code,
        case when billed.latest['product_code'] is not null then billed.latest['units_per'] else counts.units_per end as units_per,
        coalesce(billed.priced['currency'], billed.latest['currency'], only_listed.currency) as own_currency,
        found.is_billed,
        found.billed_quantity,
        found.entitled_quantity,
        found.assigned_quantity,
        billed.priced as own_priced,
        listed.unit_cost as list_cost
    from {{ ref('int_count_differences') }} as found
    inner join counts
        on
            found.source = counts.source
            and found.vendor_customer_id = counts.vendor_customer_id
            and found.sku_id = counts.sku_id
    left join billed
        on
            counts.source = billed.source
            and counts.vendor_customer_id = billed.vendor_customer_id
            and counts.sku_id = billed.sku_id
    left join only_listed on counts.source = only_listed.source and counts.sku_id = only_listed.sku_id
    left join listed
        on
            counts.source = listed.source
            and counts.sku_id = listed.sku_id
            and listed.currency = coalesce(billed.priced['currency'], billed.latest['currency'], only_listed.currency)

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

priced as (

    -- the list, else the source's own bill; of unused licences that another source bills, the key's line in its units
    select
        differences.*,
        case
            when differences.list_cost is not null then 'list'
            when differences.own_priced is not null then 'bill'
            when differences.exception_code = 'UNUSED_LICENSES' and key_lines.unit_cost is not null then 'key'
        end as costed_by,
        key_lines.cost_source as key_source,
        key_lines.cost_record_id as key_record_id,
        key_lines.unit_cost as key_unit_cost,
        key_lines.charge_days as key_charge_days,
        key_lines.units_per as key_units_per,
        key_lines.currency as key_cost_currency,
        keys.currency as key_currency
    from differences
    left join {{ ref('int_key_covering_lines') }} as key_lines
        on differences.client_id = key_lines.client_id and differences.product_code = key_lines.product_code
    left join {{ ref('int_keys') }} as keys
        on differences.client_id = keys.client_id and differences.product_code = keys.product_code

),

costed as (

    select
        priced.exception_code,
        priced.client_id,
        priced.product_code,
        priced.source,
        priced.vendor_customer_id,
        priced.sku_id,
        priced.billed_quantity,
        priced.entitled_quantity,
        priced.assigned_quantity,
        priced.difference,
        priced.costed_by,
        case
            when priced.costed_by = 'key' then priced.key_cost_currency
            when priced.costed_by is null and priced.exception_code = 'UNUSED_LICENSES'
                then coalesce(priced.key_currency, priced.own_currency)
            else priced.own_currency
        end as currency,
        (case priced.costed_by
            when 'list' then priced.list_cost
            when 'bill' then priced.own_priced['unit_cost']
            when 'key' then priced.key_unit_cost
            else 0
        end)::decimal(28, 10) as unit_cost,
        case when priced.costed_by in ('bill', 'key') then run.period_days else 1 end as cost_days,
        case priced.costed_by
            when 'bill' then priced.own_priced['charge_days'] when 'key' then priced.key_charge_days else 1
        end as charge_days,
        (case when priced.costed_by = 'key' then priced.units_per else 1 end)::decimal(18, 6) as units_per,
        (case when priced.costed_by = 'key' then priced.key_units_per else 1 end)::decimal(18, 6) as cost_units_per,
        case when priced.costed_by = 'key' then priced.key_record_id end as cost_record_id,
        case when priced.costed_by = 'key' then priced.key_source end as cost_source
    from priced
    cross join {{ ref('stg_run') }} as run

),

valued as (

    select
        costed.*,
        coalesce(currencies.minor_units, 2) as minor_units,
        {{ cost_of_units(
            scaled('costed.difference', 6) ~ ' * ' ~ scaled('costed.units_per', 6),
            scaled('costed.cost_units_per', 6) ~ ' * ' ~ power_of_ten(6),
            'costed.unit_cost', 'costed.cost_days', 'costed.charge_days', 'coalesce(currencies.minor_units, 2)'
        ) }} as worth
    from costed
    left join {{ ref('stg_currencies') }} as currencies on costed.currency = currencies.currency

),

records as (

    select lines.source, lines.vendor_customer_id, lines.sku_id, unnest(lines.record_ids) as record_id
    from {{ ref('int_snapshot_lines') }} as lines
    semi join {{ ref('int_count_differences') }} as found
        on lines.source = found.source and lines.vendor_customer_id = found.vendor_customer_id and lines.sku_id = found.sku_id
    where lines.exclusion is distinct from 'ignored'
    union all
    select lines.source, lines.vendor_customer_id, lines.sku_id, lines.record_id
    from {{ ref('int_vendor_lines') }} as lines
    semi join {{ ref('int_count_differences') }} as found
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
    -- the line of another source whose cost it is
    case
        when valued.cost_record_id is null then evidence.record_ids
        else list_sort(list_append(evidence.record_ids, valued.cost_record_id))
    end as record_ids,
    valued.billed_quantity,
    valued.entitled_quantity,
    valued.assigned_quantity,
    valued.difference,
    valued.unit_cost,
    valued.cost_days,
    valued.charge_days,
    valued.units_per,
    valued.cost_units_per,
    valued.costed_by is not null as is_priced,
    valued.cost_source,
    valued.worth
from valued
inner join evidence
    on
        valued.source = evidence.source
        and valued.vendor_customer_id = evidence.vendor_customer_id
        and valued.sku_id = evidence.sku_id

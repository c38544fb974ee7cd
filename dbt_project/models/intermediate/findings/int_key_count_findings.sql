-- Bill against licence count across sources, one row per key that differs: VENDOR_QUANTITY_OVER/_UNDER where one source bills and exactly
-- one other counts (contract §5.3). Quantities are the product's units, on P's last day and on the last snapshot date.
with by_source as (

    select
        client_id,
        product_code,
        source,
        coalesce(
            sum({{ scaled('entitled_quantity', 6) }} * {{ scaled('units_per', 6) }}) filter (where is_last), 0
        ) as entitled_units
    from {{ ref('int_snapshot_lines') }}
    where is_mapped
    group by client_id, product_code, source

),

counts as (

    select
        by_source.client_id,
        by_source.product_code,
        list(by_source.source) as counting_sources,
        count(*) filter (where rules.count_source is null or by_source.source = rules.count_source) as chosen_count,
        max(by_source.source) filter (where rules.count_source is null or by_source.source = rules.count_source) as count_source,
        coalesce(
            sum(by_source.entitled_units) filter (where rules.count_source is null or by_source.source = rules.count_source), 0
        )::hugeint as entitled_units
    from by_source
    inner join {{ ref('int_product_rules') }} as rules on by_source.product_code = rules.product_code
    group by by_source.client_id, by_source.product_code

),

differences as (

    select
        billed.client_id,
        billed.product_code,
        billed.sources,
        billed.billed_units,
        billed.unit_cost,
        billed.charge_days,
        billed.units_per,
        counts.count_source,
        counts.entitled_units,
        case when billed.billed_units > counts.entitled_units then 'VENDOR_QUANTITY_OVER' else 'VENDOR_QUANTITY_UNDER' end
            as exception_code,
        abs(billed.billed_units - counts.entitled_units) as difference_units,
        coalesce(billed.currency, keys.currency) as currency
    from {{ ref('int_key_covering_lines') }} as billed
    inner join counts on billed.client_id = counts.client_id and billed.product_code = counts.product_code
    inner join {{ ref('int_keys') }} as keys
        on billed.client_id = keys.client_id and billed.product_code = keys.product_code
    -- counts that failed a control say nothing
    anti join {{ ref('int_failed_datasets') }} as failed
        on counts.count_source = failed.source and failed.dataset = 'license_counts'
    where
        counts.chosen_count = 1
        -- a bill whose own source counts the key is compared by its SKUs
        and not list_has_any(billed.sources, counts.counting_sources)
        and billed.billed_units <> counts.entitled_units

),

valued as (

    select
        differences.*,
        run.period_days,
        coalesce(currencies.minor_units, 2) as minor_units,
        case
            when differences.unit_cost is null then 0
            else
                {{ cost_of_units(
                    'differences.difference_units', scaled('differences.units_per', 6) ~ ' * ' ~ power_of_ten(6),
                    'differences.unit_cost', 'run.period_days', 'differences.charge_days',
                    'coalesce(currencies.minor_units, 2)'
                ) }}
        end::decimal(28, 4) as worth
    from differences
    cross join {{ ref('stg_run') }} as run
    left join {{ ref('stg_currencies') }} as currencies on differences.currency = currencies.currency

),

records as (

    select lines.client_id, lines.product_code, lines.record_id
    from {{ ref('int_vendor_lines') }} as lines
    semi join differences on lines.client_id = differences.client_id and lines.product_code = differences.product_code
    where lines.is_mapped and lines.charge_category = 'recurring' and lines.covers_last_day and not lines.is_duplicate
    union all
    select lines.client_id, lines.product_code, unnest(lines.record_ids)
    from {{ ref('int_snapshot_lines') }} as lines
    inner join differences
        on
            lines.client_id = differences.client_id
            and lines.product_code = differences.product_code
            and lines.source = differences.count_source
    where lines.is_mapped

),

evidence as (

    select client_id, product_code, list(record_id order by record_id) as record_ids
    from records
    group by client_id, product_code

)

select
    valued.exception_code,
    valued.client_id,
    valued.product_code,
    case when len(valued.sources) = 1 then valued.sources[1] end as source,
    null::varchar as vendor_customer_id,
    null::varchar as sku_id,
    null::varchar as invoice_id,
    null::varchar as line_id,
    valued.currency,
    valued.minor_units,
    null::varchar as valued_at,
    -- what is provided and not billed is the vendor's to ask for
    case when valued.exception_code = 'VENDOR_QUANTITY_UNDER' then -valued.worth else valued.worth end as signed_impact,
    evidence.record_ids,
    valued.sources,
    valued.count_source,
    {{ unscaled('valued.billed_units', 12) }} as billed_quantity,
    {{ unscaled('valued.entitled_units', 12) }} as entitled_quantity,
    {{ unscaled('valued.difference_units', 12) }} as difference,
    coalesce(valued.unit_cost, 0)::decimal(28, 10) as unit_cost,
    case when valued.unit_cost is null then 1 else valued.period_days end as cost_days,
    coalesce(valued.charge_days, 1) as charge_days,
    1::decimal(18, 6) as units_per,
    coalesce(valued.units_per, 1)::decimal(18, 6) as cost_units_per,
    valued.unit_cost is not null as is_priced,
    valued.worth
from valued
inner join evidence on valued.client_id = evidence.client_id and valued.product_code = evidence.product_code

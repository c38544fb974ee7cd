-- One row per key with a mapped snapshot in P: unit-days and last-day quantities (both in units of 10^-12) by the product's
-- count source, or by the only source that counts it. Where several do and none is named, the count is ambiguous.
with by_source as (

    select
        lines.client_id,
        lines.product_code,
        lines.source,
        sum({{ scaled('lines.entitled_quantity', 6) }} * {{ scaled('lines.units_per', 6) }} * lines.days_held) as entitled_unit_days,
        coalesce(
            sum({{ scaled('lines.entitled_quantity', 6) }} * {{ scaled('lines.units_per', 6) }}) filter (where lines.is_last), 0
        ) as entitled_quantity,
        -- one missing count leaves the whole unknown: never a partial sum
        case
            when count(*) = count(lines.assigned_quantity)
                then sum({{ scaled('lines.assigned_quantity', 6) }} * {{ scaled('lines.units_per', 6) }} * lines.days_held)
        end as assigned_unit_days,
        case
            when count(*) filter (where lines.is_last) = count(lines.assigned_quantity) filter (where lines.is_last)
                then
                    coalesce(
                        sum({{ scaled('lines.assigned_quantity', 6) }} * {{ scaled('lines.units_per', 6) }}) filter (where lines.is_last),
                        0
                    )
        end as assigned_quantity
    from {{ ref('int_snapshot_lines') }} as lines
    where lines.is_mapped
    group by lines.client_id, lines.product_code, lines.source

),

chosen as (

    select
        by_source.*,
        rules.count_source,
        rules.count_source is null or by_source.source = rules.count_source as is_chosen
    from by_source
    inner join {{ ref('int_product_rules') }} as rules on by_source.product_code = rules.product_code

),

summed as (

    select
        client_id,
        product_code,
        count_source is null and count(*) > 1 as is_ambiguous,
        bool_or(is_chosen) as has_snapshot,
        sum(entitled_unit_days) filter (where is_chosen) as entitled_unit_days,
        sum(entitled_quantity) filter (where is_chosen) as entitled_quantity,
        sum(assigned_unit_days) filter (where is_chosen) as assigned_unit_days,
        sum(assigned_quantity) filter (where is_chosen) as assigned_quantity
    from chosen
    group by client_id, product_code, count_source

)

select
    client_id,
    product_code,
    is_ambiguous,
    has_snapshot,
    case when not is_ambiguous then entitled_unit_days end::hugeint as entitled_unit_days,
    case when not is_ambiguous then entitled_quantity end::hugeint as entitled_quantity,
    case when not is_ambiguous then assigned_unit_days end::hugeint as assigned_unit_days,
    case when not is_ambiguous then assigned_quantity end::hugeint as assigned_quantity
from summed

-- Grain: one row per client invoice line landed in P of a client that passes, approved corrections applied, and one per line that a
-- correction adds (contract §6.4, §8.4). What a client reads in a description names no code and no cost.
with landed as (

    select
        lines.*,
        volume.exception_id as volume_exception_id,
        volume.decision_id as volume_decision_id,
        case
            when volume.exception_id is null then lines.quantity
            else volume.expected_quantity
        end::decimal(18, 6) as ready_quantity,
        coalesce(volume.line_amount, lines.amount) as ready_amount,
        list_sort(list_distinct([lines.exception_id, volume.exception_id])) as exception_ids,
        list_sort(list_distinct([lines.decision_id, volume.decision_id])) as decision_ids
    from {{ ref('int_repriced_lines') }} as lines
    semi join (select client_id from {{ ref('fct_client_gate') }} where verdict in ('PASS', 'PASS_WITH_WAIVER')) as passing
        on lines.client_id = passing.client_id
    left join {{ ref('int_volume_corrections') }} as volume
        on
            lines.source = volume.source
            and lines.invoice_id = volume.invoice_id
            and lines.invoice_line_id = volume.invoice_line_id
    where lines.is_landed_in_period

),

named as (

    select product_code, coalesce(product_name, product_code) as product_name from {{ ref('int_product_rules') }}

),

lines as (

    select
        landed.client_id,
        landed.product_code,
        landed.source,
        landed.invoice_id,
        landed.invoice_line_id,
        landed.ready_quantity as quantity,
        landed.unit_price::decimal(28, 10) as unit_price,
        landed.ready_amount::decimal(28, 4) as amount,
        landed.currency,
        landed.service_period_start,
        landed.service_period_end,
        case
            when len(landed.exception_ids) = 0 then 'unchanged'
            when landed.ready_quantity = 0 and landed.ready_amount = 0 then 'removed'
            else 'corrected'
        end as change,
        landed.exception_ids,
        landed.decision_ids,
        case
            when len(landed.exception_ids) = 0 then landed.description
            when landed.ready_quantity = 0 and landed.ready_amount = 0
                then named.product_name || ': not provided in this period'
            else
                named.product_name || ': '
                || concat_ws(
                    ', ',
                    case
                        when landed.ready_quantity <> landed.quantity
                            then
                                'quantity ' || {{ plain_number('landed.ready_quantity') }} || ' instead of '
                                || {{ plain_number('landed.quantity') }}
                    end,
                    case
                        when landed.unit_price <> landed.landed_unit_price
                            then
                                'unit price ' || {{ price_text('landed.unit_price', 'landed.minor_units') }} || ' instead of '
                                || {{ price_text('landed.landed_unit_price', 'landed.minor_units') }}
                        when landed.exception_id is not null then 'amount put right'
                    end
                )
        end as description,
        landed.record_id
    from landed
    left join named on landed.product_code = named.product_code
    union all
    select
        added.client_id,
        added.product_code,
        null as source,
        null as invoice_id,
        'MBR-' || added.exception_id as invoice_line_id,
        added.quantity,
        added.unit_price,
        added.signed_impact as amount,
        added.currency,
        added.service_period_start,
        added.service_period_end,
        'added' as change,
        [added.exception_id] as exception_ids,
        [added.decision_id] as decision_ids,
        coalesce(named.product_name, added.product_code) || ', '
        || case
            when added.kind = 'late' then 'for earlier days, charged late'
            when added.kind = 'price' then 'the amount put right'
            when added.is_counted and added.quantity > 0 then {{ plain_number('added.quantity') }} || ' more than invoiced'
            when added.is_counted then {{ plain_number('-added.quantity') }} || ' fewer than invoiced'
            else 'the amount put right for what was provided'
        end as description,
        null as record_id
    from {{ ref('int_added_lines') }} as added
    left join named on added.product_code = named.product_code

)

select
    run.msp_id,
    run.period,
    lines.client_id,
    lines.product_code,
    lines.source,
    lines.invoice_id,
    lines.invoice_line_id,
    lines.quantity,
    lines.unit_price,
    lines.amount,
    lines.currency,
    lines.service_period_start,
    lines.service_period_end,
    lines.change,
    lines.exception_ids[1] as exception_id,
    lines.exception_ids,
    lines.decision_ids,
    lines.description,
    lines.record_id
from lines
cross join {{ ref('stg_run') }} as run

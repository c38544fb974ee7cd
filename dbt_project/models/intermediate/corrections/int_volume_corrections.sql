-- One row per approved volume exception: the one line that can carry it, or none, and the quantities it is about (contract §8.4, 2).
-- Quantities are of 6 places; where the exact one has more, it is empty.
with lines as (

    -- the only recurring line of its key in P, whichever month it was landed in
    select lines.*
    from {{ ref('int_repriced_lines') }} as lines
    semi join {{ ref('int_approved_exceptions') }} as approved
        on lines.client_id = approved.client_id and lines.product_code = approved.product_code
    where lines.is_reconciled
    qualify count(*) over (partition by lines.client_id, lines.product_code) = 1

),

facts as (

    select
        approved.*,
        variances.minor_units,
        run.period_start,
        run.period_end,
        run.period_days * {{ power_of_ten(6) }} as period_scale,
        variances.expected_unit_days,
        variances.expected_unit_days - variances.invoiced_unit_days as missing_unit_days,
        variances.unit_price as key_unit_price
    from {{ ref('int_approved_exceptions') }} as approved
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('int_key_variances') }} as variances
        on approved.client_id = variances.client_id and approved.product_code = variances.product_code
    where approved.is_volume_code and variances.is_compared

),

counted as (

    select
        *,
        -- a key that is not unit-based has no expected unit-days
        case
            when expected_unit_days % period_scale = 0
                then {{ unscaled('expected_unit_days // period_scale', 6) }}
        end as expected_quantity,
        case
            when missing_unit_days % period_scale = 0
                then {{ unscaled('missing_unit_days // period_scale', 6) }}
        end as missing_quantity
    from facts

)

select
    counted.exception_id,
    counted.decision_id,
    counted.client_id,
    counted.product_code,
    counted.currency,
    counted.minor_units,
    counted.signed_impact,
    counted.period_start,
    counted.period_end,
    counted.expected_quantity,
    case
        when
            {{ round_price_times(
                scaled('counted.key_unit_price', 10), scaled('counted.missing_quantity', 6) ~ ' * ' ~ power_of_ten(6), '1', 10,
                'counted.minor_units'
            ) }} = counted.signed_impact
            then counted.missing_quantity
    end as missing_quantity,
    counted.key_unit_price,
    lines.source,
    lines.invoice_id,
    lines.invoice_line_id,
    (lines.amount + counted.signed_impact)::decimal(28, 4) as line_amount
from counted
left join lines
    on
        counted.client_id = lines.client_id
        and counted.product_code = lines.product_code
        and lines.is_landed_in_period
        and counted.period_start = lines.service_period_start
        and counted.period_end = lines.service_period_end
        and counted.key_unit_price = lines.unit_price
        -- either both are gone, or neither
        and (counted.expected_quantity = 0) = (lines.amount + counted.signed_impact = 0)

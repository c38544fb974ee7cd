-- One row per recurring invoice line lying in P, on a compared, unit-based key, whose amount is not what it should be: the price it
-- should carry (pp_line) and its price variance, signed (contract §4). Lines that reach outside P have no price variance and are not
-- here, nor are those whose variance is 0.
with lines as (

    select
        lines.*,
        rules.default_unit_price,
        rules.list_currency,
        named.unit_price as named_unit_price
    from {{ ref('int_invoice_lines') }} as lines
    inner join {{ ref('int_product_rules') }} as rules on lines.product_code = rules.product_code
    -- few keys are not compared, so they are what is looked up
    anti join (select client_id, product_code from {{ ref('int_key_status') }} where not is_compared) as waiting
        on lines.client_id = waiting.client_id and lines.product_code = waiting.product_code
    -- ids are the PSA's own: a line of the same source wins where two PSAs use one id
    left join {{ ref('int_agreement_lines') }} as named
        on
            lines.source = named.source
            and lines.agreement_line_id = named.agreement_line_id
            and lines.client_id = named.client_id
            and lines.product_code = named.product_code
            and {{ valid_on('lines.service_period_start', 'named.effective_start', 'named.effective_end') }}
    where
        lines.is_reconciled and lines.lies_in_period and rules.basis <> 'cost_plus'
        -- most lines are for the whole month and exactly right: nothing more is asked of them
        and not (
            lines.overlap_days = lines.period_days
            and coalesce(named.unit_price::decimal(38, 10) * lines.quantity = lines.amount::decimal(38, 16), false)
        )

),

named_elsewhere as (

    select
        lines.source,
        lines.invoice_id,
        lines.invoice_line_id,
        arg_max(agreements.unit_price, agreements.source) as unit_price
    from lines
    inner join {{ ref('int_agreement_lines') }} as agreements
        on
            lines.agreement_line_id = agreements.agreement_line_id
            and lines.client_id = agreements.client_id
            and lines.product_code = agreements.product_code
            and {{ valid_on('lines.service_period_start', 'agreements.effective_start', 'agreements.effective_end') }}
    where lines.named_unit_price is null
    group by lines.source, lines.invoice_id, lines.invoice_line_id

),

days as (

    select distinct client_id, product_code, currency, service_period_start
    from lines
    where named_unit_price is null

),

in_force as (

    select
        days.client_id,
        days.product_code,
        days.currency,
        days.service_period_start,
        arg_max(agreements.unit_price, (agreements.effective_start, agreements.agreement_line_id, agreements.source)) as unit_price
    from days
    inner join {{ ref('int_agreement_lines') }} as agreements
        on
            days.client_id = agreements.client_id
            and days.product_code = agreements.product_code
            and days.currency = agreements.currency
            and {{ valid_on('days.service_period_start', 'agreements.effective_start', 'agreements.effective_end') }}
    group by days.client_id, days.product_code, days.currency, days.service_period_start

),

priced as (

    select
        lines.*,
        coalesce(
            lines.named_unit_price,
            named_elsewhere.unit_price,
            in_force.unit_price,
            case when lines.list_currency = lines.currency then lines.default_unit_price end,
            lines.unit_price
        ) as expected_unit_price
    from lines
    left join named_elsewhere
        on
            lines.source = named_elsewhere.source
            and lines.invoice_id = named_elsewhere.invoice_id
            and lines.invoice_line_id = named_elsewhere.invoice_line_id
    left join in_force
        on
            lines.client_id = in_force.client_id
            and lines.product_code = in_force.product_code
            and lines.currency = in_force.currency
            and lines.service_period_start = in_force.service_period_start

),

valued as (

    select
        *,
        ({{ round_share(
            '(expected_unit_price::decimal(38, 10) * quantity)', 'overlap_days', 'period_days', 16, 'minor_units'
        ) }} - amount)::decimal(28, 4) as price_variance
    from priced

)

select
    valued.source,
    valued.invoice_id,
    valued.invoice_line_id,
    valued.record_id,
    valued.client_id,
    valued.product_code,
    valued.currency,
    valued.minor_units,
    valued.quantity,
    valued.overlap_days,
    valued.period_days,
    valued.unit_price,
    valued.expected_unit_price,
    valued.amount,
    valued.price_variance,
    case
        when valued.unit_price <> valued.expected_unit_price then 'INVOICE_PRICE_MISMATCH'
        when abs(valued.price_variance) > run.rounding_tolerance * {{ minor_unit('valued.minor_units') }} then 'INVOICE_AMOUNT_MISMATCH'
        else 'ROUNDING'
    end as exception_code
from valued
cross join {{ ref('stg_run') }} as run
where valued.price_variance <> 0

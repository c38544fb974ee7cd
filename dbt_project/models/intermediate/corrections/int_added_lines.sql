-- One row per approved exception that no landed line can carry: a line of its own (contract §8.4).
with volume as (

    select
        *,
        missing_quantity is not null and invoice_line_id is null as is_counted
    from {{ ref('int_volume_corrections') }}
    where invoice_line_id is null

),

late as (

    select
        approved.*,
        lines.charge_period_start,
        greatest(least(lines.charge_period_end, run.period_start), lines.charge_period_start) as late_end
    from {{ ref('int_approved_exceptions') }} as approved
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('int_vendor_lines') }} as lines
        on approved.source = lines.source and approved.invoice_id = lines.invoice_id and approved.line_id = lines.line_id
    where approved.exception_code = 'LATE_CHARGE'

),

earlier as (

    -- a wrong line that was landed for an earlier month went out with it
    select
        approved.*,
        lines.service_period_start,
        lines.service_period_end
    from {{ ref('int_approved_exceptions') }} as approved
    inner join {{ ref('int_invoice_lines') }} as lines
        on
            approved.source = lines.source
            and approved.invoice_id = lines.invoice_id
            and approved.line_id = lines.invoice_line_id
            and not lines.is_landed_in_period
    where approved.exception_code in ('INVOICE_PRICE_MISMATCH', 'INVOICE_AMOUNT_MISMATCH')

),

added as (

    select
        exception_id,
        decision_id,
        client_id,
        product_code,
        currency,
        signed_impact,
        case when is_counted then missing_quantity end as quantity,
        case when is_counted then key_unit_price end as unit_price,
        period_start as service_period_start,
        period_end as service_period_end,
        'volume' as kind
    from volume
    union all
    select
        exception_id,
        decision_id,
        client_id,
        product_code,
        currency,
        signed_impact,
        null as quantity,
        null as unit_price,
        charge_period_start as service_period_start,
        late_end as service_period_end,
        'late' as kind
    from late
    union all
    select
        exception_id,
        decision_id,
        client_id,
        product_code,
        currency,
        signed_impact,
        null as quantity,
        null as unit_price,
        service_period_start,
        service_period_end,
        'price' as kind
    from earlier

)

select
    exception_id,
    decision_id,
    client_id,
    product_code,
    currency,
    signed_impact,
    coalesce(quantity, sign(signed_impact))::decimal(18, 6) as quantity,
    quantity is not null as is_counted,
    coalesce(unit_price, abs(signed_impact))::decimal(28, 10) as unit_price,
    service_period_start,
    service_period_end,
    kind
from added

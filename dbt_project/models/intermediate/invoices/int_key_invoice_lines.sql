-- One row per key with recurring invoice lines in P. Unit-days and quantities in units of 10^-12.
-- invoiced_amount only where all lines carry one currency: money of several is never summed.
select
    client_id,
    product_code,
    sum({{ scaled('quantity', 6) }} * {{ power_of_ten(6) }} * overlap_days)::hugeint as invoiced_unit_days,
    coalesce(sum({{ scaled('quantity', 6) }} * {{ power_of_ten(6) }}) filter (where covers_last_day), 0)::hugeint
        as last_day_quantity,
    min(currency) as first_currency,
    max(currency) as last_currency,
    case when first_currency = last_currency then sum(invoiced_amount) end::decimal(28, 4) as invoiced_amount,
    arg_max(unit_price, (service_period_start, invoice_line_id, invoice_id, source)) as latest_unit_price
from {{ ref('int_invoice_lines') }}
where is_reconciled
group by client_id, product_code

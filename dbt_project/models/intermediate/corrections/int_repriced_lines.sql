-- One row per client invoice line, those of approved wrong prices and amounts put right where they are landed in P (contract §8.4, 1).
select
    lines.source,
    lines.invoice_id,
    lines.invoice_line_id,
    lines.record_id,
    lines.is_landed_in_period,
    lines.is_reconciled,
    lines.client_id,
    lines.product_code,
    lines.quantity,
    case when approved.exception_id is null then lines.unit_price else variances.expected_unit_price end as unit_price,
    lines.unit_price as landed_unit_price,
    (lines.amount + coalesce(approved.signed_impact, 0))::decimal(28, 4) as amount,
    lines.currency,
    lines.minor_units,
    lines.service_period_start,
    lines.service_period_end,
    lines.description,
    approved.exception_id,
    approved.decision_id
from {{ ref('int_invoice_lines') }} as lines
-- a condition on the line alone would have DuckDB compare every line with every approval
left join {{ ref('int_approved_exceptions') }} as approved
    on
        approved.exception_code in ('INVOICE_PRICE_MISMATCH', 'INVOICE_AMOUNT_MISMATCH')
        and lines.source = approved.source
        and lines.invoice_id = approved.invoice_id
        and case when lines.is_landed_in_period then lines.invoice_line_id end = approved.line_id
left join {{ ref('int_invoice_line_variances') }} as variances
    on
        lines.source = variances.source
        and lines.invoice_id = variances.invoice_id
        and lines.invoice_line_id = variances.invoice_line_id

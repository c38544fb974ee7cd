-- The codes of contract §5 in the order of its tables: that order decides which code a line is reported under.
select *
from (
    values
    ('CURRENCY_MISMATCH', 1, 'error', true),
    ('COST_PLUS_UNDERBILLED', 2, 'error', true),
    ('COST_PLUS_OVERBILLED', 3, 'error', true),
    ('BILLED_NOT_PROVIDED', 4, 'error', true),
    ('AGREEMENT_NOT_INVOICED', 5, 'error', true),
    ('AGREEMENT_ENDED', 6, 'error', true),
    ('UNBILLED_PRODUCT', 7, 'error', true),
    ('MID_PERIOD_CHANGE_NOT_PRORATED', 8, 'error', true),
    ('UNDERBILLED_QUANTITY', 9, 'error', true),
    ('OVERBILLED_QUANTITY', 10, 'error', true),
    ('INVOICE_PRICE_MISMATCH', 11, 'error', true),
    ('INVOICE_AMOUNT_MISMATCH', 12, 'error', true),
    ('ROUNDING', 13, 'info', true),
    ('SOLD_BELOW_COST', 14, 'error', true),
    ('MARGIN_BELOW_FLOOR', 15, 'info', true),
    ('DUPLICATE_VENDOR_CHARGE', 16, 'warning', false),
    ('UNMAPPED_CUSTOMER', 17, 'warning', false),
    ('UNMAPPED_SKU', 18, 'warning', false),
    ('USAGE_NOT_METERED', 19, 'warning', false),
    ('LATE_CHARGE', 20, 'warning', false),
    ('VENDOR_AMOUNT_MISMATCH', 21, 'warning', false),
    ('VENDOR_PRICE_CHANGE', 22, 'warning', false),
    ('VENDOR_QUANTITY_OVER', 23, 'warning', false),
    ('VENDOR_QUANTITY_UNDER', 24, 'warning', false),
    ('UNUSED_LICENSES', 25, 'info', false)
) as codes (exception_code, code_order, severity, is_client_side) -- noqa: AL05

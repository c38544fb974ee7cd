-- The codes of contract §5 in the order of its tables: that order decides which code a line is reported under.
-- cleared_when ends the sentence "Cleared when …" of the explanation.
select *
from (
    values
    (
        'CURRENCY_MISMATCH', 1, 'error', true,
        'its invoice lines, agreement lines and, at cost plus, its vendor lines share one currency'
    ),
    (
        'COST_PLUS_UNDERBILLED', 2, 'error', true,
        'the client is invoiced cost plus markup, or the markup in metering.csv is corrected'
    ),
    (
        'COST_PLUS_OVERBILLED', 3, 'error', true,
        'the client is invoiced cost plus markup, or the markup in metering.csv is corrected'
    ),
    (
        'BILLED_NOT_PROVIDED', 4, 'error', true,
        'the invoice line goes, the missing supply is landed or mapped, or the product is not vendor-backed'
    ),
    (
        'AGREEMENT_NOT_INVOICED', 5, 'error', true,
        'an invoice line charges it, or the supply ends'
    ),
    (
        'AGREEMENT_ENDED', 6, 'error', true,
        'the agreement is renewed and invoiced, or the supply is cancelled'
    ),
    (
        'UNBILLED_PRODUCT', 7, 'error', true,
        'it is agreed and invoiced, or the supply is cancelled or mapped elsewhere'
    ),
    (
        'MID_PERIOD_CHANGE_NOT_PRORATED', 8, 'error', true,
        'the invoice prorates the change by its days'
    ),
    (
        'UNDERBILLED_QUANTITY', 9, 'error', true,
        'the invoice charges the unit-days that were provided'
    ),
    (
        'OVERBILLED_QUANTITY', 10, 'error', true,
        'the invoice charges the unit-days that were provided'
    ),
    (
        'INVOICE_PRICE_MISMATCH', 11, 'error', true,
        'the line carries the price in force, or the agreement line is corrected'
    ),
    (
        'INVOICE_AMOUNT_MISMATCH', 12, 'error', true,
        'the amount is quantity x price for the days of the line'
    ),
    ('ROUNDING', 13, 'info', true, null),
    (
        'SOLD_BELOW_COST', 14, 'error', true,
        'the price is raised or the cost corrected'
    ),
    (
        'MARGIN_BELOW_FLOOR', 15, 'info', true,
        'the margin reaches the floor, or the floor in metering.csv is lowered'
    ),
    (
        'DUPLICATE_VENDOR_CHARGE', 16, 'warning', false,
        'a corrected bill is landed in place of this one'
    ),
    (
        'UNMAPPED_CUSTOMER', 17, 'warning', false,
        'client_map.csv has a row for the customer that is valid on those days'
    ),
    (
        'UNMAPPED_SKU', 18, 'warning', false,
        'sku_map.csv has a row for the SKU that is valid on those days'
    ),
    (
        'USAGE_NOT_METERED', 19, 'warning', false,
        'metering.csv meters the product as cost_plus, or sku_map.csv maps the SKU to a product that is'
    ),
    (
        'LATE_CHARGE', 20, 'warning', false,
        'a corrected bill is landed; else it stays with this month, to be settled with the client once'
    ),
    (
        'VENDOR_AMOUNT_MISMATCH', 21, 'warning', false,
        'a corrected bill is landed in place of this one'
    ),
    (
        'VENDOR_PRICE_CHANGE', 22, 'warning', false,
        'a corrected bill is landed, or cost_list.csv has the new price from this month on'
    ),
    (
        'VENDOR_QUANTITY_OVER', 23, 'warning', false,
        'bill and licence count agree: a corrected bill or count is landed'
    ),
    (
        'VENDOR_QUANTITY_UNDER', 24, 'warning', false,
        'bill and licence count agree: a corrected bill or count is landed'
    ),
    (
        'UNUSED_LICENSES', 25, 'info', false,
        'the licences are assigned or given back'
    )
) as codes (exception_code, code_order, severity, is_client_side, cleared_when) -- noqa: AL05

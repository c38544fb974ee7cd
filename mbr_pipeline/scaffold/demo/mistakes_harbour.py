"""Harbour's mistakes: each one's story, the finding it must yield, and the amount worked by hand from the
contract.

What belongs here: services whose legs disagree and edits of correct months, beside the findings they cause,
and the page that is missing in October. What does not: the correct months (``months``).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from mbr_pipeline.scaffold.demo.harbour import MSP
from mbr_pipeline.scaffold.demo.model import AUGUST, OCTOBER, SEPTEMBER, Blocked, Months, Plant, Planted, Service, day, steady
from mbr_pipeline.scaffold.demo.correct_months import one_time_line


def _found(
    period: str, code: str, client: str, product: str, column: str | None = None, amount: str = "0.00"
) -> Planted:
    return Planted(MSP, period, code, client, product, column, Decimal(amount))


def _invoice_wrong_price(months: Months) -> None:
    line = months[AUGUST].client_line("H-06", "EDR")
    line.unit_price, line.amount = Decimal("4.95"), Decimal("168.30")


def _forget_identity_line(months: Months) -> None:
    month = months[SEPTEMBER]
    month.invoice_lines.remove(month.client_line("H-05", "ITDR"))


def _invoice_in_euros(months: Months) -> None:
    line = months[SEPTEMBER].client_line("H-10", "EXO-P1")
    line.currency, line.unit_price, line.amount = "EUR", Decimal("4.75"), Decimal("52.25")


def _bill_august_backup_again(months: Months) -> None:
    august = next(c for c in months[AUGUST].charges["acronis"] if c.vendor_customer_name == "Calder Vale Joinery")
    months[SEPTEMBER].charges["acronis"].append(replace(august))


def _sell_one_time_work(months: Months) -> None:
    months[SEPTEMBER].invoice_lines.append(one_time_line("H-07", "LABOUR", "3.5", "95.00", "GBP", day("2026-09-15")))


PLANTS = (
    # The invoice has 4.95 where 4.75 is agreed: 34 x 0.20 too much.
    Plant(
        (_found(AUGUST, "INVOICE_PRICE_MISMATCH", "H-06", "EDR", "client_refund", "6.80"),),
        edit=_invoice_wrong_price,
    ),
    # Twenty-one seats bought and eighteen assigned: 3 x 16.20 in August, September, and October once that can
    # be run.
    Plant(
        (
            _found(AUGUST, "UNUSED_LICENSES", "H-04", "M365-BP", "stranded", "48.60"),
            _found(SEPTEMBER, "UNUSED_LICENSES", "H-04", "M365-BP", "stranded", "48.60"),
        ),
        services=(Service("H-04", "M365-BP", steady(21), assigned=18),),
    ),
    # A welcome price of 6.90 until October against a cost of 5.80: (276.00 - 232.00) x 100 < 20 x 276.00.
    Plant(
        (
            _found(AUGUST, "MARGIN_BELOW_FLOOR", "H-08", "TEAMS-PH"),
            _found(SEPTEMBER, "MARGIN_BELOW_FLOOR", "H-08", "TEAMS-PH"),
        ),
        services=(Service("H-08", "TEAMS-PH", steady(40), prices=(("2025-07-01", "6.90"), ("2026-10-01", "9.00"))),),
    ),
    # Agreed, provisioned and billed by the vendor, but the line fell off the September invoice: 3.20 x 18.
    Plant(
        (_found(SEPTEMBER, "AGREEMENT_NOT_INVOICED", "H-05", "ITDR", "client_recoverable", "57.60"),),
        edit=_forget_identity_line,
    ),
    # A new bookkeeper invoiced the mailboxes in euros; the agreement is in pounds.
    Plant(
        (_found(SEPTEMBER, "CURRENCY_MISMATCH", "H-10", "EXO-P1"),),
        edit=_invoice_in_euros,
    ),
    # September's backup bill repeats August's line of 12 devices: 12 x 3.10.
    Plant(
        (_found(SEPTEMBER, "DUPLICATE_VENDOR_CHARGE", "H-03", "BKP-DEV", "vendor_claim", "37.20"),),
        edit=_bill_august_backup_again,
    ),
    # Passed through, never reconciled: no finding.
    Plant((), edit=_sell_one_time_work),
)

# October's backup bill comes in two pages and the second never landed: 7 devices at 3.10 are missing from
# 37.20 + 75.60 + 15.50 + 134.40 + 21.70.
BLOCKED = Blocked(
    msp_id=MSP,
    period=OCTOBER,
    code="CONTROL_TOTAL_MISMATCH",
    source="acronis",
    invoice_id="ACRONIS-202610",
    expected=Decimal("284.40"),
    actual=Decimal("262.70"),
    once_complete=(_found(OCTOBER, "UNUSED_LICENSES", "H-04", "M365-BP", "stranded", "48.60"),),
)

"""What the report calls things: exception codes, control codes, directions of money, verdicts.

Belongs here: words and their reading order, as data. Which rows carry a code is decided by the marts; how a
value is written is ``text``'s business.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Direction:
    """One of the five directions money can be at stake in (contract §5), never netted against another."""

    column: str
    title: str
    meaning: str
    side: str


DIRECTIONS: tuple[Direction, ...] = (
    Direction(
        "client_recoverable",
        "Recoverable",
        "Bill the client more: delivered, not (fully) invoiced.",
        "client",
    ),
    Direction(
        "client_refund", "Refund", "We owe the client: invoiced above what was delivered or agreed.", "client"
    ),
    Direction("vendor_claim", "Vendor claim", "The vendor owes us: charged too much or twice.", "vendor"),
    Direction(
        "vendor_liability", "Vendor liability", "The vendor under-billed: may still be charged.", "vendor"
    ),
    Direction("stranded", "Stranded", "Paid and unused: seats assigned to nobody.", "count"),
)
IMPACTS: tuple[str, ...] = tuple(d.column for d in DIRECTIONS)

CLIENT_CODES: dict[str, str] = {
    "CURRENCY_MISMATCH": (
        "Invoice lines, agreement and cost are in different currencies; nothing could be compared."
    ),
    "COST_PLUS_UNDERBILLED": "Invoiced less than cost plus the agreed markup.",
    "COST_PLUS_OVERBILLED": "Invoiced more than cost plus the agreed markup.",
    "BILLED_NOT_PROVIDED": "Invoiced, but nothing was delivered.",
    "AGREEMENT_NOT_INVOICED": "Delivered and agreed, but on no invoice.",
    "AGREEMENT_ENDED": "Still delivered, but the agreement has ended and nothing is invoiced.",
    "UNBILLED_PRODUCT": "Delivered, but neither agreed nor invoiced.",
    "MID_PERIOD_CHANGE_NOT_PRORATED": (
        "The quantity changed during the month and the invoice ignores from which day."
    ),
    "UNDERBILLED_QUANTITY": "Fewer invoiced than delivered.",
    "OVERBILLED_QUANTITY": "More invoiced than delivered.",
    "INVOICE_PRICE_MISMATCH": "The invoice line's unit price is not the agreed one.",
    "INVOICE_AMOUNT_MISMATCH": "The invoice line's amount is not its quantity × price.",
    "ROUNDING": "A difference within the rounding tolerance; cleared by itself, still counted.",
    "SOLD_BELOW_COST": "Invoiced for less than it costs.",
    "MARGIN_BELOW_FLOOR": "The margin is under the floor set for the product.",
}
VENDOR_CODES: dict[str, str] = {
    "DUPLICATE_VENDOR_CHARGE": "The vendor charged the same thing twice.",
    "UNMAPPED_CUSTOMER": "Charges or seats of a vendor customer that no client_map row gives to a client.",
    "UNMAPPED_SKU": "Charges or seats of a vendor SKU that no sku_map row gives to a product.",
    "USAGE_NOT_METERED": "Usage charges on a product that is not billed cost-plus: nobody invoices them.",
    "LATE_CHARGE": "The vendor charges now for an earlier month.",
    "VENDOR_AMOUNT_MISMATCH": "The vendor's amount is not its quantity × unit cost.",
    "VENDOR_PRICE_CHANGE": "The vendor's unit cost is not the one in the cost list.",
    "VENDOR_QUANTITY_OVER": "The vendor charges more seats than it counts.",
    "VENDOR_QUANTITY_UNDER": "The vendor charges fewer seats than it counts.",
    "UNUSED_LICENSES": "Seats paid for and assigned to nobody.",
}
CODE_MEANINGS: dict[str, str] = CLIENT_CODES | VENDOR_CODES
CODE_ORDER: dict[str, int] = {code: place for place, code in enumerate(CODE_MEANINGS)}
UNMAPPED_CODES: tuple[str, ...] = ("UNMAPPED_CUSTOMER", "UNMAPPED_SKU")
NOT_IN_BRIDGE = "LATE_CHARGE"
"""Its money belongs to earlier months, so it is no part of this month's expected − invoiced (contract §4,
§5).
"""

SEVERITIES: tuple[str, ...] = ("error", "warning", "info")

CONTROL_MEANINGS: dict[str, str] = {
    "SOURCE_MISSING": (
        "A declared dataset has no file. Land it, or remove the dataset from the source in mbr.yml."
    ),
    "SOURCE_EMPTY": "A file arrived without rows. Ask for it again.",
    "SCHEMA_DRIFT": "A required column is missing or repeated. Compare the file's header with last month's.",
    "ROW_REJECTED": (
        "Rows could not be read exactly; each is listed under “Rejected rows”. Correct them at the source."
    ),
    "REFERENCE_MISSING": "An agreement or invoice line names a client or product that did not arrive.",
    "CONTROL_TOTAL_MISMATCH": (
        "A vendor invoice's lines do not add up to its total: something is missing or doubled."
    ),
    "COVERAGE_TOO_LOW": (
        "Too large a share of the vendor charges is not mapped. Add client_map and sku_map rows."
    ),
    "CONSERVATION_BROKEN": (
        "A line without exactly one outcome, or a residual: a fault of the calculation. Report it."
    ),
}

SUITES: tuple[str, ...] = ("raw", "marts", "invoice_ready")
SUITE_MEANINGS: dict[str, str] = {
    "raw": "what was loaded",
    "marts": "what was calculated",
    "invoice_ready": "the lines about to be invoiced",
}

VERDICTS: tuple[str, ...] = ("matched", "exception", "unreconciled", "unreconcilable")
COMPARED: tuple[str, ...] = ("matched", "exception")
VERDICT_MEANINGS: dict[str, str] = {
    "matched": "compared, nothing to do",
    "exception": "compared, with a finding",
    "unreconciled": "not compared: data it needs is missing, empty or failed a control",
    "unreconcilable": "not compared: no seat count, or counts that contradict each other",
}

"""What the report calls things: directions of money, suites, verdicts.

What belongs here: words and their reading order, as data. The words about codes are
``mbr_pipeline.exception_codes``; which rows carry a code is decided by the marts; how a value is
written is ``text``'s business.
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

UNMAPPED_CODES: tuple[str, ...] = ("UNMAPPED_CUSTOMER", "UNMAPPED_SKU", "UNMAPPED_PRODUCT")
NOT_IN_BRIDGE = "LATE_CHARGE"
"""Its money belongs to earlier months, so it is no part of this month's expected −
invoiced (contract §4, §5).
"""

SEVERITIES: tuple[str, ...] = ("error", "warning", "info")

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
    "unreconciled": "not compared: data it needs is missing or failed a control, or it must be mapped first",
    "unreconcilable": "not compared: no seat count, or counts that contradict each other",
}

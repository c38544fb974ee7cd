"""One exception as it is published, with which an explanation is compared (contract §6.5, fct_exceptions).

What belongs here: its shape. What does not: the records behind it (``case``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

MONEY_COLUMNS = (
    "client_recoverable",
    "client_refund",
    "vendor_claim",
    "vendor_liability",
    "stranded",
    "priced_at_cost",
)
"""The columns of an exception that carry money, in the order of its table."""


@dataclass(frozen=True)
class Finding:
    """One exception as it is published: what it is about, and its money."""

    exception_id: str
    msp_id: str
    period: str
    exception_code: str
    severity: str
    blocking: bool
    status: str
    client_id: str | None
    product_code: str | None
    source: str | None
    vendor_customer_id: str | None
    sku_id: str | None
    invoice_id: str | None
    line_id: str | None
    currency: str | None
    explanation: str
    evidence: tuple[str, ...]
    money: Mapping[str, Decimal]


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Make a finding of a row of fct_exceptions."""
    names = {f.name for f in fields(Finding)} - {"money", "evidence"}
    money = {column: row[column] for column in MONEY_COLUMNS}
    return Finding(**{name: row[name] for name in names}, evidence=tuple(row["evidence"]), money=money)

"""The shape of an exception: code, severity, whose money, and whether it holds the client (contract §5).

What belongs here: what all codes share, with this engine's own list of them. What does not: when a code is
raised (``findings.client``, ``findings.vendor``, ``findings.counts``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.money import to_money

CLIENT_CODES = (
    "CURRENCY_MISMATCH",
    "COST_PLUS_UNDERBILLED",
    "COST_PLUS_OVERBILLED",
    "BILLED_NOT_PROVIDED",
    "AGREEMENT_NOT_INVOICED",
    "AGREEMENT_ENDED",
    "UNBILLED_PRODUCT",
    "MID_PERIOD_CHANGE_NOT_PRORATED",
    "UNDERBILLED_QUANTITY",
    "OVERBILLED_QUANTITY",
    "INVOICE_PRICE_MISMATCH",
    "INVOICE_AMOUNT_MISMATCH",
    "ROUNDING",
    "SOLD_BELOW_COST",
    "MARGIN_BELOW_FLOOR",
)
LINE_CODES = ("INVOICE_PRICE_MISMATCH", "INVOICE_AMOUNT_MISMATCH", "ROUNDING")
MARGIN_CODES = ("SOLD_BELOW_COST", "MARGIN_BELOW_FLOOR")
VOLUME_CODES = CLIENT_CODES[: CLIENT_CODES.index("INVOICE_PRICE_MISMATCH")]
_ERRORS = {*CLIENT_CODES[: CLIENT_CODES.index("ROUNDING")], "SOLD_BELOW_COST"}
_INFO = {"ROUNDING", "UNUSED_LICENSES", "MARGIN_BELOW_FLOOR"}
_ALWAYS_BLOCKING = {"CURRENCY_MISMATCH", "SOLD_BELOW_COST"}
Impact = tuple[tuple[str, Fraction], ...]
"""Amounts of money by column."""
IMPACTS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")


@dataclass(frozen=True)
class Condition:
    """A code of a list of which the first that holds is raised."""

    code: str
    holds: bool


def first_that_holds(conditions: Iterable[Condition]) -> str | None:
    """Return the first code whose condition holds."""
    return next((condition.code for condition in conditions if condition.holds), None)


@dataclass(frozen=True)
class Subject:
    """What an exception is about; ``None`` where it is not about one such thing."""

    client_id: str | None = None
    product_code: str | None = None
    source: str | None = None
    vendor_customer_id: str | None = None
    sku_id: str | None = None
    line_id: str | None = None
    invoice_id: str | None = None


@dataclass(frozen=True)
class Finding:
    """One exception with exact, already rounded impacts."""

    code: str
    subject: Subject
    currency: str | None
    impacts: Impact = ()
    priced_at_cost: Fraction = Fraction(0)
    valued_at: str | None = None
    evidence: tuple[str, ...] = ()

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``info``."""
        return "error" if self.code in _ERRORS else "info" if self.code in _INFO else "warning"

    @property
    def client_signed(self) -> Fraction:
        """Recoverable less refund: the exception's part in the variance bridge."""
        amounts = dict(self.impacts)
        return amounts.get("client_recoverable", Fraction(0)) - amounts.get("client_refund", Fraction(0))

    def blocking(self, materiality: Decimal) -> bool:
        """Say whether the exception holds its client while nobody has decided it."""
        if self.severity != "error":
            return False
        if self.code in _ALWAYS_BLOCKING or (self.code in VOLUME_CODES and self.valued_at == "none"):
            return True
        return any(amount > Fraction(materiality) for _, amount in self.impacts)

    def row(self, msp_id: str, period: str, materiality: Decimal) -> dict[str, Any]:
        """Give the exception as a row of ``fct_exceptions`` without id and explanation."""
        amounts = dict(self.impacts)
        return {
            "msp_id": msp_id,
            "period": period,
            "exception_code": self.code,
            "severity": self.severity,
            "blocking": self.blocking(materiality),
            "status": "auto_cleared" if self.code == "ROUNDING" else "open",
            "client_id": self.subject.client_id,
            "product_code": self.subject.product_code,
            "source": self.subject.source,
            "vendor_customer_id": self.subject.vendor_customer_id,
            "sku_id": self.subject.sku_id,
            "invoice_id": self.subject.invoice_id,
            "line_id": self.subject.line_id,
            "currency": self.currency,
            **{name: to_money(amounts.get(name, Fraction(0)), self.currency) for name in IMPACTS},
            "priced_at_cost": to_money(self.priced_at_cost, self.currency),
            "evidence": list(self.evidence),
        }


def client_impact(signed: Fraction) -> Impact:
    """Split a variance by sign: to bill more, or to give back."""
    return (("client_recoverable" if signed >= 0 else "client_refund", abs(signed)),)


def vendor_impact(signed: Fraction) -> Impact:
    """Split a vendor's difference by sign: over-billed is a claim, under-billed a liability."""
    return (("vendor_claim" if signed >= 0 else "vendor_liability", abs(signed)),)

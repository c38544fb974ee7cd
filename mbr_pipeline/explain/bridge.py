"""Why a client owes more or less than it is invoiced: from invoiced to expected, finding by finding (contract
§4.8, the residual).

What belongs here: one client's bridge, what is shown next to it, and what holds the client. How one finding
comes about is the derivations' part.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.exception_codes import codes_of, place_of
from mbr_pipeline.explain.exact import money
from mbr_pipeline.explain.published import MonthTables
from mbr_pipeline.explain.records import Finding, finding_of
from mbr_pipeline.report.bridge import Bridge, Step, bridge_of
from mbr_pipeline.report.vocabulary import COMPARED
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.paths import MonthPaths


@dataclass(frozen=True)
class CurrencyBridge:
    """One currency's way from invoiced to expected: the steps are client-side findings
    with their signed money.
    """

    currency: str | None
    invoiced: Decimal
    expected: Decimal
    classified: Decimal
    residual: Decimal
    steps: tuple[Finding, ...]

    @property
    def places(self) -> int:
        """Decimal places of the currency."""
        return minor_units().get(self.currency or "", 2)

    @property
    def difference(self) -> Fraction:
        """Expected − invoiced: what the client owes more, or less if it is below zero."""
        return Fraction(self.expected) - Fraction(self.invoiced)

    @property
    def explained(self) -> Fraction:
        """The sum of the steps."""
        return sum((signed_money(step) for step in self.steps), Fraction(0))

    @property
    def problems(self) -> list[str]:
        """The places where it does not add up."""
        sums = {"the classified variance": Fraction(self.classified), "the findings": self.explained}
        return [
            f"{self.currency}: expected − invoiced is {money(self.difference, self.places)}, {name} come to"
            f" {money(value, self.places)}"
            for name, value in sums.items()
            if value != self.difference
        ] + (
            [f"{self.currency}: the residual is {money(self.residual, self.places)}"] if self.residual else []
        )


@dataclass(frozen=True)
class NotCompared:
    """A product of the client that could not be compared; it holds the client if it has
    invoice lines in P.
    """

    product_code: str
    verdict: str
    holds: bool


@dataclass(frozen=True)
class ClientBridge:
    """A client's month: its bridges by currency, its findings next to them, its gate and what holds it."""

    month: MonthPaths
    client_id: str
    client_name: str | None
    blocked_by: tuple[str, ...] | None
    verdict: str | None
    held: tuple[tuple[str | None, Decimal], ...]
    bridges: tuple[CurrencyBridge, ...]
    beside: tuple[Finding, ...]
    not_compared: tuple[NotCompared, ...]
    product_names: dict[str, str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings that name the client, those of the bridges first."""
        return (*(step for bridge in self.bridges for step in bridge.steps), *self.beside)

    @property
    def holders(self) -> tuple[Finding, ...]:
        """The findings that hold the client."""
        return tuple(f for f in self.findings if f.blocking)

    @property
    def problems(self) -> list[str]:
        """The places where the bridges do not add up."""
        return [problem for bridge in self.bridges for problem in bridge.problems]


def picture_of(currency: CurrencyBridge) -> Bridge:
    """Return a client's bridge as the close report's is drawn: the steps added up by code and direction."""
    steps: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for step in currency.steps:
        steps[step.exception_code, "up"] += step.money["client_recoverable"]
        steps[step.exception_code, "down"] -= step.money["client_refund"]
    return bridge_of(
        Bridge(
            currency=currency.currency,
            invoiced=currency.invoiced,
            expected=currency.expected,
            steps=(),
            classified=currency.classified,
            findings=Decimal(0),
            residual=currency.residual,
            nonzero_residuals=int(bool(currency.residual)),
            rows=1,
        ),
        [Step(code, amount, kind) for (code, kind), amount in steps.items() if amount],
    )


def signed_money(finding: Finding) -> Fraction:
    """Bill more above zero, refund below."""
    return Fraction(finding.money["client_recoverable"]) - Fraction(finding.money["client_refund"])


def client_bridge(tables: MonthTables, client_id: str) -> ClientBridge | None:
    """Build a client's bridge, or return None if the month does not know the client."""
    names = tables.rows("dim_client", client_id=client_id)
    bridge_rows = tables.rows("fct_variance_bridge", client_id=client_id)
    gate = tables.rows("fct_client_gate", client_id=client_id)
    findings = sorted(
        (finding_of(row) for row in tables.rows("fct_exceptions", client_id=client_id)), key=_reading_order
    )
    if not (names or bridge_rows or gate or findings):
        return None
    inside = [f for f in findings if f.exception_code in codes_of("client")]
    verdict = gate[0]["verdict"] if gate else None
    bridges = tuple(
        CurrencyBridge(
            row["currency"],
            row["invoiced_amount"],
            row["expected_amount"],
            row["classified_variance"],
            row["residual"],
            tuple(f for f in inside if f.currency == row["currency"]),
        )
        for row in sorted(bridge_rows, key=lambda row: (row["currency"] is None, row["currency"] or ""))
    )
    stepped = {step.exception_id for bridge in bridges for step in bridge.steps}
    return ClientBridge(
        month=tables.month,
        client_id=client_id,
        client_name=names[0]["client_name"] if names else None,
        blocked_by=tables.blocked_by,
        verdict=verdict,
        held=tuple((row["currency"], row["held_amount"]) for row in gate if row["held_amount"]),
        bridges=bridges,
        beside=tuple(f for f in findings if f.exception_id not in stepped),
        not_compared=_not_compared(
            tables, client_id, verdict == "HOLD" and not any(f.blocking for f in findings)
        ),
        product_names={row["product_code"]: row["product_name"] for row in tables.rows("dim_product")},
    )


def _not_compared(tables: MonthTables, client_id: str, must_hold: bool) -> tuple[NotCompared, ...]:
    """List the client's products that were not compared; ``must_hold`` where nothing else can be
    what holds the client.
    """
    rows = [
        row
        for row in tables.rows("fct_reconciliation", client_id=client_id)
        if row["verdict"] not in COMPARED
    ]
    verdicts = {row["product_code"]: row["verdict"] for row in rows}
    invoiced = {row["product_code"] for row in rows if row["invoiced_unit_days"] or row["invoiced_amount"]}
    if must_hold and not invoiced:
        invoiced = set(verdicts)  # by invoice lines that come to zero days and zero money
    return tuple(NotCompared(product, verdicts[product], product in invoiced) for product in sorted(verdicts))


def _reading_order(finding: Finding) -> tuple[int, str, str]:
    return place_of(finding.exception_code), finding.product_code or "", finding.exception_id

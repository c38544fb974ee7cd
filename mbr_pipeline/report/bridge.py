"""The variance bridge: from what is invoiced to what should be, code by code, per currency.

Belongs here: the amounts of the steps and whether they add up. Where the bars are drawn belongs in
``charts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc

from mbr_pipeline.exception_codes import place_of
from mbr_pipeline.report.marts import Marts, currencies, group_sums, where
from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.report.vocabulary import NOT_IN_BRIDGE

MAX_STEPS = 8
"""Bars between the two totals; beyond that the smallest are shown as one increase and one decrease."""

_AMOUNTS = ("expected_amount", "invoiced_amount", "classified_variance", "residual")


@dataclass(frozen=True)
class Step:
    """One bar: a signed amount, positive where more should be invoiced."""

    label: str
    amount: Decimal
    kind: str  # "up", "down" or "gap"


@dataclass(frozen=True)
class Bridge:
    """One currency's way from invoiced to expected; ``unexplained`` is what the steps leave over."""

    currency: str | None
    invoiced: Decimal
    expected: Decimal
    steps: tuple[Step, ...]
    classified: Decimal
    findings: Decimal
    residual: Decimal
    nonzero_residuals: int
    rows: int

    @property
    def unexplained(self) -> Decimal:
        """Expected − invoiced − the findings' signed impacts."""
        return exact_sum((self.expected, -self.invoiced, -self.findings))


def bridges(marts: Marts) -> tuple[Bridge, ...] | None:
    """Build the bridge of every currency.

    The steps are the client-side findings: recoverable adds, refund takes away. LATE_CHARGE is left out, its
    money belongs to earlier months (contract §4).

    Args:
        marts: The tables.

    Returns:
        Bridges by currency; None if the variance bridge was not evaluated.
    """
    if not marts.evaluated("fct_variance_bridge"):
        return None
    table = marts.read("fct_variance_bridge", ("currency", *_AMOUNTS))
    sums = {row["currency"]: row for row in group_sums(table, ("currency",), _AMOUNTS).to_pylist()}
    off = table.filter(pc.not_equal(pc.sign(table.column("residual")), 0))
    nonzero = {row["currency"]: row["rows"] for row in group_sums(off, ("currency",)).to_pylist()}
    steps = _steps(marts)
    return tuple(_bridge(c, sums[c], nonzero.get(c, 0), steps.get(c, [])) for c in currencies(table))


def merged(steps: list[Step]) -> tuple[Step, ...]:
    """Order the steps for reading, and merge the smallest when there are more than ``MAX_STEPS``.

    Args:
        steps: Increases and decreases of one currency.

    Returns:
        Increases, then decreases, each in the contract's order, the merged ones last. The sum is unchanged.
    """
    kept, rest = steps, list[Step]()
    if len(steps) > MAX_STEPS:
        by_size = sorted(steps, key=lambda step: (-abs(step.amount), step.label, step.kind))
        kept, rest = by_size[: MAX_STEPS - 2], by_size[MAX_STEPS - 2 :]
    page: list[Step] = []
    for kind in ("up", "down"):
        page += sorted((s for s in kept if s.kind == kind), key=lambda s: (place_of(s.label), s.label))
        small = [s for s in rest if s.kind == kind]
        if len(small) == 1:
            page += small
        elif small:
            page.append(Step(f"other ({len(small)} codes)", exact_sum(s.amount for s in small), kind))
    return tuple(page)


def _bridge(currency: str | None, sums: dict[str, Any], nonzero: int, steps: list[Step]) -> Bridge:
    bridge = Bridge(
        currency=currency,
        invoiced=sums["invoiced_amount"],
        expected=sums["expected_amount"],
        steps=merged(steps),
        classified=sums["classified_variance"],
        findings=exact_sum(step.amount for step in steps),
        residual=sums["residual"],
        nonzero_residuals=nonzero,
        rows=sums["rows"],
    )
    if not bridge.unexplained:
        return bridge
    gap = Step("unexplained", bridge.unexplained, "gap")
    return Bridge(**{**bridge.__dict__, "steps": (*bridge.steps, gap)})


def _steps(marts: Marts) -> dict[str | None, list[Step]]:
    impacts = ("client_recoverable", "client_refund")
    table = marts.read("fct_exceptions", ("exception_code", "currency", *impacts))
    codes = [c for c in pc.unique(table.column("exception_code")).to_pylist() if c != NOT_IN_BRIDGE]
    found: dict[str | None, list[Step]] = {}
    for row in group_sums(
        where(table, "exception_code", codes), ("currency", "exception_code"), impacts
    ).to_pylist():
        steps = found.setdefault(row["currency"], [])
        if row["client_recoverable"]:
            steps.append(Step(row["exception_code"], row["client_recoverable"], "up"))
        if row["client_refund"]:
            steps.append(Step(row["exception_code"], -row["client_refund"], "down"))
    return found

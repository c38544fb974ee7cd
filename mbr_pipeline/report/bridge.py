"""The variance bridge: from what is invoiced to what should be, code by code, per currency.

What belongs here: the amounts of the steps and whether they add up. What does not: where the
bars are drawn (``charts``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.counted import plural
from mbr_pipeline.exception_codes import place_of
from mbr_pipeline.report.marts import Marts, sums
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

    The steps are the client-side findings: recoverable adds, refund takes away. LATE_CHARGE is left out,
    because its money belongs to earlier months (contract §4).

    Args:
        marts: The tables.

    Returns:
        Bridges by currency; None if the variance bridge was not evaluated.
    """
    if not marts.evaluated("fct_variance_bridge"):
        return None
    rows = marts.rows(
        f"select currency, {sums(_AMOUNTS)}, count(*) as rows, count(*) filter (residual <> 0) as nonzero"
        " from report.fct_variance_bridge group by currency order by currency nulls last"
    )
    steps = _steps(marts)
    return tuple(_bridge(row, steps.get(row["currency"], [])) for row in rows)


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
            page.append(
                Step(f"other ({plural(len(small), 'code')})", exact_sum(s.amount for s in small), kind)
            )
    return tuple(page)


def bridge_of(totals: Bridge, steps: list[Step]) -> Bridge:
    """Return a bridge with steps between its totals, merged for reading, and what they leave unexplained.

    Args:
        totals: The bridge without steps.
        steps: Increases and decreases in its currency.
    """
    bridge = replace(totals, steps=merged(steps), findings=exact_sum(step.amount for step in steps))
    if not bridge.unexplained:
        return bridge
    return replace(bridge, steps=(*bridge.steps, Step("unexplained", bridge.unexplained, "gap")))


def _bridge(row: dict[str, Any], steps: list[Step]) -> Bridge:
    totals = Bridge(
        currency=row["currency"],
        invoiced=row["invoiced_amount"],
        expected=row["expected_amount"],
        steps=(),
        classified=row["classified_variance"],
        findings=Decimal(0),
        residual=row["residual"],
        nonzero_residuals=row["nonzero"],
        rows=row["rows"],
    )
    return bridge_of(totals, steps)


def _steps(marts: Marts) -> dict[str | None, list[Step]]:
    rows = marts.rows(
        f"select currency, exception_code, {sums(('client_recoverable', 'client_refund'))}"
        " from report.fct_exceptions where exception_code is distinct from ? group by all order by all",
        NOT_IN_BRIDGE,
    )
    found: dict[str | None, list[Step]] = {}
    for row in rows:
        steps = found.setdefault(row["currency"], [])
        if row["client_recoverable"]:
            steps.append(Step(row["exception_code"], row["client_recoverable"], "up"))
        if row["client_refund"]:
            steps.append(Step(row["exception_code"], -row["client_refund"], "down"))
    return found

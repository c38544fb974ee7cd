"""Whether the report can be trusted: compares the gate result with the tables, and the
tables with each other.

What belongs here: comparisons that must hold by contract §4 to §6, each as one sentence when it does not. A
page that answers "can the invoices go?" must not say yes over figures that contradict each other. The gate's
own checks run long before, elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from connectors.counted import plural
from mbr_pipeline.report.audit import decimal_of, suites
from mbr_pipeline.report.bridge import Bridge
from mbr_pipeline.report.finding_rows import CodeRow, CurrencyMoney
from mbr_pipeline.report.holding import ClientCounts
from mbr_pipeline.report.marts import Marts
from mbr_pipeline.report.text import amount_text
from mbr_pipeline.report.vocabulary import DIRECTIONS
from mbr_pipeline.safe_text import visible

REQUIRED = (
    "fct_reconciliation",
    "fct_exceptions",
    "fct_variance_bridge",
    "fct_line_dispositions",
    "fct_client_gate",
)
"""Tables that a passed run must have."""


def contradictions(
    gate: Mapping[str, Any],
    marts: Marts,
    clients: ClientCounts | None,
    codes: tuple[CodeRow, ...] | None,
    money: tuple[CurrencyMoney, ...] | None,
    bridges: tuple[Bridge, ...] | None,
) -> tuple[str, ...]:
    """Compare what must agree.

    Args:
        gate: The gate result.
        marts: The tables.
        clients: Counts from fct_client_gate.
        codes: Counts from fct_exceptions.
        money: Money from fct_exceptions.
        bridges: Sums of fct_variance_bridge and fct_exceptions.

    Returns:
        One sentence per contradiction, none if the figures agree.
    """
    found: list[str] = []
    if gate["gate"] == "passed":
        found += _passed_without_cause(gate, marts)
    if clients is not None:
        found += _clients(gate, clients)
    if codes is not None:
        found += _exceptions(gate, codes)
    if money is not None:
        found += _money(gate, money)
    if bridges is not None:
        found += _bridges(gate, bridges)
    return tuple(found)


def _passed_without_cause(gate: Mapping[str, Any], marts: Marts) -> Iterator[str]:
    for name in REQUIRED:
        if not marts.present(name):
            yield f"The gate passed, but table {name} is missing."
    for suite in suites(gate):
        if not suite.passed:
            yield f"The gate passed, but suite {visible(suite.name)} did not."
    for field, what in (("controls", "failing controls"), ("reasons", "reasons for blocking")):
        if gate.get(field):
            yield f"The gate passed, but gate.json lists {what}."
    if gate.get("rejected_count"):
        yield f"The gate passed, but {plural(gate['rejected_count'], 'row was', 'rows were')} rejected."


def _clients(gate: Mapping[str, Any], clients: ClientCounts) -> Iterator[str]:
    said = gate.get("clients") or {}
    for name, counted in (
        ("pass", clients.passed),
        ("pass_with_waiver", clients.waived),
        ("hold", clients.held),
    ):
        if said.get(name, 0) != counted:
            yield f"Clients with {name}: gate.json says {said.get(name, 0):,}, fct_client_gate {counted:,}."


def _exceptions(gate: Mapping[str, Any], codes: tuple[CodeRow, ...]) -> Iterator[str]:
    said = {code: count for code, count in (gate.get("exceptions") or {}).items() if count}
    counted: dict[str, int] = {}
    for row in codes:
        counted[row.code] = counted.get(row.code, 0) + row.count
    for code in sorted(set(said) | set(counted)):
        if said.get(code, 0) != counted.get(code, 0):
            yield (
                f"{visible(code)}: gate.json counts {said.get(code, 0):,}, fct_exceptions"
                f" {counted.get(code, 0):,}."
            )


def _money(gate: Mapping[str, Any], money: tuple[CurrencyMoney, ...]) -> Iterator[str]:
    said = {row["currency"]: row for row in gate.get("money") or ()}
    summed = {row.currency: row for row in money if row.currency is not None}
    for currency in sorted(set(said) | set(summed)):
        amounts = summed[currency].amounts if currency in summed else (None,) * len(DIRECTIONS)
        for direction, amount in zip(DIRECTIONS, amounts, strict=True):
            one = decimal_of(said.get(currency, {}).get(direction.column)) or Decimal(0)
            other = amount.amount if amount else Decimal(0)
            if one != other:
                texts = amount_text(one, currency), amount_text(other, currency)
                yield (
                    f"{direction.title} in {visible(currency)}: gate.json says {texts[0]}, fct_exceptions"
                    f" {texts[1]}."
                )


def _bridges(gate: Mapping[str, Any], bridges: tuple[Bridge, ...]) -> Iterator[str]:
    residual = decimal_of(gate.get("residual"))
    nonzero = sum(bridge.nonzero_residuals for bridge in bridges)
    if residual is not None and bool(residual) != bool(nonzero):
        rows, are = plural(nonzero, "row"), "is" if nonzero == 1 else "are"
        yield f"Residual: gate.json says {residual}, but {rows} of fct_variance_bridge {are} not zero."
    elif nonzero and gate["gate"] == "passed":
        yield f"The gate passed with a residual in {plural(nonzero, 'row')} of fct_variance_bridge."
    for bridge in bridges:
        if bridge.findings != bridge.classified:
            texts = (
                amount_text(bridge.classified, bridge.currency),
                amount_text(bridge.findings, bridge.currency),
            )
            yield (
                f"Variance in {visible(bridge.currency or 'no currency')}: fct_variance_bridge classifies"
                f" {texts[0]}, the client-side exceptions add up to {texts[1]}."
            )

"""What was checked and what went in: controls, control totals, suites, rejected rows, coverage, input files.

Belongs here: bringing ``gate.json`` and ``fct_control_totals`` into reading order. Judging them is the gate's
job; comparing the gate with the tables is ``consistency``'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mbr_pipeline.exception_codes import meaning_of, remedy_of
from mbr_pipeline.report.findings import MAX_ROWS
from mbr_pipeline.report.marts import Marts
from mbr_pipeline.report.text import figure_texts
from mbr_pipeline.report.vocabulary import SUITE_MEANINGS, SUITES

_FIGURES = ("expected", "actual", "difference")


@dataclass(frozen=True)
class Capped:
    """The rows of a table that are shown, and how many there are."""

    rows: tuple[Mapping[str, Any], ...]
    total: int


@dataclass(frozen=True)
class BlockReason:
    """A code for which the run was blocked, with what it means."""

    code: str
    meaning: str


@dataclass(frozen=True)
class Coverage:
    """The mapped share of a currency's vendor charges; ``pct`` None means there was nothing to map."""

    currency: str
    mapped: Decimal | None
    total: Decimal | None
    pct: Decimal | None


@dataclass(frozen=True)
class Suite:
    """One boundary's expectations; ``ran`` false means it was not evaluated at all."""

    name: str
    meaning: str
    ran: bool
    passed: bool
    expected: int
    evaluated: int
    failed: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class ControlTotals:
    """Rows of fct_control_totals: the failing ones, the passing ones, and the passing ones counted by
    control.
    """

    failing: Capped
    passing: Capped
    passing_by_control: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Inputs:
    """The landed files; ``rows`` is None as soon as one file's rows were not counted."""

    files: Capped
    rows: int | None
    bytes: int


def decimal_of(value: Any) -> Decimal | None:
    """Read a decimal text of gate.json.

    Args:
        value: A decimal text, an integer, or None.

    Returns:
        The exact value, None for None.

    Raises:
        TypeError: The value is a float; gate.json carries decimals as text.
    """
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        raise TypeError("gate.json carries a float where a decimal text is due")
    return Decimal(value)


def block_reasons(gate: Mapping[str, Any]) -> tuple[BlockReason, ...]:
    """Explain the codes a gate gives for blocking, in its order."""
    return tuple(
        BlockReason(code, f"{meaning_of(code)} {remedy_of(code)}".strip())
        for code in gate.get("reasons") or ()
    )


def coverage(gate: Mapping[str, Any]) -> tuple[Coverage, ...]:
    """Read the coverage per currency, alphabetically; empty if it was not evaluated."""
    rows = sorted(gate.get("coverage") or (), key=lambda row: row["currency"])
    return tuple(
        Coverage(row["currency"], decimal_of(row["mapped"]), decimal_of(row["total"]), decimal_of(row["pct"]))
        for row in rows
    )


def capped(
    rows: Sequence[Mapping[str, Any]] | None, names: Sequence[str], total: int | None = None
) -> Capped:
    """Keep the first ``MAX_ROWS`` rows of a list of gate.json, each with all its fields (None where absent).

    Args:
        rows: The list.
        names: The fields.
        total: How many there are, where the list itself is already cut.

    Returns:
        The rows shown and the total.
    """
    given = rows or ()
    shown = tuple({name: row.get(name) for name in names} for row in given[:MAX_ROWS])
    return Capped(shown, max(len(given), total or 0))


def failing_controls(gate: Mapping[str, Any]) -> Capped:
    """List the failing controls, in the gate's order, their figures as text."""
    found = capped(gate.get("controls"), ("code", "source", "dataset", "scope", "message", *_FIGURES))
    return Capped(tuple(_with_figures(row) for row in found.rows), found.total)


def rejected(gate: Mapping[str, Any]) -> Capped:
    """List the rejected rows, in the gate's order."""
    return capped(
        gate.get("rejected_rows"), ("file", "line", "column", "value", "reason"), gate.get("rejected_count")
    )


def suites(gate: Mapping[str, Any]) -> tuple[Suite, ...]:
    """List every suite a run owes, failing and missing ones included; one that evaluated nothing has not
    passed.
    """
    ran = {suite["name"]: suite for suite in gate.get("suites") or ()}
    names = [*SUITES, *sorted(set(ran) - set(SUITES))]
    return tuple(_suite(name, ran.get(name)) for name in names)


def control_totals(marts: Marts) -> ControlTotals | None:
    """Split the control totals into failing and passing; None if there are none."""
    if not marts.count("fct_control_totals"):
        return None
    counted = marts.rows(
        "select control, count(*) filter (passed) as passing, count(*) filter (not passed) as failing"
        " from report.fct_control_totals group by control order by control"
    )
    return ControlTotals(
        failing=_totals(marts, "not passed", sum(row["failing"] for row in counted)),
        passing=_totals(marts, "passed", sum(row["passing"] for row in counted)),
        passing_by_control=tuple((row["control"], row["passing"]) for row in counted if row["passing"]),
    )


def inputs(gate: Mapping[str, Any]) -> Inputs:
    """List the landed files by path, with their sums."""
    files = sorted(gate.get("inputs") or (), key=lambda file: file["path"])
    rows = [file.get("rows") for file in files]
    counted = [count for count in rows if count is not None]
    return Inputs(
        files=capped(files, ("path", "sha256", "rows", "bytes")),
        rows=sum(counted) if len(counted) == len(rows) else None,
        bytes=sum(file.get("bytes") or 0 for file in files),
    )


def _totals(marts: Marts, which: str, total: int) -> Capped:
    rows = marts.rows(
        f"select source, control, scope, {', '.join(_FIGURES)}, passed from report.fct_control_totals"
        f" where {which} order by control, source, scope, dataset, message limit {MAX_ROWS}"
    )
    return Capped(tuple(_with_figures(row) for row in rows), total)


def _with_figures(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, **dict(zip(_FIGURES, figure_texts(row[name] for name in _FIGURES), strict=True))}


def _suite(name: str, result: Mapping[str, Any] | None) -> Suite:
    meaning = SUITE_MEANINGS.get(name, "")
    if result is None:
        return Suite(name, meaning, ran=False, passed=False, expected=0, evaluated=0, failed=())
    evaluated, expected = result["evaluated"], result["expected"]
    passed = bool(result["passed"]) and evaluated == expected and evaluated > 0
    names = ("expectation", "subject", "detail")
    return Suite(name, meaning, True, passed, expected, evaluated, capped(result.get("failed"), names).rows)

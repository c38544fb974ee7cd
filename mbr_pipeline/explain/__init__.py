"""Explaining: one exception from its raw records to the cent, and one client's difference finding by finding.

What belongs here: looking up the request and putting the steps together. What does not: reading
(``published``, ``month_file``, ``read_case``), arithmetic and decisions (``mbr_pipeline.recompute``: nothing
that dbt computed is taken over), words over them (``derive``), printing (``render``, ``as_json``).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.explain.bridge import ClientBridge, client_bridge
from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, disagreements
from mbr_pipeline.explain.derive import derive
from mbr_pipeline.explain.published import (
    FoundException,
    MonthTables,
    find_exceptions,
    months_with_tables,
    of_month,
    refuse_damaged,
)
from mbr_pipeline.explain.read_case import read_case
from mbr_pipeline.periods import Period
from mbr_pipeline.safe_text import visible
from mbr_pipeline.values import id_form
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

SHORTEST_PREFIX = 6
_NAMED = 10


@dataclass(frozen=True)
class Explanation:
    """An exception, what it was derived from, and where the derivation differs from what was published."""

    found: FoundException
    case: Case
    derived: Derivation
    problems: tuple[str, ...]


def explain_exception(workspace: WorkspacePaths, exception_id: str) -> Explanation:
    """Derive the one exception whose id starts with ``exception_id``.

    Raises:
        ConfigError: No exception or more than one has such an id.
        MbrError: The month's records cannot be read now.
    """
    Workspace.open(workspace)  # a folder that is not a workspace is reported as such
    found = _the_exception(workspace, exception_id.strip().lower())
    case = read_case(found.month, found.finding)
    derived = derive(found.finding, case)
    return Explanation(found, case, derived, tuple(disagreements(found.finding, derived)))


def explain_client(
    workspace: WorkspacePaths, client_id: str, period_text: str, msp_id: str | None
) -> ClientBridge:
    """Build a client's bridge for a month.

    Raises:
        ConfigError: The MSP, the month or the client is not there, or several MSPs have a client of that id.
    """
    Workspace.open(workspace).msp_ids(msp_id)
    client_id = id_form(client_id)
    months = _months(workspace, Period.parse(period_text), msp_id)
    bridges = []
    known: set[str] = set()
    for month in months:
        bridge, clients = of_month(month, lambda tables: _bridge(tables, client_id))
        known |= clients
        bridges += [bridge] if bridge else []
    if len(bridges) > 1:
        owners = ", ".join(bridge.month.msp_id for bridge in bridges)
        raise ConfigError(
            f"client {visible(client_id)} is one of {owners} in {period_text}: name one with --msp"
        )
    if not bridges:
        refuse_damaged(months)
        near = get_close_matches(client_id, sorted(known), n=3)
        hint = (
            f"did you mean {', '.join(map(visible, near))}?"
            if near
            else "ids are those of the PSA, in its spelling"
        )
        raise ConfigError(
            f"no client {visible(client_id)} in {', '.join(m.msp_id for m in months)} {period_text}: {hint}"
        )
    return bridges[0]


def _bridge(tables: MonthTables, client_id: str) -> tuple[ClientBridge | None, set[str]]:
    """Return a client's bridge; without one, the clients that there are."""
    bridge = client_bridge(tables, client_id)
    return bridge, set() if bridge else {row["client_id"] for row in tables.rows("dim_client")}


def _the_exception(workspace: WorkspacePaths, prefix: str) -> FoundException:
    if len(prefix) < SHORTEST_PREFIX:
        raise ConfigError(
            f"exception id {visible(prefix)!r} is too short: give at least {SHORTEST_PREFIX} characters of it"
        )
    found = find_exceptions(workspace, prefix)
    if not found:
        refuse_damaged(months_with_tables(workspace))
        raise ConfigError(
            f"no exception {visible(prefix)} is published or kept of a blocked month in {workspace.root}:"
            ' `mbr sql "select exception_id, explanation from fct_exceptions"` lists the published ones'
        )
    if len(found) > 1:
        listed = ", ".join(f"{f.finding.exception_id} ({f.finding.exception_code})" for f in found[:_NAMED])
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise ConfigError(f"exception id {prefix} fits {len(found)}: {listed}{more}: give more characters")
    return found[0]


def _months(workspace: WorkspacePaths, period: Period, msp_id: str | None) -> list[MonthPaths]:
    everything = months_with_tables(workspace)
    months = [m for m in everything if m.period == period and msp_id in (None, m.msp_id)]
    if not months:
        periods = sorted({m.period.text for m in everything if msp_id in (None, m.msp_id)})
        there = f"there are {', '.join(periods)}; " if periods else ""
        whose = f"{msp_id} " if msp_id else ""
        raise ConfigError(
            f"{whose}{period.text} has no tables: {there}`mbr run --period {period.text}` makes them"
        )
    return months

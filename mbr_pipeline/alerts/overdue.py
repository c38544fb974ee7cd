"""Months that are not closed by their day, as facts (contract §9, §11).

What belongs here: which months these are, their words, money and remedy. What does not: closing
(``mbr_pipeline.release``) and telling them (``outbox``). Only months with landed files are looked at: of
others there is nothing to close, and what should have been landed is told as DATA_MISSING.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.alerts.causes import Cause, Fact
from mbr_pipeline.decide.closed import Closing, closing_of
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.decide.listing import waiting
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.ingest.landing import months_with_files
from mbr_pipeline.periods import Period
from mbr_pipeline.release.next_step import Facts, next_step
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

KIND = "CLOSE_OVERDUE"


def overdue(
    workspace: Workspace, msp_id: str, entries: Sequence[Entry], blocked: Collection[str], today: date
) -> list[Fact]:
    """Return one fact for each month that is open on its day of the following month or later.

    Args:
        workspace: Whose months.
        msp_id: Whose months.
        entries: The MSP's chain.
        blocked: Months whose blocked gate is told: that they cannot be closed follows from it.
        today: The day, UTC.
    """
    by_day = workspace.settings.alerts.close_by_day
    facts = []
    for text in months_with_files(workspace.paths, msp_id, workspace.msp(msp_id)):
        due = Period(text).end.replace(day=by_day)
        found = closing_of(entries, text)
        if today >= due and found.state == "open":
            month = workspace.month(msp_id, text)
            facts.append(_fact(month, found, due, _what_next(month, found, entries), text in blocked))
    return facts


def _what_next(month: MonthPaths, found: Closing, entries: Sequence[Entry]) -> str:
    """Return what closes the month: the command where nothing stands in its way, else what `mbr status` says
    is next.
    """
    msp_id, period = month.msp_id, month.period.text
    run, close = (f"mbr {command} --period {period} --msp {msp_id}" for command in ("run", "close"))
    if not month.published.is_dir():
        return f"{run} && {close}"
    try:
        waits = len(waiting(month, entries))
    except GateClosed:  # a table that cannot be read: the month is overdue all the same
        waits = 0
    facts = Facts(msp_id, period, found, gate="passed", waits=waits, held=_held(month))
    return next_step(facts) if facts.waits or facts.held else close


def _held(month: MonthPaths) -> list[str]:
    """Return the clients on hold; nobody where the table cannot be read, as ``_landed`` does."""
    try:
        gate = pq.read_table(
            month.published / "fct_client_gate.parquet",
            columns=["client_id"],
            filters=[("verdict", "=", "HOLD")],
        )
    except (OSError, pa.ArrowException):
        return []
    return sorted(set(gate.column("client_id").to_pylist()))


def _fact(month: MonthPaths, found: Closing, due: date, action: str, follows: bool) -> Fact:
    msp_id, period = month.msp_id, month.period.text
    is_published = month.published.is_dir()
    said = f"It was to be closed by {due.isoformat()}: its invoices wait."
    if found.versions:
        said = f"It was to be closed by {due.isoformat()}, and is open again after version {found.version}."
    return Fact(
        Cause(msp_id, period, KIND),
        f"{msp_id} {period}: the month is not closed",
        said if is_published else f"{said} It is not published yet.",
        action,
        money=_landed(month) if is_published else {},
        follows=follows,
    )


def _landed(month: MonthPaths) -> dict[str, str]:
    """Return the sum of the published month's landed invoice lines by currency, as text; nothing where its
    table cannot be read, which `mbr doctor` tells.
    """
    sums: dict[str, Decimal] = defaultdict(Decimal)
    try:
        lines = pq.read_table(
            month.published / "fct_line_dispositions.parquet",
            columns=["currency", "amount"],
            filters=[("leg", "=", "invoice")],
        )
    except (OSError, pa.ArrowException):
        return {}
    for line in lines.to_pylist():
        sums[line["currency"]] += line["amount"]
    return {code: f"{amount:.{minor_units().get(code, 2)}f}" for code, amount in sorted(sums.items())}

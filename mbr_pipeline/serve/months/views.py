"""The board of months, and one month's front page.

What belongs here: choosing what is shown. What does not: the facts (``mbr_pipeline.release.status``,
``mbr_pipeline.report.audit``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from starlette.responses import Response

from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.periods import Period, month_before
from mbr_pipeline.release.status import months_of, status, status_of
from mbr_pipeline.report import audit
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask, period_or_none
from mbr_pipeline.serve.months.gate import gate_of
from mbr_pipeline.serve.months.next import NEXT
from mbr_pipeline.serve.pages import Pages
from mbr_pipeline.serve.routes import shows, takes
from mbr_pipeline.workspace.paths import MonthPaths

_ROWS = 60
"""Months on a page of the board: six of ten MSPs. Each is looked at anew, which takes its time."""


def _board(ask: Ask) -> Response:
    workspace = ask.workspace
    names = {msp_id: msp.name for msp_id, msp in workspace.settings.msps.items()}
    words, period = ask.query.get("q", "").casefold().split(), ask.query.get("period", "")
    there = months_of(workspace)
    chosen = sorted(
        (
            (msp_id, text)
            for msp_id, text in there
            if period in ("", text) and all(word in f"{msp_id} {names[msp_id]}".casefold() for word in words)
        ),
        key=lambda each: each[1],
        reverse=True,
    )
    pages = Pages.of(ask, len(chosen), _ROWS)
    rows = status_of(workspace, _inputs_hash(ask), chosen[pages.start : pages.end])
    return page(
        ask,
        "months/board.html.j2",
        by_period={text: list(group) for text, group in groupby(rows, key=lambda row: row.period)},
        continued=chosen[pages.start - 1][1] if pages.start else None,
        pages=pages,
        periods=sorted({text for _, text in there}, reverse=True),
        names=names,
        next=NEXT,
        total=len(there),
        begin=None if ask.site.is_demo else _next_to_begin(text for _, text in there),
        running={
            (row.msp_id, row.period): run
            for row in rows
            if (run := ask.site.runs.going(row.msp_id, row.period))
        },
    )


def _next_to_begin(periods: Iterable[str]) -> str:
    """Return the month after the newest that is there, or the one before today's where there is none."""
    newest = max(periods, default=None)
    if newest is None:
        return month_before(datetime.now(UTC).date()).text
    return f"{Period.parse(newest).end:%Y-%m}"


def _begin(ask: Ask) -> Response:
    """Go to the files of a month, also of one that nothing is landed for."""
    msp_id, period = ask.query.get("msp", ""), period_or_none(ask.query.get("period", ""))
    if msp_id not in ask.workspace.settings.msps or period is None:
        return go(ask, "/", "Choose an MSP, and a month such as 2026-12.", "bad")
    return go(ask, f"/m/{msp_id}/{period.text}/files")


def _month(ask: Ask) -> Response:
    month = ask.month
    rows = status(ask.workspace, _inputs_hash(ask), month.msp_id, month.period.text)
    gate = gate_of(month)
    return page(
        ask,
        "months/month.html.j2",
        section="month",
        status=rows[0] if rows else None,
        next=NEXT,
        gate=gate,
        reasons=audit.block_reasons(gate) if gate else (),
        controls=audit.failing_controls(gate) if gate else None,
        rejected=audit.rejected(gate) if gate else None,
        coverage=audit.coverage(gate) if gate else (),
        run=ask.site.runs.newest(month.msp_id, month.period.text),
    )


def _run(ask: Ask) -> Response:
    run = ask.site.runs.start(ask.workspace.paths.root, ask.month.msp_id, ask.month.period.text, ask.person)
    return go(ask, f"/runs/{run.number}")


def _inputs_hash(ask: Ask) -> Callable[[MonthPaths], Any]:
    workspace = ask.workspace
    return lambda month: MonthlyClose(workspace, month).inputs_hash


ROUTES = (
    shows("/", _board),
    shows("/begin", _begin),
    shows("/m/{msp}/{period}", _month),
    takes("/m/{msp}/{period}/run", _run),
)

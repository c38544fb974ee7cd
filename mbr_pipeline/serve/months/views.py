"""The board of months, and one month's front page.

What belongs here: choosing what is shown. What does not: the facts (``mbr_pipeline.release.status``,
``mbr_pipeline.report.audit``).
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.release.status import MonthStatus, status
from mbr_pipeline.report import audit
from mbr_pipeline.serve.answering import go, page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.months.gate import gate_of
from mbr_pipeline.serve.routes import shows, takes
from mbr_pipeline.workspace.paths import MonthPaths

_SHOWN_PERIODS = 6


def _board(ask: Ask) -> Response:
    rows = _status(ask)
    periods = sorted({row.period for row in rows}, reverse=True)
    shown = periods if ask.query.get("all") else periods[:_SHOWN_PERIODS]
    by_period = {period: [row for row in rows if row.period == period] for period in shown}
    return page(
        ask,
        "months/board.html.j2",
        by_period=by_period,
        hidden=len(periods) - len(shown),
        names={msp_id: msp.name for msp_id, msp in ask.workspace.settings.msps.items()},
        running={
            (row.msp_id, row.period): run
            for row in rows
            if (run := ask.site.runs.going(row.msp_id, row.period))
        },
    )


def _month(ask: Ask) -> Response:
    month = ask.month
    rows = _status(ask, month.msp_id, month.period.text)
    gate = gate_of(month)
    return page(
        ask,
        "months/month.html.j2",
        section="month",
        status=rows[0] if rows else None,
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


def _status(ask: Ask, msp_id: str | None = None, period: str | None = None) -> list[MonthStatus]:
    workspace = ask.workspace

    def inputs_hash(month: MonthPaths) -> Any:
        return MonthlyClose(workspace, month).inputs_hash

    return status(workspace, inputs_hash, msp_id, period)


ROUTES = (
    shows("/", _board),
    shows("/m/{msp}/{period}", _month),
    takes("/m/{msp}/{period}/run", _run),
)

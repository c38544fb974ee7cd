"""What the page of a month's close shows, found anew for every request.

What belongs here: asking the rooms that know. What does not: judging what they say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mbr_pipeline.decide.closed import Closing, closing_of
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.decide.who import Command, refusal
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.release.closing import audit_mark
from mbr_pipeline.release.conditions import Condition, conditions
from mbr_pipeline.release.status import MonthStatus, status
from mbr_pipeline.report.holding import Held, Ready, held_clients, ready_lines
from mbr_pipeline.report.marts import marts_in
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.workspace.paths import MonthPaths

_COMMANDS: tuple[Command, ...] = ("close", "reopen", "seal", "export")


@dataclass(frozen=True)
class Closed:
    """One closed version, as its entry says."""

    number: int
    entry: Entry
    totals: Mapping[str, Decimal]
    excepted: Sequence[str]


@dataclass(frozen=True)
class Facts:
    """A month's close.

    Attributes:
        status: As `mbr status` has it; None where nothing is landed.
        closing: Its state.
        entries: Its MSP's chain.
        conditions: What must hold before it is closed; none where it is closed.
        refused: Why the person may not close, reopen, seal or export; None where they may.
        held: Clients on hold in what is published.
        ready: What may go out of what is published.
        mark: Stands for what is published now, so that nobody closes what they did not see.
    """

    status: MonthStatus | None
    closing: Closing
    entries: Sequence[Entry]
    conditions: Sequence[Condition]
    refused: Mapping[str, str | None]
    held: Held | None
    ready: Sequence[Ready] | None
    mark: str

    @property
    def head(self) -> str | None:
        """The hash of the newest entry of the chain."""
        return self.entries[-1].hash if self.entries else None

    @property
    def versions(self) -> list[Closed]:
        """The closed versions, newest first."""
        return [
            Closed(
                number,
                entry,
                {currency: Decimal(total) for currency, total in entry.body["totals"].items()},
                entry.body["except"],
            )
            for number, entry in reversed(list(enumerate(self.closing.versions, start=1)))
        ]

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way of closing but clients on hold, who may be left out."""
        return all(each.holds for each in self.conditions if each.name != "held")

    @property
    def since(self) -> list[Entry]:
        """The entries that opened the month again or sealed it, newest first."""
        period = None if self.closing.last is None else self.closing.last.period
        return [e for e in reversed(self.entries) if e.kind in ("reopen", "seal") and e.period == period]


def facts(ask: Ask) -> Facts:
    """Find out all of it."""
    workspace, month = ask.workspace, ask.month
    mark = audit_mark(month)  # before the figures: a run in between makes it old, never the figures unseen
    inputs: dict[MonthPaths, str] = {}

    def inputs_hash(each: MonthPaths) -> str:
        if each not in inputs:
            inputs[each] = MonthlyClose(workspace, each).inputs_hash
        return inputs[each]

    rows = status(workspace, inputs_hash, month.msp_id, month.period.text)
    entries = chain(workspace.paths, month.msp_id)
    closing = closing_of(entries, month.period.text)
    asked = list[Condition]()
    if closing.state == "open" and rows:
        asked = list(conditions(month, closing, entries, inputs_hash(month)))
    held, ready = None, None
    if (month.published / "fct_client_gate.parquet").exists():
        with marts_in(month.published, workspace.paths.temporary, passed=True) as marts:
            held, ready = held_clients(marts), ready_lines(marts)
    people = workspace.settings.people
    return Facts(
        rows[0] if rows else None,
        closing,
        entries,
        asked,
        {name: refusal(people, ask.person, name) for name in _COMMANDS},
        held,
        ready,
        mark,
    )

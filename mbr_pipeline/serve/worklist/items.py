"""A month's findings as they stand now, with what is decided on them.

What belongs here: choosing them by what is asked for. What does not: their words (``findings``), whether a
decision fits (``mbr_pipeline.decide``), and pages (``views``).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mbr_pipeline.decide.as_seen import Seen
from mbr_pipeline.decide.audited import AuditedMonth, Case, Judgement, Ruling
from mbr_pipeline.decide.closed import counting
from mbr_pipeline.decide.in_force import chain_since
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.exception_codes import place_of
from mbr_pipeline.serve.worklist.asked import NONE, Asked
from mbr_pipeline.serve.worklist.findings import Finding, Findings, findings
from mbr_pipeline.workspace.paths import MonthPaths


@dataclass(frozen=True)
class Item:
    """One finding, as it stands now; ``is_stale``: what was decided no longer fits, and nothing else is."""

    finding: Finding
    case: Case
    is_stale: bool

    @cached_property
    def decided(self) -> Ruling | None:
        """The decision in force on it."""
        return self.case.decided

    @property
    def pending(self) -> Ruling | None:
        """The decision on it that waits for a second person."""
        return self.case.pending

    @cached_property
    def is_to_do(self) -> bool:
        """Whether somebody must still decide or confirm."""
        return self.decided is None and not self.finding.is_cleared

    @property
    def holds(self) -> bool:
        """Whether it keeps its client's invoice back."""
        return bool(self.finding.row["blocking"]) and self.decided is None

    @property
    def waits_for_a_run(self) -> bool:
        """Whether it was decided, or a decision taken back, since the last run."""
        return (str(self.finding.row["status"]) == "decided") is not (self.decided is not None)

    @property
    def seen(self) -> str:
        """How it stands, for a form to carry."""
        return Seen.of(self.finding.row, self.case).text


@dataclass(frozen=True)
class Worklist:
    """All findings of a month's last audit, as they stand now.

    Attributes:
        found: The findings.
        chain: The entries of its MSP.
        items: In the order of the findings.
        judgement: What is decided, and what became of each decision.
    """

    found: Findings
    chain: Sequence[Entry]
    items: Sequence[Item]
    judgement: Judgement

    @property
    def month(self) -> AuditedMonth:
        """The tables."""
        return self.found.month

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many there are to do, decided, and in all."""
        return {
            "todo": sum(item.is_to_do for item in self.items),
            "decided": sum(item.decided is not None for item in self.items),
            "all": len(self.items),
        }

    @cached_property
    def waiting_for_a_run(self) -> int:
        """How many were decided, or a decision taken back, since the last run."""
        return sum(item.waits_for_a_run for item in self.items)

    def item(self, exception_id: str) -> Item | None:
        """Return one by its whole id."""
        return next((item for item in self.items if item.finding.id == exception_id), None)

    def asked(self, asked: Asked) -> list[Item]:
        """Return the findings that are asked for, in the order asked for: all pages of them."""
        words = asked.q.casefold().split()
        chosen = [
            item
            for item in self.items
            if _is_shown(item, asked.show)
            and asked.code in ("", item.finding.code)
            and _is(asked.client, item.finding.row["client_id"])
            and _is(asked.product, item.finding.row["product_code"])
            and _is(asked.source, item.finding.row["source"])
            and (not words or item.finding.has_words(words))
        ]
        if asked.sort == "code":
            chosen.sort(key=lambda item: place_of(item.finding.code))
        elif asked.sort == "client":
            chosen.sort(key=_by_client)
        return chosen


_LAST: dict[MonthPaths, Worklist] = {}
"""What was read last of the months looked at last: nobody changes it."""
_MOST_MONTHS = 8
_LOCK = threading.Lock()


def read(month: MonthPaths) -> Worklist | None:
    """Read a month's findings with what is decided on them now; None where it was never audited. While
    neither the tables nor the chain changed, it is what was read before.
    """
    found = findings(month)
    if found is None:
        return None
    last = _LAST.get(month)
    entries = chain_since(month.workspace, month.msp_id, last.chain if last else ())
    if last is None or last.found is not found or list(last.chain) != entries:
        last = _judged(found, entries)
    with _LOCK:
        _LAST.pop(month, None)
        _LAST[month] = last
        if len(_LAST) > _MOST_MONTHS:
            del _LAST[next(iter(_LAST))]
    return last


def _judged(found: Findings, entries: Sequence[Entry]) -> Worklist:
    counted = counting(entries, found.month.month.period.text)
    judged = found.month.judged(entry.fields() for entry in counted)
    stale = {row["exception_id"] for row in judged.rows if row["state"] == "stale"}
    cases = {case.exception_id: case for case in judged.cases}
    items = [
        Item(each, cases[each.id], each.id in stale and cases[each.id].decided is None) for each in found.rows
    ]
    return Worklist(found, entries, items, judged)


def _is_shown(item: Item, show: str) -> bool:
    if show == "all":
        return True
    return item.is_to_do if show == "todo" else item.decided is not None


def _is(wanted: str, there: str | None) -> bool:
    return not wanted or (there or NONE) == wanted


def _by_client(item: Item) -> tuple[bool, str, str]:
    client_id = item.finding.row["client_id"]
    return client_id is None, (item.finding.client or client_id or "").casefold(), client_id or ""

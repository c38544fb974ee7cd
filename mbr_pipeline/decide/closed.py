"""Whether a month is closed, as its MSP's chain says (contract §9).

What belongs here: reading states and versions out of entries. What does not: closing
(``mbr_pipeline.release``), and what a version holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.safe_text import visible

CLOSING_KINDS = ("close", "reopen", "seal")
"""Entries that close a month and open it again."""

State = Literal["open", "closed", "sealed"]


@dataclass(frozen=True)
class Closing:
    """What a chain says of one month.

    Attributes:
        state: ``open`` too where it was closed and opened again.
        versions: The entries that closed it, version 1 first.
        last: The newest entry of close, reopen and seal; None where there is none.
    """

    state: State = "open"
    versions: tuple[Entry, ...] = ()
    last: Entry | None = None

    @property
    def version(self) -> int:
        """The newest closed version; 0 where the month was never closed."""
        return len(self.versions)

    def told(self, msp_id: str, period: str) -> str | None:
        """Return why nothing may be changed in the month, and what to do; None while it is open."""
        if self.state == "open" or self.last is None:
            return None
        by = f"by {visible(self.last.actor)} on {self.last.at[:16].replace('T', ' ')} UTC"
        if self.state == "sealed":
            return f"{msp_id} {period} is sealed (version {self.version}, {by}): it can never be opened again"
        return (
            f"{msp_id} {period} is closed (version {self.version}, {by}): open it again by"
            f" `mbr reopen --msp {msp_id} --period {period} --reason TEXT`"
        )


def closing_of(entries: Iterable[Entry], period: str) -> Closing:
    """Return the state of a month; entries of other months and kinds say nothing about it."""
    versions: list[Entry] = []
    state: State = "open"
    last = None
    for entry in entries:
        if entry.period != period or entry.kind not in CLOSING_KINDS:
            continue
        last = entry
        if entry.kind == "close":
            state = "closed"
            versions.append(entry)
        elif entry.kind == "reopen":
            state = "open"
        else:
            state = "sealed"
    return Closing(state, tuple(versions), last)


def counting(entries: Sequence[Entry], period: str) -> Sequence[Entry]:
    """Return the entries that count in a month: all of them; where it is closed, those up to its closing."""
    found = closing_of(entries, period)
    if found.state == "open":
        return entries
    return [entry for entry in entries if entry.seq <= found.versions[-1].seq]

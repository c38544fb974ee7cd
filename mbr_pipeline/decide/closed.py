"""Whether a month is closed, as its MSP's chain says (contract §9).

What belongs here: reading states and versions out of entries. What does not: closing
(``mbr_pipeline.release``), and what a version holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mbr_pipeline.decide.ledger.entries import Entry

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


def closing_of(entries: Iterable[Entry], period: str) -> Closing:
    """Return the state of a month; entries of other months and kinds say nothing about it."""
    versions: list[Entry] = []
    state: State = "open"
    last = None
    for entry in entries:
        if entry.period != period or entry.kind not in ("close", "reopen", "seal"):
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

"""Which runs of Dagster's history may go.

What belongs here: the decision, on plain facts. What does not: reading and removing them
(``mbr_pipeline.cli.deploy``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Run:
    """One run: ``subject`` is its job and partition, ``ended`` is empty while it has not."""

    run_id: str
    subject: tuple[str, str]
    created: datetime
    ended: datetime | None
    has_succeeded: bool


def may_go(runs: Iterable[Run], before: datetime) -> list[str]:
    """Return the ids of runs that ended before a moment, oldest first.

    The last run of each month stays, and so does the last that succeeded: the UI reads from their events
    which months are done.
    """
    last: set[tuple[str, str]] = set()
    last_success: set[tuple[str, str]] = set()
    found = []
    for run in sorted(runs, key=lambda run: run.created, reverse=True):
        stays = run.subject not in last or (run.has_succeeded and run.subject not in last_success)
        last.add(run.subject)
        if run.has_succeeded:
            last_success.add(run.subject)
        if not stays and run.ended is not None and run.ended < before:
            found.append(run.run_id)
    return found[::-1]

"""Data that is late, as facts (contract §11): sources with a dataset that is not landed by their day.

What belongs here: which months are looked at, and what they lack. What does not: words (``causes``) and
telling (``outbox``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from connectors.registry import CONNECTORS
from mbr_pipeline.alerts.causes import Fact, data_missing
from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.ingest.landing import months_with_files, scan
from mbr_pipeline.periods import Period, month_before
from mbr_pipeline.workspace.workspace import Workspace

KIND = "DATA_MISSING"

_MONTHS_BACK = 12
"""What is older is history that was landed to be compared with, and nobody's task."""


def late(
    workspace: Workspace, msp_id: str, entries: Sequence[Entry], told: Collection[str], today: date
) -> list[Fact]:
    """Return one fact for each source of an open month with a dataset that is not landed on its day.

    Looked at are the last month, those that are told already, and of the year before it the months since the
    MSP's first landed one that were never published: what is published had all that was declared then.

    Args:
        workspace: Whose months.
        msp_id: Whose months.
        entries: The MSP's chain.
        told: Months of which it is told already.
        today: The day, UTC.

    Raises:
        MbrError: Files are being moved there.
    """
    last = month_before(today)
    months = {last.text, *told, *_unpublished(workspace, msp_id, last)}
    return [
        fact
        for text in sorted(months)
        if closing_of(entries, text).state == "open"
        for fact in _of_month(workspace, msp_id, Period(text), today)
    ]


def _unpublished(workspace: Workspace, msp_id: str, last: Period) -> Iterator[str]:
    first = min(months_with_files(workspace.paths, msp_id, workspace.msp(msp_id)), default=last.text)
    month = last
    for _ in range(_MONTHS_BACK):
        month = month_before(month.start)
        if month.text < first:
            return
        if not workspace.month(msp_id, month.text).published.is_dir():
            yield month.text


def _of_month(workspace: Workspace, msp_id: str, period: Period, today: date) -> Iterator[Fact]:
    msp = workspace.msp(msp_id)
    landed = {(f.source, f.dataset) for f in scan(workspace.paths, msp_id, msp, period).current}
    for source, entry in msp.sources.items():
        due = period.end.replace(day=entry.due_day or workspace.settings.alerts.due_day)
        is_fetched = CONNECTORS[entry.connector].spec is not None
        missing = [dataset for dataset in entry.datasets if (source, dataset) not in landed]
        if fact := data_missing(msp_id, period.text, source, missing, due, today, is_fetched=is_fetched):
            yield fact

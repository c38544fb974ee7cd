"""Days without a licence snapshot: which of a month's days the daily fetch left out (contract §4).

What belongs here: which days have a snapshot, and which should have one. What does not: fetching, and what a
count of the days between two snapshots is. Systems that keep snapshots tell only how things are today, so a
day that is missed cannot be fetched afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.registry import CONNECTORS
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import MspSettings, SourceSettings

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Missed:
    """The days of a month on which a source's snapshot was not fetched, ascending; never empty."""

    source: str
    dataset: str
    days: tuple[date, ...]

    @property
    def told(self) -> str:
        """Which source, which days, and whether they can be had."""
        return (
            f"{self.source} {self.dataset}: not fetched on {in_words(self.days)}, which cannot be done"
            " afterwards: the counts before and after stand for these days; land an export of the vendor's"
            " portal if it shows them"
        )


def snapshot_datasets(entry: SourceSettings) -> list[str]:
    """Return the datasets of a source of which its system tells only today's state."""
    spec = CONNECTORS[entry.connector].spec
    return [dataset for dataset in entry.datasets if spec and spec.feed(dataset).is_snapshot]


def days_taken(
    paths: WorkspacePaths, msp_id: str, source: str, dataset: str, months: Iterable[str]
) -> set[date]:
    """Return the days of which a source's fetched snapshot lies in the folders of some months."""
    names = [
        path.name
        for month in months
        for path in (paths.landing / msp_id / month / source).glob(f"{dataset}.*.jsonl.gz")
    ]
    return {day for name in names if (day := _day(name))}


def missed_snapshots(
    paths: WorkspacePaths, msp_id: str, msp: MspSettings, period: Period, today: date
) -> list[Missed]:
    """Return what the daily fetch left out of a month, up to yesterday.

    A source that was fetched for the first time within the month has missed nothing before; one that was not
    fetched in it at all is not named here: it has no counts, or others.
    """
    folders = [folder.name for folder in (paths.landing / msp_id).glob("*") if Period.is_written(folder.name)]
    found = []
    for source, entry in msp.sources.items():
        for dataset in snapshot_datasets(entry):
            taken = days_taken(paths, msp_id, source, dataset, [period.text])
            if not taken:
                continue
            earlier = days_taken(
                paths, msp_id, source, dataset, [name for name in folders if name < period.text]
            )
            first, last = period.start if earlier else min(taken), min(period.end, today) - _DAY
            days = (first + _DAY * n for n in range((last - first).days + 1))
            if missed := tuple(day for day in days if day not in taken):
                found.append(Missed(source, dataset, missed))
    return found


def in_words(days: Sequence[date]) -> str:
    """Return ascending days as text, those that follow one another as ``first to last``."""
    runs: list[list[date]] = []
    for day in days:
        if runs and runs[-1][-1] == day - _DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        run[0].isoformat() if len(run) == 1 else f"{run[0].isoformat()} to {run[-1].isoformat()}"
        for run in runs
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name.split(".")[1])
    except ValueError:
        return None

"""What is to be fetched for a month: one task for each dataset of each source that names a system.

What belongs here: which tasks there are, where their files go, and whether one is there already. Does not:
carrying them out (``mbr_pipeline.ingest.fetching.fetch``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connectors.fetch_feed import facts
from connectors.registry import CONNECTORS
from connectors.spec import Feed, SourceSpec
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.ingest.landing import FETCH_FOLDER
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class Task:
    """One dataset of one source of one MSP, for one month."""

    msp_id: str
    source: str
    spec: SourceSpec
    settings: Mapping[str, str]
    feed: Feed
    period: Period
    folder: Path
    workspace: WorkspacePaths
    today: date

    @property
    def label(self) -> str:
        """Its name for people."""
        return f"{self.msp_id} {self.source} {self.feed.dataset}"

    @property
    def place(self) -> Path:
        """Where the complete file goes: one per dataset, or one per day where the vendor
        gives only today's state.
        """
        day = self.today.isoformat() if self.feed.is_snapshot else "fetched"
        return self.folder / f"{self.feed.dataset}.{day}.jsonl.gz"

    @property
    def manifest(self) -> Path:
        """The manifest, which says where the file came from."""
        return self.folder / FETCH_FOLDER / f"{self.place.name}.json"

    @property
    def obstacle(self) -> str:
        """Why this cannot be fetched at all; empty if it can."""
        if self.feed.is_snapshot and self.period.text != self.today.isoformat()[:7]:
            return (
                f"{self.spec.title} tells only how things are today, so {self.period.text} cannot be fetched"
                " afterwards: take a snapshot every day (the schedule fetch_daily does)"
            )
        return ""

    def landed(self) -> dict[str, Any] | None:
        """Return the manifest of a file that is there, whole and final; None if it must be fetched.

        What was fetched before the month was over, or before the month its documents are dated
        in, is not final.
        """
        try:
            known: dict[str, Any] = json.loads(self.manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        dated = facts(self.settings, self.period.start, self.today)[
            "dated_end"
        ]  # some date a month's documents in the next one
        is_final = self.feed.is_snapshot or str(known.get("fetched_at", "")) >= max(
            self.period.end.isoformat(), dated
        )
        is_there = self.place.exists() and self.place.stat().st_size == known.get("bytes")
        return known if is_final and is_there else None


def tasks(
    workspace: Workspace,
    period: Period,
    today: date,
    *,
    msp_id: str | None = None,
    source: str | None = None,
    connector: str | None = None,
) -> list[Task]:
    """Return what can be fetched for a month, narrowed by the given arguments; sources that only read files
    are left out.

    Raises:
        ConfigError: The MSP is unknown, or the source is, or has nothing to fetch from, or the month has not
            begun.
    """
    chosen = workspace.msp_ids(msp_id)
    if period.start > today:
        raise ConfigError(
            f"period {period.text} has not begun: choose {today.isoformat()[:7]} or an earlier one"
        )
    found = [
        Task(
            msp,
            name,
            spec,
            entry.settings,
            spec.feed(dataset),
            period,
            workspace.paths.landing / msp / period.text / name,
            workspace.paths,
            today,
        )
        for msp in chosen
        for name, entry in workspace.msp(msp).sources.items()
        if source in (None, name)
        and connector in (None, entry.connector)
        and (spec := CONNECTORS[entry.connector].spec)
        for dataset in entry.datasets
    ]
    if source is not None and not found:
        fetched = sorted(
            {
                n
                for e in workspace.settings.msps.values()
                for n, s in e.sources.items()
                if CONNECTORS[s.connector].spec
            }
        )
        raise ConfigError(
            f"source {source!r} is not fetched from anywhere: use one of"
            f" {', '.join(fetched) or 'none, for all are files'}"
        )
    return found

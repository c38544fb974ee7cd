"""From a vendor's interface into the landing zone: all of a dataset, or nothing of it.

What belongs here: what is to be fetched for a month, placing complete files, and the manifest that says where
they came from. What does not: talking to vendors (``connectors``), reading what was landed
(``mbr_pipeline.ingest.landing``).

A dataset becomes one file of native records. It is written beside the landing zone's files (``.fetch/``) and
moved to its place when the last record has arrived, so that a kill or an error leaves what was there before.
A newer fetch replaces an older one as a whole; the older file is kept under ``.fetch/replaced/`` by its hash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from connectors.fetch_feed import Fetched, facts, open_client, open_walk, write_feed
from connectors.http.client import Client
from connectors.http.clock import Clock
from connectors.http.errors import FetchError
from connectors.http.retries import RetryPolicy
from connectors.http.walk import Count
from connectors.registry import CONNECTORS
from connectors.spec import Feed, SourceSpec
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.ingest.landing import FETCH_FOLDER
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.atomic_files import sha256_of, write_json
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.workspace import credentials
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import Settings


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
    vendor_lock: Path
    today: date

    @property
    def label(self) -> str:
        """How people call it."""
        return f"{self.msp_id} {self.source} {self.feed.dataset}"

    @property
    def place(self) -> Path:
        """Where the complete file goes: one per dataset, or one per day where only today's state can be
        had.
        """
        day = self.today.isoformat() if self.feed.is_snapshot else "fetched"
        return self.folder / f"{self.feed.dataset}.{day}.jsonl.gz"

    @property
    def manifest(self) -> Path:
        """What says where the file came from."""
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

        What was fetched before the month was over, or before the month its documents are dated in, is not
        final.
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


@dataclass(frozen=True)
class Outcome:
    """What became of a task: ``landed``, ``unchanged`` (the same bytes again), ``kept`` (there already),
    ``impossible`` or ``failed``.
    """

    task: Task
    state: str
    problem: str = ""
    can_retry_help: bool = False
    manifest: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Watcher:
    """Hears how a fetch goes on: after each page, of each pause (which MSP and source, why, how many
    seconds), of each wait for another.
    """

    page: Callable[[Task, str, Count], None] = lambda task, endpoint, count: None
    pause: Callable[[str, FetchError, float], None] = lambda source, error, seconds: None
    wait: Callable[[Task], None] = lambda task: None


def tasks(
    workspace: WorkspacePaths,
    settings: Settings,
    period: Period,
    today: date,
    *,
    msp_id: str | None = None,
    source: str | None = None,
    connector: str | None = None,
) -> list[Task]:
    """Return what can be fetched for a month, narrowed by whatever is given; sources that only read files are
    left out.

    Raises: ConfigError: The MSP is unknown, or the source is, or has nothing to fetch from, or the month has
        not begun.
    """
    if msp_id is not None and msp_id not in settings.msps:
        raise ConfigError(f"MSP {msp_id!r} is not in mbr.yml: use one of {', '.join(settings.msps)}")
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
            workspace.landing / msp / period.text / name,
            workspace.warehouse / f"fetch-{spec.name}.lock",
            today,
        )
        for msp, entries in settings.msps.items()
        if msp_id in (None, msp)
        for name, entry in entries.sources.items()
        if source in (None, name)
        and connector in (None, entry.connector)
        and (spec := CONNECTORS[entry.connector].spec)
        for dataset in entry.datasets
    ]
    if source is not None and not found:
        fetched = sorted(
            {n for e in settings.msps.values() for n, s in e.sources.items() if CONNECTORS[s.connector].spec}
        )
        raise ConfigError(
            f"source {source!r} is not fetched from anywhere: use one of"
            f" {', '.join(fetched) or 'none, for all are files'}"
        )
    return found


def fetch(
    settings: Settings,
    wanted: list[Task],
    *,
    again: bool = False,
    watcher: Watcher | None = None,
    clock: Clock | None = None,
    retry_policy: RetryPolicy | None = None,
) -> Iterator[Outcome]:
    """Carry out tasks one after the other; what fails does not keep the others from landing.

    Raises:
        ConfigError: A credential is missing. It is raised before anything is fetched.
    """
    watcher, clock = watcher or Watcher(), clock or Clock()
    for task in wanted:
        credentials.read(settings, task.msp_id, task.source, task.spec)
    for _, group in groupby(wanted, key=lambda task: (task.msp_id, task.source)):
        own = list(group)
        # one client for all datasets of a source: they share its rate limit and its token
        with opened(settings, watcher, clock, retry_policy, own[0]) as client:
            for task in own:
                yield _carried_out(task, client, again, watcher)


@contextmanager
def opened(
    settings: Settings, watcher: Watcher, clock: Clock, retry_policy: RetryPolicy | None, task: Task
) -> Iterator[Client]:
    """Open a client for a task's source, with its credentials.

    One process at a time speaks to a vendor, whoever started it: its rate limit is counted here, and
    Dagster's pools hold back only Dagster's runs (and on SQLite not always those: two runs can claim the same
    place in the same moment).
    """
    secrets = credentials.read(settings, task.msp_id, task.source, task.spec)
    on_retry = partial(watcher.pause, f"{task.msp_id} {task.source}")
    with (
        locked(task.vendor_lock, partial(watcher.wait, task)),
        closing(
            open_client(
                task.spec, task.settings, secrets, clock=clock, retry_policy=retry_policy, on_retry=on_retry
            )
        ) as client,
    ):
        yield client


def _carried_out(task: Task, client: Client, again: bool, watcher: Watcher) -> Outcome:
    if task.obstacle:
        return Outcome(task, "impossible", task.obstacle)
    known = None if again else task.landed()
    if known:
        return Outcome(task, "kept", manifest=known)
    (task.folder / FETCH_FOLDER).mkdir(parents=True, exist_ok=True)
    building = task.folder / FETCH_FOLDER / f"{task.place.name}.partial"
    fetched_at = client.clock.now().isoformat(timespec="seconds")
    try:
        result = _walked(task, client, building, watcher)
    except FetchError as error:
        building.unlink(missing_ok=True)
        return Outcome(task, "failed", str(error), can_retry_help=error.retryable or error.restartable)
    return _placed(task, building, result, fetched_at)


_WALKS = 3
"""How often a dataset is walked when it moves while it is read."""


def _walked(task: Task, client: Client, building: Path, watcher: Watcher) -> Fetched:
    known = facts(task.settings, task.period.start, task.today)
    for attempt in range(1, _WALKS + 1):
        walk = open_walk(client, task.spec, known, partial(watcher.page, task))
        try:
            return write_feed(building, walk, task.feed)
        except FetchError as error:
            if not error.restartable or attempt == _WALKS:
                raise
            watcher.pause(f"{task.msp_id} {task.source}", error, 0)
    raise AssertionError("every walk ends")


def _placed(task: Task, building: Path, result: Fetched, fetched_at: str) -> Outcome:
    """Move a complete file to its place; what it replaces is kept by its hash."""
    manifest = {
        "msp_id": task.msp_id,
        "period": task.period.text,
        "source": task.source,
        "connector": task.spec.name,
        "dataset": task.feed.dataset,
        "file": task.place.name,
        "fetched_at": fetched_at,
        "records": result.rows,
        "bytes": building.stat().st_size,
        "sha256": result.sha256,
        "endpoints": {name: vars(count) for name, count in result.counts.items()},
        "fields": list(result.fields),
    }
    _keep_replaced(task, result.sha256)
    is_known = _hash_in(task.manifest) == result.sha256
    with building.open("rb") as written:
        os.fsync(written.fileno())
    building.replace(task.place)
    write_json(task.manifest, manifest)
    return Outcome(task, "unchanged" if is_known else "landed", manifest=manifest)


def _keep_replaced(task: Task, newer: str) -> None:
    """Give a file that a newer one is about to replace a second name by its own hash: after a kill the
    manifest may tell another's.
    """
    before = sha256_of(task.place) if task.place.exists() else newer
    kept = task.folder / FETCH_FOLDER / "replaced" / f"{task.feed.dataset}.{before[:16]}.jsonl.gz"
    if before != newer and not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        os.link(task.place, kept)


def _hash_in(manifest: Path) -> str:
    try:
        return str(json.loads(manifest.read_text(encoding="utf-8"))["sha256"])
    except (OSError, ValueError, KeyError):
        return ""

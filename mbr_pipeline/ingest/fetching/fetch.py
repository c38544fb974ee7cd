"""From a vendor's interface into the landing zone: all of a dataset, or nothing of it.

What belongs here: what is to be fetched for a month, placing complete files, and the manifest
that says where they came from. What does not: talking to vendors (``connectors``), reading
what was landed (``mbr_pipeline.ingest.landing``).

A dataset becomes one file of native records. It is written next to the landing zone's files (``.fetch/``) and
moved into place when the last record has arrived, so that a kill or an error leaves the earlier file.
A newer fetch replaces an older one as a whole; the older file is kept under ``.fetch/replaced/`` by its hash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from connectors.fetch_feed import Fetched, facts, open_client, open_walk, write_feed
from connectors.http.client import Client
from connectors.http.clock import Clock
from connectors.http.endpoint import Count
from connectors.http.errors import FetchError
from connectors.http.redaction import Secret
from connectors.http.retries import RetryPolicy
from mbr_pipeline.ingest.fetching.fetch_tasks import Task
from mbr_pipeline.ingest.landing import FETCH_FOLDER
from mbr_pipeline.mirror.landing import enter_all, pull
from mbr_pipeline.mirror.opening import mirror_of
from mbr_pipeline.storage.atomic_files import sha256_of, write_json
from mbr_pipeline.workspace.spread import speaking_to
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class Outcome:
    """The outcome of a task: ``landed``, ``unchanged`` (the same bytes again), ``kept`` (there already),
    ``impossible`` or ``failed``.
    """

    task: Task
    state: str
    problem: str = ""
    can_retry_help: bool = False
    manifest: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Watcher:
    """Receives the progress of a fetch: each page, each pause (MSP and source, reason, seconds), and each
    wait for another process.
    """

    page: Callable[[Task, str, Count], None] = lambda task, endpoint, count: None
    pause: Callable[[str, FetchError, float], None] = lambda source, error, seconds: None
    wait: Callable[[Task], None] = lambda task: None


def fetch(
    workspace: Workspace,
    wanted: list[Task],
    *,
    again: bool = False,
    watcher: Watcher | None = None,
    clock: Clock | None = None,
    retry_policy: RetryPolicy | None = None,
) -> Iterator[Outcome]:
    """Carry out tasks one after the other; one that fails does not keep the others from landing.

    Raises:
        ConfigError: A credential is missing. It is raised before anything is fetched.
    """
    watcher, clock = watcher or Watcher(), clock or Clock()
    by_source = [list(group) for _, group in groupby(wanted, key=lambda task: (task.msp_id, task.source))]
    secrets = [workspace.credentials(own[0].msp_id, own[0].source, own[0].spec) for own in by_source]
    mirror = mirror_of(workspace.paths, workspace.settings)
    for own, its in zip(by_source, secrets, strict=True):
        # one client for all datasets of a source: they share its rate limit and its token
        with opened(own[0], its, watcher, clock, retry_policy) as client:
            if mirror:
                pull(mirror, own[0].msp_id, fetched=(own[0].source,))
            for task in own:
                outcome = _carried_out(task, client, again, watcher)
                # also of what lay there already: a kill may have come between
                if mirror and outcome.manifest:
                    enter_all(mirror, workspace.paths.month(task.msp_id, task.period), task.source)
                yield outcome


@contextmanager
def opened(
    task: Task,
    secrets: Mapping[str, Secret],
    watcher: Watcher,
    clock: Clock,
    retry_policy: RetryPolicy | None,
) -> Iterator[Client]:
    """Open a client for a task's source.

    Only one process at a time talks to a vendor, however and wherever it was started: its rate limit is
    counted here, and Dagster's pools limit only Dagster's runs (and on SQLite not always those: two runs can
    claim the same place in the same moment).
    """
    on_retry = partial(watcher.pause, f"{task.msp_id} {task.source}")
    with (
        speaking_to(task.workspace, task.spec.name, partial(watcher.wait, task)),
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
"""How often a dataset is read again when it changes while it is being read."""


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
    """Move a complete file into place; the file it replaces is kept under its hash."""
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
    """Give a file that is about to be replaced a second name, its own hash: after a kill, the manifest may
    state the hash of another file.
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

"""Runs that died: a record that a run makes, holds locked while it lives, and removes when it ends.

What belongs here: those records. What does not: telling of them (``watch``). The kernel releases the lock of
a dead process, so a record that can be locked is of a run without an end. Records lie in ``warehouse/``:
whoever deletes it deletes the question too.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from mbr_pipeline.periods import Period
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths

_FORM = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"run-(\d{8}T\d{6}Z)-[0-9a-f]{12}\.lock\Z")
_BEING_MADE = timedelta(seconds=5)
"""A file is made a moment before it is locked."""


@dataclass(frozen=True)
class DeadRun:
    """A run that began and never ended, and its record."""

    msp_id: str
    period: str
    began: datetime
    record: Path


@contextmanager
def recorded(month: MonthPaths, at: datetime | None = None) -> Iterator[None]:
    """Record that a run of a month is going on in this process; an end of any kind but a kill removes it."""
    began = (at or clock()).strftime(_FORM)
    record = month.folder / f"run-{began}-{uuid.uuid4().hex[:12]}.lock"
    record.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(record, fallback_to_soft=False)
    lock.acquire()
    try:
        yield
    finally:
        record.unlink(missing_ok=True)
        lock.release()


def dead_runs(paths: WorkspacePaths, at: datetime | None = None) -> list[DeadRun]:
    """Return the runs whose records nobody holds, oldest first."""
    at = at or clock()
    found = []
    for record in sorted(paths.warehouse.glob("*/*/run-*.lock")):
        name = _NAME.match(record.name)
        if not name or not Period.is_written(record.parent.name):
            continue
        began = datetime.strptime(name[1], _FORM).replace(tzinfo=UTC)
        if abs(at - began) > _BEING_MADE and _is_left(record):
            found.append(DeadRun(record.parent.parent.name, record.parent.name, began, record))
    return sorted(found, key=lambda run: run.began)


def _is_left(record: Path) -> bool:
    lock = FileLock(record, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    lock.release()
    return True

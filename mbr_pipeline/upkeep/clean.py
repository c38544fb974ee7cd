"""What grows in a workspace with every run and every month, how large it is, and removing it.

What belongs here: choosing, on files alone, what can be made anew or is not needed, and removing that. What
does not: Dagster's runs (``old_runs``), what crashes leave (``checks``). The landing zone, rules,
publications in force, closed versions, the ledger and exports are never chosen.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.ingest.landing import scan
from mbr_pipeline.ingest.parse import cache_key
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.publish.versions import remove_version, unread_versions
from mbr_pipeline.storage.locks import locked, locked_alone
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

_YOUNG_SECONDS = 3600
"""What was made in the last hour may belong to a run at work."""


@dataclass(frozen=True)
class Pile:
    """One kind of thing that can go: what it is, why it is not needed, how many, how many bytes, and the work
    of removing it.
    """

    what: str
    said: str
    count: int
    size: int
    remove: Callable[[], None]


def piles(workspace: Workspace, keep_months: int, keep_replaced: int) -> Iterator[Pile]:
    """Yield what can go, measured; nothing is changed before a pile's ``remove`` is called.

    Args:
        workspace: Settings say which MSPs there are.
        keep_months: So many newest months of each MSP keep their working files.
        keep_replaced: So many newest replaced publications of each month stay.

    Raises:
        MbrError: `mbr land` is at work, or was killed while it was.
    """
    yield _typed_files(workspace, keep_months)
    yield _working_files(workspace, keep_months)
    yield _replaced(workspace.paths, keep_replaced)


def size_of(paths: Iterable[Path]) -> int:
    """Return the bytes of files, and of all files below folders; what vanishes meanwhile counts nothing."""
    total = 0
    for path in paths:
        for file in (path, *path.rglob("*")) if path.is_dir() else (path,):
            try:
                total += file.lstat().st_size if not file.is_dir() else 0
            except FileNotFoundError:
                continue
    return total


def _typed_files(workspace: Workspace, keep_months: int) -> Pile:
    """Entries that no month kept would read: of files that are gone, of older months, of earlier releases."""
    # looked at before the landing zone: an entry that is made meanwhile is not in it
    entries = [path for path in workspace.paths.parsed.glob("[!.]*/") if _is_old(path)]
    needed = {
        cache_key(file)
        for month in _months(workspace, keep_months)
        for landing in [scan(workspace.paths, month.msp_id, workspace.msp(month.msp_id), month.period)]
        for file in landing.current + landing.earlier
    }
    gone = sorted(path for path in entries if path.name not in needed)
    said = "cache entries that no month kept reads; a run types their files anew"
    return Pile("typed files", said, len(gone), size_of(gone), lambda: _remove(gone))


def _working_files(workspace: Workspace, keep_months: int) -> Pile:
    """The databases of months that are not kept. What was audited stays: deciding and publishing go by it."""
    kept = set(_months(workspace, keep_months))
    months = [month for month in _worked_on(workspace) if month not in kept and _databases(month)]
    size = size_of(path for month in months for path in _databases(month))
    said = "databases of older months; explaining these needs a run of the month first"
    return Pile("warehouses", said, len(months), size, lambda: _remove_databases(months))


def _replaced(paths: WorkspacePaths, keep: int) -> Pile:
    gone = unread_versions(paths.published, keep) if paths.published.is_dir() else []

    def remove() -> None:
        with locked_alone(paths.warehouse / "publication.lock"):  # one may have come into force again
            still = set(unread_versions(paths.published, keep))
            for version in gone:
                if version in still:
                    remove_version(version)
            refresh_catalogue(paths)

    said = "publications that newer ones replaced more than an hour ago"
    return Pile("replaced publications", said, len(gone), size_of(gone), remove)


def _months(workspace: Workspace, keep: int) -> list[MonthPaths]:
    """Return the newest months of every MSP, by what is landed and what was worked on."""
    found = []
    for msp_id in workspace.msp_ids():
        places = (workspace.paths.landing / msp_id, workspace.paths.warehouse / msp_id)
        names = {folder.name for place in places for folder in place.glob("*/")}
        newest = sorted(filter(Period.is_written, names))[-keep:]
        found += [workspace.paths.month(msp_id, Period(name)) for name in newest]
    return found


def _worked_on(workspace: Workspace) -> list[MonthPaths]:
    """Return every month with a folder in the warehouse, also of MSPs that are in ``mbr.yml`` no more."""
    return [
        workspace.paths.month(folder.parent.name, Period(folder.name))
        for folder in sorted(workspace.paths.warehouse.glob("*/*/"))
        if Period.is_written(folder.name)
    ]


def _databases(month: MonthPaths) -> list[Path]:
    """Return a month's database and what dbt wrote for it."""
    wal = month.warehouse_file.with_name(f"{month.warehouse_file.name}.wal")
    return [path for path in (month.warehouse_file, wal, month.folder / "dbt") if path.exists()]


def _remove_databases(months: Sequence[MonthPaths]) -> None:
    for month in months:
        with locked(month.lock_file):
            # first: without it nothing is taken for loaded
            month.loaded_inputs.unlink(missing_ok=True)
            _remove(_databases(month))


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            # out of the way in one step: a kill leaves nothing that could be taken for whole
            aside = path.with_name(f".{path.name.removeprefix('.')}.{os.getpid()}.tmp")
            path.rename(aside)
            shutil.rmtree(aside)
        else:
            path.unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > _YOUNG_SECONDS

"""What killed runs, full disks and bad sectors leave in a workspace, found and, if asked for, mended.

What belongs here: one function for each kind of thing that can be wrong, without a terminal. What does not:
Dagster's runs (``mbr_pipeline.cli.doctor``). Nothing here touches the landing zone. What is
mended is removed, and the next run makes it anew; the tables of a closed month, which no run makes anew, are
restored from its closed version.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mbr_pipeline.alerts.snapshots import stopped
from mbr_pipeline.decide import policies
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.publish.catalogue import catch_up, mend
from mbr_pipeline.publish.damage import damaged_folders, told
from mbr_pipeline.storage.hash_cache import is_damaged
from mbr_pipeline.storage.sealed_folders import sound_facts
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.spread import is_distributed
from mbr_pipeline.workspace.workspace import Workspace

_OF_A_PROCESS = re.compile(r"\..+\.(?P<pid>[0-9]+)\.(?:tmp|[0-9]+)\Z")
"""A file being written, ``.<name>.<pid>.tmp``, or a folder being filled, ``.<key>.<pid>.<thread>``."""

_MOST_SECONDS_OF_WRITING = 3600

_AHEAD_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what, and what to do or what was done; ``left`` if it still is wrong."""

    what: str
    said: str
    left: bool


def find(workspace: Workspace, repair: bool) -> Iterator[Finding]:
    """Yield everything that is wrong in a workspace; with ``repair``, mend what can be mended."""
    paths = workspace.paths
    yield from _catalogue(paths)
    yield from _damaged(paths, repair)
    yield from _half_written(paths, repair)
    yield from _caches(paths, repair)
    yield from _rules(workspace)
    yield from _snapshots(workspace)
    yield from _clock(paths)


def _catalogue(paths: WorkspacePaths) -> Iterator[Finding]:
    if paths.published.is_dir():
        try:
            catch_up(paths)
        except MbrError as error:
            yield Finding("catalogue", str(error), left=True)


def _damaged(paths: WorkspacePaths, repair: bool) -> Iterator[Finding]:
    """Published tables that are not what was published; those of a closed month can be restored."""
    problem = ""
    if repair and damaged_folders(paths):
        try:
            for done in mend(paths):
                yield Finding("publication", done.said, left=False)
        except OSError as error:
            problem = f" (it failed: {error.strerror})"
        except MbrError as error:
            problem = f" (it failed: {error})"
    for line in told(paths, damaged_folders(paths)):
        yield Finding("publication", f"{line}{problem}", left=True)


def _half_written(paths: WorkspacePaths, repair: bool) -> Iterator[Finding]:
    """Files and folders that a process which no longer runs was writing."""
    for root in (paths.warehouse, paths.published, paths.reports):
        for folder, folders, files in os.walk(root):
            for name in [*folders, *files]:
                named = _OF_A_PROCESS.match(name)
                if named and not _may_run(int(named["pid"]), Path(folder) / name):
                    yield _removed("half written", Path(folder) / name, repair)


def _caches(paths: WorkspacePaths, repair: bool) -> Iterator[Finding]:
    for entry in sorted(paths.parsed.glob("[!.]*/")):
        if sound_facts(entry) is None:
            yield _removed("cache of typed files", entry, repair)
    for hashes in sorted(paths.warehouse.glob("*/hashes.json")):
        if is_damaged(hashes):
            yield _removed("cache of hashes", hashes, repair)


def _rules(workspace: Workspace) -> Iterator[Finding]:
    try:
        policies.check(workspace.settings.policies.auto_approve)
    except ConfigError as error:
        yield Finding("settings", str(error), left=True)
    for msp_id in workspace.msp_ids():
        try:
            workspace.rules(msp_id)
        except ConfigError as error:
            yield Finding("rules", str(error), left=True)


def _snapshots(workspace: Workspace) -> Iterator[Finding]:
    """Daily licence counts that are not fetched any more."""
    for msp_id in workspace.msp_ids():
        for fact in stopped(workspace, msp_id, datetime.now(UTC).date()):
            yield Finding("licence counts", f"{fact.title}. {fact.text} `{fact.action}`", left=True)


def _clock(paths: WorkspacePaths) -> Iterator[Finding]:
    """A clock that was set back: files are from the future."""
    newest = max((path.stat().st_mtime for path in paths.warehouse.glob("*/*/*")), default=0.0)
    if newest > time.time() + _AHEAD_SECONDS:
        said = "files in warehouse/ are from tomorrow or later: set the clock of this machine"
        yield Finding("clock", said, left=True)


def _removed(what: str, path: Path, repair: bool) -> Finding:
    if not repair:
        return Finding(what, f"{path}: `mbr doctor --repair` removes it, a run makes it anew", left=True)
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError as error:
        return Finding(what, f"{path}: cannot be removed: {error.strerror}", left=True)
    return Finding(what, f"{path}: removed", left=False)


def _may_run(pid: int, path: Path) -> bool:
    """Whether a process runs that may be writing something; where several machines work, it may be one of
    another, for an hour.
    """
    if is_distributed() and time.time() - path.lstat().st_mtime < _MOST_SECONDS_OF_WRITING:
        return True
    return _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True

"""The landing zone: which files are there, what they are, and their fingerprints (contract §2).

What belongs here: finding and naming landed files, and saying why a file is passed over. What does not:
reading records (``connectors.files``), typing them (``mbr_pipeline.ingest.parse``). Nothing here writes into
the landing zone.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.datasets import DATASETS
from connectors.files.opening import SUFFIXES
from connectors.registry import CONNECTORS
from connectors.safe_text import printable, text_problem
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.atomic_files import sha256_of, write_json
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import MspSettings

FETCH_FOLDER = ".fetch"
"""In a source's folder: manifests of what was fetched, what newer fetches replaced, and what
is not complete yet.
"""

_NOWHERE = "it is a link to nowhere, passed over: land what it should lead to"


@dataclass(frozen=True)
class LandedFile:
    """One file of a declared dataset. ``name`` is period/source/file: how evidence and rejects refer to it.

    ``settings`` are the connector's, as JSON: they shape what a file says.
    """

    path: Path
    period: str
    source: str
    dataset: str
    connector: str
    sha256: str
    size: int
    settings: str = "{}"

    @property
    def name(self) -> str:
        """Path below the MSP's landing folder."""
        return f"{self.period}/{self.source}/{self.path.name}"

    @property
    def content(self) -> tuple[str, ...]:
        """What files of one period that say the same have in common: their bytes, and their name where it
        says something too.
        """
        beside = CONNECTORS[self.connector].beside(json.loads(self.settings), self.dataset)
        return self.source, self.dataset, self.sha256, self.path.name if "file_name" in beside else ""


@dataclass(frozen=True)
class Landing:
    """The landed files of one MSP up to a period: ``current`` for the period, ``earlier`` for
    those before it.
    """

    current: tuple[LandedFile, ...]
    earlier: tuple[LandedFile, ...]
    warnings: tuple[str, ...]


class HashCache:
    """Remembers the hash of files by path, size and change time, so that history is not
    read again every month.
    """

    def __init__(self, path: Path) -> None:
        """Open the cache; a missing or damaged one is empty."""
        self._path = path
        try:
            self._known: dict[str, list[object]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}
        self._changed = False

    def sha256(self, path: Path, info: os.stat_result) -> str:
        """Return the file's SHA-256, computed only if the file changed since it was last asked for."""
        key = str(path)
        state = [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]
        known = self._known.get(key)
        if known and known[:4] == state:
            return str(known[4])
        digest = sha256_of(path)
        self._known[key] = [*state, digest]
        self._changed = True
        return digest

    def save(self) -> None:
        """Write the cache back if anything was added."""
        if self._changed:
            write_json(self._path, self._known)


def scan(workspace: WorkspacePaths, msp_id: str, msp: MspSettings, period: Period) -> Landing:
    """Find the landed files of an MSP for ``period`` and, of datasets that carry over,
    for all earlier periods.

    Files with equal bytes of one dataset, source and period are one file; every file that is not read is
    named in ``warnings``, of earlier periods those that cannot be.
    """
    cache = HashCache(workspace.warehouse / msp_id / "hashes.json")
    warnings: list[str] = []
    current = _scan_period(
        workspace.landing / msp_id / period.text, period.text, msp, cache, warnings, warnings
    )
    earlier: list[LandedFile] = []
    for folder in _folders(workspace.landing / msp_id):
        if folder.name < period.text and _is_period(folder.name):
            earlier += [
                f
                for f in _scan_period(folder, folder.name, msp, cache, [], warnings)
                if DATASETS[f.dataset].carries_over
            ]
        elif not _is_period(folder.name):
            warnings.append(f"{folder.name}: not a period folder (YYYY-MM), passed over")
    warnings += [
        f"{path.name}: {_NOWHERE}"
        for path in sorted((workspace.landing / msp_id).glob("*"))
        if _leads_nowhere(path)
    ]
    cache.save()
    return Landing(tuple(current), tuple(earlier), tuple(map(printable, warnings)))


def periods_landed(workspace: WorkspacePaths) -> list[str]:
    """Return every period that any MSP has a landing folder for, ascending."""
    names = {
        folder.name
        for msp in _folders(workspace.landing)
        for folder in _folders(msp)
        if _is_period(folder.name)
    }
    return sorted(names)


def inputs_hash(files: tuple[LandedFile, ...], *others: bytes) -> str:
    """Return one fingerprint of everything a month is computed from: landed bytes, their
    paths, rules and settings.
    """
    digest = hashlib.sha256()
    for file in files:
        digest.update(
            json.dumps(
                [file.period, file.source, file.path.name, file.dataset, file.connector, file.sha256]
            ).encode()
        )
    for other in others:
        digest.update(hashlib.sha256(other).digest())
    return digest.hexdigest()


def _is_period(name: str) -> bool:
    return Period.is_written(name)


def _folders(path: Path) -> list[Path]:
    return sorted(p for p in path.iterdir() if p.is_dir()) if path.is_dir() else []


def _entries(folder: Path) -> Iterator[Path]:
    """Yield everything in a period's folder except folders. A source's folder may be a link; one further down
    could lead anywhere.
    """
    for path in folder.iterdir() if folder.is_dir() else []:
        if path.is_dir():
            yield from (p for p in path.rglob("*") if not p.is_dir() or p.is_symlink())
        else:
            yield path


def _scan_period(
    folder: Path, period: str, msp: MspSettings, cache: HashCache, warnings: list[str], unreadable: list[str]
) -> list[LandedFile]:
    found: list[LandedFile] = []
    seen: dict[tuple[str, ...], str] = {}
    for path in sorted(_entries(folder)):
        if FETCH_FOLDER in path.relative_to(folder).parts:  # what `mbr fetch` keeps next to its files
            continue
        name = path.relative_to(folder.parent).as_posix()
        if problem := _problem(path, name):
            unreadable.append(f"{name}: {problem}")
            continue
        file, reason = _classify(path, folder, period, msp, cache)
        if file and file.content in seen:
            reason, file = f"its bytes equal {seen[file.content]}, loaded once", None
        if file is None:
            warnings.append(f"{name}: {reason}")
            continue
        seen[file.content] = file.path.name
        found.append(file)
    return found


def _problem(path: Path, name: str) -> str | None:
    """Say why a path cannot be read as a file, whatever its name; nothing if it can."""
    if text_problem(name):
        return "its name is not UTF-8, passed over: rename it"
    if path.is_symlink() and path.is_dir():
        return "it is a link to a folder in a source folder, passed over: land the files themselves"
    return _NOWHERE if _leads_nowhere(path) else None


def _leads_nowhere(path: Path) -> bool:
    return path.is_symlink() and not path.exists()


def _classify(
    path: Path, folder: Path, period: str, msp: MspSettings, cache: HashCache
) -> tuple[LandedFile | None, str]:
    parts = path.relative_to(folder).parts
    if len(parts) != 2:
        return None, "not in a source folder (<period>/<source>/<dataset>.<ext>), passed over"
    source, name = parts
    if source not in msp.sources:
        return None, f"source {source} is not declared in mbr.yml, passed over"
    info = path.stat()
    if not stat.S_ISREG(info.st_mode):
        return None, "not a regular file, passed over"
    dataset = name.split(".", 1)[0]
    if dataset not in DATASETS:
        return (
            None,
            (
                f"{dataset or name} is not a dataset, passed over: the name must begin with one of"
                f" {', '.join(DATASETS)}"
            ),
        )
    if dataset not in msp.sources[source].datasets:
        return None, f"dataset {dataset} is not declared for source {source} in mbr.yml, passed over"
    if not name.lower().removesuffix(".gz").endswith(SUFFIXES):
        return None, f"unknown kind of file, passed over: use {', '.join(SUFFIXES)}, also with .gz"
    digest = cache.sha256(path, info)
    settings = json.dumps(msp.sources[source].settings, sort_keys=True)
    return (
        LandedFile(
            path, period, source, dataset, msp.sources[source].connector, digest, info.st_size, settings
        ),
        "",
    )

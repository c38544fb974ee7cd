"""The landing zone: which files are there, what they are, and their fingerprints (contract §2).

What belongs here: finding and naming landed files, and saying why a file is passed over. What does not:
reading records (``connectors.files``), typing them (``mbr_pipeline.ingest.parse``). Nothing here writes into
the landing zone.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.datasets import DATASETS
from connectors.files.opening import SUFFIXES
from connectors.registry import CONNECTORS
from connectors.safe_text import printable, text_problem
from mbr_pipeline.errors import MbrError
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.hash_cache import HashCache
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import MspSettings

FETCH_FOLDER = ".fetch"
"""In a source's folder: manifests of what was fetched, what newer fetches replaced, and what
is not complete yet.
"""

SUPERSEDED_FOLDER = ".superseded"
"""In a source's folder: the files that `mbr land --replaces` took out of it, kept and never read."""

UNFINISHED = f"{SUPERSEDED_FOLDER}/.landing.json"
"""In a source's folder while `mbr land` moves files: what it has yet to do."""

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
class Superseded:
    """A file of a source with ``files: replace`` that counts no more, and the one that counts (contract
    §2.4).
    """

    file: LandedFile
    by: LandedFile


@dataclass(frozen=True)
class Landing:
    """The landed files of one MSP up to a period: ``current`` for the period, ``earlier`` for
    those before it; ``superseded``: those of the period that a later one of its source stands for.
    """

    current: tuple[LandedFile, ...]
    earlier: tuple[LandedFile, ...]
    warnings: tuple[str, ...]
    superseded: tuple[Superseded, ...] = ()


def scan(workspace: WorkspacePaths, msp_id: str, msp: MspSettings, period: Period) -> Landing:
    """Find the landed files of an MSP for ``period`` and, of datasets that carry over,
    for all earlier periods.

    Files with equal bytes of one dataset, source and period are one file; every file that is not read is
    named in ``warnings``, of earlier periods those that cannot be.

    Raises:
        MbrError: `mbr land` is moving files there, or was killed while it did.
    """
    cache = HashCache(workspace.warehouse / msp_id / "hashes.json")
    warnings: list[str] = []
    current, superseded = _scan_period(
        workspace.landing / msp_id / period.text, period.text, msp, cache, warnings, warnings
    )
    earlier: list[LandedFile] = []
    for folder in _folders(workspace.landing / msp_id):
        if folder.name < period.text and _is_period(folder.name):
            found, _ = _scan_period(folder, folder.name, msp, cache, [], warnings)
            earlier += [file for file in found if DATASETS[file.dataset].carries_over]
        elif not _is_period(folder.name):
            warnings.append(f"{folder.name}: not a period folder (YYYY-MM), passed over")
    warnings += [
        f"{path.name}: {_NOWHERE}"
        for path in sorted((workspace.landing / msp_id).glob("*"))
        if _leads_nowhere(path)
    ]
    cache.save()
    return Landing(tuple(current), tuple(earlier), tuple(map(printable, warnings)), tuple(superseded))


def periods_landed(workspace: WorkspacePaths) -> list[str]:
    """Return every period that any MSP has a landing folder for, ascending."""
    months = (folder for msp in _folders(workspace.landing) for folder in _folders(msp))
    return sorted({folder.name for folder in months if _is_period(folder.name)})


def months_with_files(
    workspace: WorkspacePaths, msp_id: str, msp: MspSettings, known: Collection[str] = ()
) -> list[str]:
    """Return every period for which an MSP has a landed file of a declared dataset, ascending; nobody looks
    into the folders of periods that are known already.
    """

    def is_landed(path: Path, place: str) -> bool:
        return (
            not _is_kept_beside(place) and not _problem(path, path.name) and not _misplaced(path, place, msp)
        )

    return [
        folder.name
        for folder in _folders(workspace.landing / msp_id)
        if _is_period(folder.name)
        and folder.name not in known
        and any(is_landed(path, place) for path, place in _entries(folder))
    ]


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


def _entries(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield everything in a period's folder except folders, with its place below it. A source's folder may be
    a link; one further down could lead anywhere.
    """
    for path in folder.iterdir() if folder.is_dir() else []:
        if path.is_dir():
            for each in path.rglob("*"):
                if not each.is_dir() or each.is_symlink():
                    yield each, str(each)[len(str(folder)) + 1 :]
        else:
            yield path, path.name


def _is_kept_beside(place: str) -> bool:
    """Whether it is one of the files that `mbr fetch` and `mbr land` keep next to the landed ones."""
    return not {FETCH_FOLDER, SUPERSEDED_FOLDER}.isdisjoint(place.split("/"))


def _scan_period(
    folder: Path, period: str, msp: MspSettings, cache: HashCache, warnings: list[str], unreadable: list[str]
) -> tuple[list[LandedFile], list[Superseded]]:
    classified: list[LandedFile] = []
    for path, place in sorted(_entries(folder)):
        name = f"{folder.name}/{place}"
        if name.endswith(f"/{UNFINISHED}"):
            raise MbrError(
                f"{name}: `mbr land` is at work in this folder, or was interrupted there: wait for it, or run"
                " the same command again"
            )
        if _is_kept_beside(place):
            continue
        if problem := _problem(path, name):
            unreadable.append(f"{name}: {problem}")
            continue
        file, reason = _classify(path, place, period, msp, cache)
        if file:
            classified.append(file)
        else:
            warnings.append(f"{name}: {reason}")
    superseded = superseded_files(classified, msp)
    gone = {each.file.path for each in superseded}
    warnings += [
        f"{each.file.name}: {each.by.path.name} counts in its place (files: replace)" for each in superseded
    ]
    found: list[LandedFile] = []
    seen: dict[tuple[str, ...], str] = {}
    for file in classified:
        if file.path in gone:
            continue
        if known := seen.get(file.content):
            warnings.append(f"{file.name}: its bytes equal {known}, loaded once")
            continue
        seen[file.content] = file.path.name
        found.append(file)
    return found, superseded


def superseded_files(files: list[LandedFile], msp: MspSettings) -> list[Superseded]:
    """Return the files of sources with ``files: replace`` but, of each dataset, the one whose name is last by
    code point.
    """
    last: dict[tuple[str, str], LandedFile] = {}
    mine = [file for file in files if msp.sources[file.source].files == "replace"]
    for file in mine:
        known = last.setdefault((file.source, file.dataset), file)
        if file.path.name > known.path.name:
            last[file.source, file.dataset] = file
    return [
        Superseded(file, newest)
        for file in mine
        if (newest := last[file.source, file.dataset]).path != file.path
    ]


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
    path: Path, place: str, period: str, msp: MspSettings, cache: HashCache
) -> tuple[LandedFile | None, str]:
    if reason := _misplaced(path, place, msp):
        return None, reason
    info = path.stat()
    source, dataset = path.parent.name, path.name.split(".", 1)[0]
    digest = cache.sha256(path, info)
    settings = json.dumps(msp.sources[source].settings, sort_keys=True)
    return (
        LandedFile(
            path, period, source, dataset, msp.sources[source].connector, digest, info.st_size, settings
        ),
        "",
    )


def _misplaced(path: Path, place: str, msp: MspSettings) -> str | None:
    """Say why a path that can be read is no file of a declared dataset; nothing if it is one."""
    parts = place.split("/")
    if len(parts) != 2:
        return "not in a source folder (<period>/<source>/<dataset>.<ext>), passed over"
    source, name = parts
    if source not in msp.sources:
        return f"source {source} is not declared in mbr.yml, passed over"
    if not stat.S_ISREG(path.stat().st_mode):
        return "not a regular file, passed over"
    dataset = name.split(".", 1)[0]
    if dataset not in DATASETS:
        return (
            f"{dataset or name} is not a dataset, passed over: the name must begin with one of"
            f" {', '.join(DATASETS)}"
        )
    if dataset not in msp.sources[source].datasets:
        return f"dataset {dataset} is not declared for source {source} in mbr.yml, passed over"
    if not name.lower().removesuffix(".gz").endswith(SUFFIXES):
        return f"unknown kind of file, passed over: use {', '.join(SUFFIXES)}, also with .gz"
    return None

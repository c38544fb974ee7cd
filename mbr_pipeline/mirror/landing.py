"""The landing zone in the store: every file in it once, whichever machine it was landed from.

What belongs here: bringing a machine's landing folder up to the store's, and entering what is landed. What
does not: which files may land (``mbr_pipeline.ingest.land_files``) and how they are read.

Of each month, one pointer lists the landed files and those kept beside them. A file that is replaced moves to
another place of the list, so that the bytes of every landed file stay listed. A folder's file whose bytes the
list does not know is nobody's but this machine's: it is told, never overwritten and never counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mirror.files import File, as_data, fetch, listed, put
from mbr_pipeline.mirror.opening import Mirror
from mbr_pipeline.mirror.pointers import move, name_of, read
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.hash_cache import HashCache
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.workspace.paths import MonthPaths

POINTER = "landed.json"

_INCOMING, _JOURNAL = ".superseded/.incoming/", "/.superseded/.landing.json"
_PARTIAL = ".partial"
"""What `mbr land` and `mbr fetch` are at work on."""


@dataclass(frozen=True)
class Change:
    """What becomes of one place in a month's landing folder.

    ``before``: the SHA-256 of the file that is there now, None for none; ``after``: the file whose bytes are
    to be there, None to leave it empty.
    """

    place: str
    before: str | None
    after: Path | None


def pull(mirror: Mirror, msp_id: str, until: Period | None = None, fetched: Collection[str] = ()) -> None:
    """Bring an MSP's landing folder up to the store's, month by month, up to a period.

    Files of the sources ``fetched`` that only this machine has are left alone: who fetches enters them.

    Raises:
        ConfigError: A file of the folder is not what the store has, or the store is not this ledger's.
        MbrError: An object is gone or was changed; it is named.
    """
    mirror.claim()
    stored = {month.period.text for month, _ in mirror.pointers(POINTER, msp_id)}
    folder = mirror.paths.landing / msp_id
    here = (
        {each.name for each in folder.iterdir() if Period.is_written(each.name)} if folder.is_dir() else set()
    )
    cache = HashCache(mirror.paths.warehouse / msp_id / "hashes.json")
    for period in sorted(stored | here):
        if until is None or period <= until.text:
            _pull(mirror, mirror.paths.month(msp_id, Period(period)), cache, fetched)
    cache.save()


def _pull(mirror: Mirror, month: MonthPaths, cache: HashCache, fetched: Collection[str]) -> None:
    with locked(month.landing_lock):
        here = dict(_places(month.landing))
        if any(place.endswith(_JOURNAL) for place in here):
            return  # a landing that was killed: the same command finishes it, no month is computed meanwhile
        files = _files(read(mirror.store, name_of(month, POINTER))[0], month)
        known = {file.sha256 for file in files.values()}
        digests = {place: cache.sha256(path, path.stat()) for place, path in here.items()}
        only_here = {place for place in here if digests[place] not in known and not _is_manifest(place)}
        for place in sorted(only_here):
            if _source(place) not in fetched:
                raise ConfigError(_ONLY_HERE.format(here[place], mirror.store.address))
        busy = {_source(place) for place in only_here}
        only_here |= {place for place in here if _is_manifest(place) and _source(place) in busy}
        late = {place: file for place, file in files.items() if digests.get(place) != file.sha256}
        fetch(mirror.store, {place: late[place] for place in late.keys() - only_here}, month.landing)
        for place in digests.keys() - files.keys() - only_here:
            here[place].unlink()  # replaced on another machine, its bytes are kept beside


_ONLY_HERE = (
    "{} is only on this machine, {} does not have it: land it with `mbr land`, or move it out of landing/;"
    " nothing was changed"
)


_ELSE = (
    "{}/{}: another machine landed something else there meanwhile: run the same command again; nothing was"
    " landed"
)


def enter(mirror: Mirror, month: MonthPaths, changes: Sequence[Change]) -> None:
    """Enter what is landed in the store: all of it, or nothing.

    Raises:
        ConfigError: Another machine landed something else in one of the places meanwhile, or the store is not
            this ledger's.
        MbrError: The store cannot be reached, or does not hold what was put.
    """
    mirror.claim()
    name = name_of(month, POINTER)
    new = {change.place: change.after for change in changes if change.after is not None}
    known = _files(read(mirror.store, name)[0], month)
    arrived = put(mirror.store, f"landing/{month.msp_id}/{month.period.text}", new, known)

    def changed(now: dict[str, Any] | None) -> dict[str, Any]:
        files = _files(now, month)
        for change in changes:
            there, after = files.get(change.place), arrived.get(change.place)
            if _content(there) == _content(after):
                continue
            if _content(there) != change.before:
                raise ConfigError(_ELSE.format(month.period.text, change.place))
            if after is None:
                del files[change.place]
            else:
                files[change.place] = after
        return {**(now or {}), "files": as_data(files)}

    move(mirror.store, name, changed)


def enter_landed(
    mirror: Mirror, month: MonthPaths, source: str, staged: Sequence[Path], kept: Mapping[str, str]
) -> None:
    """Enter files that are about to land in a source's folder.

    Args:
        mirror: Where.
        month: Whose.
        source: Whose folder.
        staged: The files, under their names.
        kept: Where those that they replace will be kept in the folder, by name.

    Raises:
        ConfigError, MbrError: As :func:`enter`.
    """
    folder = month.landing / source
    new = {path.name: path for path in staged}
    changes = [
        Change(f"{source}/{name}", sha256_of(folder / name) if name in kept else None, new.get(name))
        for name in dict.fromkeys([*new, *kept])
    ]
    changes += [Change(f"{source}/{place}", None, folder / name) for name, place in kept.items()]
    enter(mirror, month, changes)


def enter_all(mirror: Mirror, month: MonthPaths, source: str | None = None) -> None:
    """Enter what lies in a month's landing folder and is not in the store: what was fetched, and the whole of
    a workspace that moves into its store.

    Raises:
        ConfigError: A file would take the place of one that is not kept beside it.
        MbrError: As :func:`enter`.
    """
    with locked(month.landing_lock):
        here = {
            place: path
            for place, path in _places(month.landing)
            if not place.endswith(_JOURNAL) and (source is None or place.startswith(f"{source}/"))
        }
        files = _files(read(mirror.store, name_of(month, POINTER))[0], month)
        digests = {place: sha256_of(path) for place, path in here.items()}
        for place, digest in digests.items():
            before = _content(files.get(place))
            if before not in (None, digest, *digests.values()) and not _is_manifest(place):
                raise ConfigError(_ELSE.format(month.period.text, place))
        enter(
            mirror, month, [Change(place, _content(files.get(place)), path) for place, path in here.items()]
        )


def _places(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        place = path.relative_to(folder).as_posix()
        if path.is_file() and _INCOMING not in place and not place.endswith((_PARTIAL, ".arriving")):
            yield place, path


def _source(place: str) -> str:
    return place.split("/")[0]


def _is_manifest(place: str) -> bool:
    """Whether it says of a fetch when it was: every fetch writes it anew."""
    return place.split("/")[1:2] == [".fetch"] and place.endswith(".json")


def _files(content: dict[str, Any] | None, month: MonthPaths) -> dict[str, File]:
    return listed(content["files"], name_of(month, POINTER)) if content else {}


def _content(file: File | None) -> str | None:
    return file.sha256 if file else None

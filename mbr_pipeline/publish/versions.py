"""Version folders: every publication of a month is a folder of its own that never changes, and a symbolic
link says which one is in force.

``published/<msp_id>/<period>`` is that link: what people open. It leads into
``published/<msp_id>/<period>.versions/``, where a publication is kept under the hash of its tables. The
leading dot keeps it out of sight; names without one are left for versions that are kept for ever.

Where several machines work, whoever publishes has a lease. Its token is in the names of what he prepares, so
that nobody writes into the folder of another. The new link is made first, then the token is checked, then the
link is renamed into place; whoever has a newer token begins by removing older links. So one that stood still
behind the check finds nothing to rename.

What belongs here: writing a version, changing the link, taking over folders of earlier releases, removing
versions that nobody reads any more. All of it under the publication's lock. What does not: whether a month
may be published (``mbr_pipeline.publish.publication``) and the views (``mbr_pipeline.publish.catalogue``).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from mbr_pipeline.errors import MbrError
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.atomic_files import sha256_of, sync
from mbr_pipeline.storage.keeping import Kept

_KEPT_SECONDS = 3600
"""How long a version is kept after it was replaced: queries that began on it have ended by then."""

KEPT_REPLACED = 1
"""So many replaced versions of each month stay beyond that: one can still ask what changed."""

_HASH_DIGITS = 16

_VERSIONS = ".versions"
_BUILDING = ".building"
_EARLIER = ".earlier"


def switch_to(place: Path, candidate: Path, hashes: Mapping[str, str], lease: Kept | None = None) -> None:
    """Make ``place`` a link to a version of the candidate's tables. Equal tables change nothing.

    Args:
        place: ``published/<msp_id>/<period>``.
        candidate: Folder of the audited files.
        hashes: SHA-256 of every table, by its name, as certified.
        lease: The month's, where several machines work.

    Raises:
        LeaseLost: Another process took the month over.
        MbrError: The file system has no symbolic links, or what was written is not what was audited. What was
            published before stays in force.
    """
    if lease:
        _remove_older_links(place, lease.token)
    if place.is_dir() and not place.is_symlink():
        _take_over(place)
    version = versions_of(place) / _name_for(place, hashes)
    if version.exists() and os.path.realpath(place) == os.path.realpath(version):
        if lease:
            lease.record(version.name)
        return
    mark = f"{lease.token}" if lease else ""
    link = _link(place, version.name, mark)  # first: where there are no links, nothing may change
    try:
        if not version.exists():
            _write(version, candidate, hashes, mark)
        if place.exists():
            mark_replaced(place)
        if lease:
            lease.record(version.name)
        # it says when this version was in force before: who is killed next leaves no record rather than that
        record_of(version).unlink(missing_ok=True)
        try:
            link.replace(place)
        except FileNotFoundError:
            if lease:
                raise lease.lost() from None
            raise
    finally:
        link.unlink(missing_ok=True)
    sync(place.parent)


def holds(place: Path, hashes: Mapping[str, str]) -> bool:
    """Whether ``place`` leads to these tables and no others, byte by byte."""
    return place.is_dir() and _is_sound(Path(os.path.realpath(place)), hashes)


def current_versions(published: Path) -> list[Path]:
    """Return the version folders in force, by MSP and period."""
    return [Path(os.path.realpath(place)) for place in current_places(published)]


def current_places(published: Path) -> list[Path]:
    """Return ``<msp_id>/<period>`` of every month that is published, by MSP and period."""
    return [place for place in places(published.resolve()) if place.is_dir()]


def kept_versions(published: Path) -> list[Path]:
    """Return the folders of closed versions, by MSP, period and number."""
    folders = published.resolve().glob("*/*.versions/*/")
    kept = [folder for folder in folders if folder.name.isdigit()]
    return sorted(kept, key=lambda folder: (folder.parent, int(folder.name)))


def is_named_by_content(version: Path) -> bool | None:
    """Whether a version's name is the hash of its tables; None if it was named without one."""
    name = version.name.partition("-")[0]
    if len(name) != 1 + _HASH_DIGITS:
        return None
    return name == _hash_name({path.stem: sha256_of(path) for path in version.glob("*.parquet")})


def refuse_foreign_links(published: Path) -> None:
    """Raise :class:`MbrError` if a month's link leads anywhere but to a version of that month."""
    for place in places(published.resolve()):
        target = Path(os.path.realpath(place))
        if target != place and target.parent != versions_of(place):
            raise MbrError(
                f"{place} leads to {target}, which is no publication of that month: remove the link, then run"
                " the month again"
            )


def take_over_earlier(published: Path) -> None:
    """Make versions of the months that an earlier release published as folders, and remove what
    its killed runs left.

    Readers of the catalogue do not notice. Between two renames a month cannot be opened by its path: a link
    cannot replace a folder in one step.
    """
    for building in published.glob(".*.building/"):
        shutil.rmtree(building)
    for aside in published.glob("*/.*.previous"):
        place = aside.with_name(aside.name[1:].removesuffix(".previous"))
        if os.path.lexists(place):
            shutil.rmtree(aside)
        else:
            aside.rename(place)
    for link in published.glob("*/.*.link"):
        place = link.with_name(link.name[1:].removesuffix(".link"))
        if not Period.is_written(place.name):
            continue  # of a worker that publishes; one that died, the next token cleans up after
        if not os.path.lexists(place) and link.readlink().name.startswith(_EARLIER):
            link.replace(place)
        else:
            link.unlink()
    for place in places(published):
        if place.is_dir() and not place.is_symlink():
            _take_over(place)


def replaced_versions(published: Path) -> list[Path]:
    """Return the folders that no month's link leads to."""
    current = set(current_versions(published))
    base = published.resolve()
    # .links is where an earlier release kept files for running queries
    folders = [*sorted(base.glob("*/*.versions/.*/")), *base.glob(".links/")]
    return [folder for folder in folders if folder not in current]


def mark_replaced(version: Path) -> None:
    """Note that a version has just been replaced: somebody may still be reading it."""
    os.utime(version)


def unread_versions(published: Path, keep: int = KEPT_REPLACED) -> list[Path]:
    """Return the versions that were replaced an hour ago or earlier, but for the newest ``keep`` of each
    month, and half-written ones.
    """
    by_month: dict[Path, list[Path]] = {}
    found = []
    for folder in replaced_versions(published):
        if folder.name == _BUILDING:
            found.append(folder)
        elif folder.name.startswith(_BUILDING):  # of a worker, perhaps of another machine
            found += [folder] if time.time() - folder.stat().st_mtime > _KEPT_SECONDS else []
        else:
            by_month.setdefault(folder.parent, []).append(folder)
    for month, folders in by_month.items():
        newest_first = sorted(folders, key=lambda folder: folder.stat().st_mtime, reverse=True)
        stay = keep if month.name.endswith(_VERSIONS) else 0
        found += [f for f in newest_first[stay:] if time.time() - f.stat().st_mtime > _KEPT_SECONDS]
    return found


def remove_unread(published: Path) -> None:
    """Remove the versions that nobody reads any more."""
    for folder in unread_versions(published):
        remove_version(folder)  # the month is published: what cannot be removed, the next one tries again


def remove_version(version: Path) -> None:
    """Remove a version that is not in force, and its record."""
    shutil.rmtree(version, ignore_errors=True)
    if not version.exists():
        record_of(version).unlink(missing_ok=True)


def record_of(version: Path) -> Path:
    """Return the file beside a version that says when it came into force."""
    return version.with_name(f"{version.name}.json")


def places(published: Path) -> Iterator[Path]:
    """Yield ``<msp_id>/<period>`` of every month, by MSP and period, also where the link leads nowhere."""
    for place in sorted(published.glob("*/*")):
        if Period.is_written(place.name) and not place.parent.name.startswith("."):
            yield place


def versions_of(place: Path) -> Path:
    """Return the folder with the versions of ``<msp_id>/<period>``."""
    return place.with_name(f"{place.name}{_VERSIONS}")


def _name_for(place: Path, hashes: Mapping[str, str]) -> str:
    """Return the name of the version with these tables, there or not; a damaged one is never used again."""
    return _free_name(place, _hash_name(hashes), hashes)


def _hash_name(hashes: Mapping[str, str]) -> str:
    listed = "".join(f"{name} {digest}\n" for name, digest in sorted(hashes.items()))
    return f".{hashlib.sha256(listed.encode()).hexdigest()[:_HASH_DIGITS]}"


def _free_name(place: Path, name: str, hashes: Mapping[str, str] | None = None) -> str:
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(
        name
        for name in names
        if not (versions_of(place) / name).exists()
        or (hashes and _is_sound(versions_of(place) / name, hashes))
    )


def _is_sound(version: Path, hashes: Mapping[str, str]) -> bool:
    files = {path.name for path in version.iterdir()}
    return files == {f"{name}.parquet" for name in hashes} and all(
        sha256_of(version / f"{name}.parquet") == digest for name, digest in hashes.items()
    )


def _write(version: Path, candidate: Path, hashes: Mapping[str, str], mark: str = "") -> None:
    building = version.with_name(f"{_BUILDING}-{mark}" if mark else _BUILDING)
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    for name in hashes:
        shutil.copyfile(candidate / f"{name}.parquet", building / f"{name}.parquet")
        sync(building / f"{name}.parquet")
    if not _is_sound(building, hashes):
        shutil.rmtree(building)
        raise MbrError(
            f"what was written to {version.parent} is not what was audited: check the disk, then run again"
        )
    sync(building)
    building.rename(version)
    sync(version.parent)


def _link(place: Path, version: str, mark: str = "") -> Path:
    """Make the link that one rename will then put into place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    link = place.with_name(f".{place.name}.{mark}.link" if mark else f".{place.name}.link")
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(f"{versions_of(place).name}/{version}")
    except OSError as error:
        raise MbrError(
            f"cannot make a symbolic link in {place.parent}: {error.strerror}: keep the workspace on a file"
            " system that has them; nothing was changed"
        ) from error
    return link


def _remove_older_links(place: Path, token: int) -> None:
    for link in place.parent.glob(f".{place.name}.*.link"):
        mark = link.name.removeprefix(f".{place.name}.").removesuffix(".link")
        if mark.isdigit() and int(mark) < token:
            link.unlink(missing_ok=True)


def _take_over(place: Path) -> None:
    name = _free_name(place, _EARLIER)
    link = _link(place, name)
    versions_of(place).mkdir(exist_ok=True)
    place.rename(versions_of(place) / name)
    link.replace(place)
    sync(place.parent)

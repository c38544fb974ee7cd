"""Writing the pack of a closed version (contract §13).

What belongs here: where it lies, and that it is written as a whole. What does not: what is in it
(``contents``).
"""

from __future__ import annotations

import zipfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.release.evidence import contents, sealed_zip, stamp
from mbr_pipeline.release.verify.packs import refuse_unsound
from mbr_pipeline.release.version import ClosedVersion
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.locks import locked_alone
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class Written:
    """A pack as it lies there: ``head`` is the hash of the last entry in it, ``manifest`` the SHA-256 of its
    ``manifest.json``, which a time stamp is asked for.
    """

    path: Path
    sha256: str
    head: str
    entries: int
    files: int
    manifest: str


def _lock(month: MonthPaths) -> AbstractContextManager[None]:
    return locked_alone(month.folder / "evidence.lock")


def place_of(month: MonthPaths, version: int) -> Path:
    """Return where the pack of a month's version lies."""
    return month.workspace.root / "exports" / month.msp_id / month.period.text / f"evidence-v{version}.zip"


def attach_stamp(closed: ClosedVersion, token: bytes) -> str:
    """Put a time stamp into a version's pack and return when it was made. Nothing else in it changes.

    Raises:
        ConfigError: There is no pack, or the stamp is not of its manifest.
        OSError: It cannot be written. What was there before stays.
    """
    with _lock(closed.month):
        return _attach(place_of(closed.month, closed.number), token)


def _attach(place: Path, token: bytes) -> str:
    found: dict[str, sealed_zip.Content] = dict(_members(place, everything=True))
    manifest = found.get(contents.MANIFEST)
    if not isinstance(manifest, bytes):
        raise ConfigError(f"{place}: there is no pack: write it by `mbr evidence` without --timestamp first")
    try:
        made = stamp.read(token)
    except ValueError as error:
        raise ConfigError(f"the time stamp: {error}") from error
    if not made.is_about(manifest):
        raise ConfigError(
            f"the time stamp is of something else, {made.hashed_by} {made.digest}: ask for one of the pack's"
            f" {contents.MANIFEST}, SHA-256 {contents.sha256_of_content(manifest)}"
        )
    sealed_zip.write(place, found | {contents.STAMP: token})
    return made.at


def write_sound_pack(workspace: Workspace, closed: ClosedVersion, *, with_files: bool) -> Written:
    """Write the pack of a closed version and check it as an auditor would.

    Raises:
        MbrError: It cannot be written, or was made of what is not as it was recorded; or as for
            :func:`write_pack`.
    """
    try:
        written = write_pack(workspace, closed, with_files=with_files)
    except OSError as error:
        raise MbrError(f"the pack cannot be written: {error.strerror}: make room, then run again") from error
    refuse_unsound(written.path, written.path.relative_to(workspace.paths.root).as_posix())
    return written


def write_pack(workspace: Workspace, closed: ClosedVersion, *, with_files: bool) -> Written:
    """Write the pack of a closed version; the same content gives the same bytes, and no entry.

    Raises:
        ConfigError: The pack that is there has a time stamp, which the new one would not have.
        GateClosed: A landed file that is to be packed is no longer the one that was closed.
        OSError: It cannot be written. What was there before stays.
    """
    with _lock(closed.month):
        return _write(workspace, closed, with_files)


def _write(workspace: Workspace, closed: ClosedVersion, with_files: bool) -> Written:
    entries = chain(workspace.paths, closed.month.msp_id)
    found = contents.members(workspace, closed, entries, with_files=with_files)
    place = place_of(closed.month, closed.number)
    before = _members(place)
    if contents.STAMP in before:
        if before.get(contents.MANIFEST) != found[contents.MANIFEST]:
            raise ConfigError(
                f"{place} has a time stamp, and a new pack would be another one: move it to where you keep"
                " it, then run again"
            )
        found[contents.STAMP] = before[contents.STAMP]
    sealed_zip.write(place, found)
    return Written(
        place,
        sha256_of(place),
        entries[-1].hash,
        len(entries),
        len(found),
        contents.sha256_of_content(found[contents.MANIFEST]),
    )


def _members(place: Path, *, everything: bool = False) -> dict[str, bytes]:
    """Return the manifest and the stamp of the pack that lies there, or all that is in it; nothing where
    there is no sound pack.
    """
    try:
        if not sealed_zip.is_sealed(place):
            return {}
        with zipfile.ZipFile(place) as archive:
            wanted = (contents.MANIFEST, contents.STAMP)
            return {name: archive.read(name) for name in archive.namelist() if everything or name in wanted}
    except (OSError, zipfile.BadZipFile):
        return {}

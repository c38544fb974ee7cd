"""Writing the pack of a closed version (contract §13).

What belongs here: where it lies, and that it is written as a whole. What does not: what is in it
(``contents``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.release.evidence import contents, sealed_zip
from mbr_pipeline.release.version import ClosedVersion
from mbr_pipeline.storage.atomic_files import sha256_of
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


def place_of(month: MonthPaths, version: int) -> Path:
    """Return where the pack of a month's version lies."""
    return month.workspace.root / "exports" / month.msp_id / month.period.text / f"evidence-v{version}.zip"


def write_pack(workspace: Workspace, closed: ClosedVersion, *, with_files: bool) -> Written:
    """Write the pack of a closed version; the same content gives the same bytes, and no entry.

    Raises:
        GateClosed: A landed file that is to be packed is no longer the one that was closed.
        OSError: It cannot be written. What was there before stays.
    """
    entries = chain(workspace.paths, closed.month.msp_id)
    found = contents.members(workspace, closed, entries, with_files=with_files)
    place = place_of(closed.month, closed.number)
    sealed_zip.write(place, found)
    return Written(
        place,
        sha256_of(place),
        entries[-1].hash,
        len(entries),
        len(found),
        contents.sha256_of_content(found[contents.MANIFEST]),
    )

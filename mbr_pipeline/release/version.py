"""Closed versions of a month: copies of its publication that are kept for ever (contract §9).

``published/<msp_id>/<period>.versions/<n>/`` has every published table and ``version.json``, which names
their hashes, the gate's certificate and every file that the month was computed from. The entry that closed
the month has the hash of ``version.json``.

What belongs here: placing a version and opening one. What does not: whether a month may be closed
(``closing``).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.errors import ConfigError, GateClosed, MbrError
from mbr_pipeline.publish.closed_folders import MANIFEST, problems_of
from mbr_pipeline.publish.versions import versions_of
from mbr_pipeline.storage.atomic_files import sha256_of, sync, write_json
from mbr_pipeline.storage.parquet import rows_of
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

PLACED = ".placed"
"""Ends the name of a version whose entry is not made yet: only an entry makes it one."""


@dataclass(frozen=True)
class ClosedVersion:
    """A closed version that is what its entry says.

    Attributes:
        month: Whose month it is.
        number: 1 for the first.
        entry: The entry that closed it.
        folder: Its tables and ``version.json``.
        manifest: What ``version.json`` says.
    """

    month: MonthPaths
    number: int
    entry: Entry
    folder: Path
    manifest: Mapping[str, Any]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table; none where the version was made without it."""
        if table not in self.manifest["tables"]:
            return []
        return rows_of(self.folder / f"{table}.parquet")


def closed_version(
    workspace: Workspace, msp_id: str, period: str, number: int | None = None
) -> ClosedVersion:
    """Open a closed version, the newest if none is named, after its bytes were compared with its entry.

    Raises:
        ConfigError: The month was never closed, or has no such version.
        GateClosed: What lies in the folder is not what was closed.
    """
    month = workspace.month(msp_id, period)
    found = closing_of(chain(workspace.paths, msp_id), month.period.text)
    if not found.versions:
        raise ConfigError(
            f"{msp_id} {period} is not closed: close it by `mbr close --msp {msp_id} --period {period}`"
        )
    wanted = found.version if number is None else number
    if not 1 <= wanted <= found.version:
        raise ConfigError(f"{msp_id} {period} has no closed version {wanted}: its newest is {found.version}")
    entry = found.versions[wanted - 1]
    folder = version_folder(month, wanted)
    if problem := next(iter(problems_of(folder, entry)), None):
        raise GateClosed(
            f"{msp_id} {period} version {wanted}: {problem}: restore {folder} from a backup,"
            " `mbr verify` names all that differs"
        )
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return ClosedVersion(month, wanted, entry, folder, manifest)


def version_folder(month: MonthPaths, number: int) -> Path:
    """Return where a version is kept whose entry is made, in its place even if the command that closed it was
    killed before it put it there.
    """
    folder = versions_of(month.published) / str(number)
    if not folder.exists() and (placed := folder.with_name(f"{number}{PLACED}")).exists():
        placed.rename(folder)
        sync(folder.parent)
    return folder


def publication_hash(hashes: Mapping[str, str]) -> str:
    """Return the hash that stands for a publication: SHA-256 of a line ``name sha256`` for each table."""
    listed = "".join(f"{name} {digest}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(listed.encode()).hexdigest()


def place_version(
    month: MonthPaths,
    number: int,
    hashes: Mapping[str, str],
    certificate: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
) -> str:
    """Write the publication in force as a version, which :func:`version_folder` puts into its place once its
    entry is made; what a killed command left without an entry is made anew. Returns the SHA-256 of
    ``version.json``.

    Raises:
        MbrError: What was written is not what is published, or the version is kept already: nothing kept is
            ever replaced.
    """
    folder = versions_of(month.published) / str(number)
    if folder.exists():
        raise MbrError(
            f"{folder} is kept already and no entry of this ledger closed it: the ledger is an older one or"
            " another: restore it from the newest backup; nothing was closed"
        )
    building, placed = folder.with_name(f"{number}.building"), folder.with_name(f"{number}{PLACED}")
    for left in (building, placed):
        if left.exists():
            shutil.rmtree(left)
    building.mkdir(parents=True)
    for name, digest in hashes.items():
        copy = building / f"{name}.parquet"
        shutil.copyfile(month.published / copy.name, copy)
        sync(copy)
        if sha256_of(copy) != digest:
            shutil.rmtree(building)
            raise MbrError(
                f"what was written to {folder.parent} is not what is published: check the disk, then run"
                " again; nothing was closed"
            )
    manifest = {
        "msp_id": month.msp_id,
        "period": month.period.text,
        "version": number,
        "publication": publication_hash(hashes),
        "tables": {
            name: {
                "sha256": digest,
                "rows": pq.read_metadata(building / f"{name}.parquet").num_rows,
            }
            for name, digest in sorted(hashes.items())
        },
        "certificate": certificate,
        "inputs": list(inputs),
    }
    write_json(building / MANIFEST, manifest)
    sync(building)
    building.rename(placed)
    sync(folder.parent)
    return sha256_of(placed / MANIFEST)

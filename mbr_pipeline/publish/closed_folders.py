"""Folders of closed versions, ``<period>.versions/<n>``: whether one is what the entry says that closed it.

What belongs here: comparing bytes with ``version.json``, and that with the entry that closed the month. What
does not: placing a version and opening one (``mbr_pipeline.release.version``).
"""

from __future__ import annotations

import json
from pathlib import Path

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.storage.atomic_files import sha256_of

MANIFEST = "version.json"


def problems_of(folder: Path, entry: Entry) -> list[str]:
    """Return what differs between a version's folder and the entry that closed it, each with its file."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return [f"{MANIFEST} is missing"]
    if sha256_of(manifest) != entry.body["manifest"]:
        return [f"{MANIFEST} was changed"]
    return changed_tables(folder)


def changed_tables(folder: Path) -> list[str]:
    """Return which tables of a version are not those of its ``version.json``, each with what is wrong.

    Raises:
        OSError: Something cannot be read.
        ValueError: ``version.json`` is none.
    """
    expected = {f"{name}.parquet": digest for name, digest in recorded_hashes(folder).items()}
    there = {path.name for path in folder.iterdir()} - {MANIFEST}
    found = [f"{name} was added" for name in sorted(there - expected.keys())]
    for name, digest in sorted(expected.items()):
        if name not in there:
            found.append(f"{name} is missing")
        elif sha256_of(folder / name) != digest:
            found.append(f"{name} was changed")
    return found


def recorded_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every table of a version, as its ``version.json`` says."""
    tables = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["tables"]
    return {name: facts["sha256"] for name, facts in tables.items()}

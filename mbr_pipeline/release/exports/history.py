"""What was exported already, as the chain and the folders say.

What belongs here: reading. What does not: deciding whether another export may be made (``command``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.release.exports.manifest import MANIFEST
from mbr_pipeline.workspace.paths import MonthPaths


def exports_of(entries: Iterable[Entry], period: str, target: str) -> list[Entry]:
    """Return the entries of a month's exports to a target, oldest first."""
    return [
        entry
        for entry in entries
        if entry.kind == "export" and entry.period == period and entry.body["target"] == target
    ]


def of_version(exports: Iterable[Entry], number: int) -> list[Entry]:
    """Return those of a version."""
    return [entry for entry in exports if entry.body["version"] == str(number)]


def versions_before(exports: Iterable[Entry], number: int) -> list[int]:
    """Return the earlier versions that were exported, newest first."""
    return sorted({int(e.body["version"]) for e in exports if int(e.body["version"]) < number}, reverse=True)


def folder_of(month: MonthPaths, number: int, target: str) -> Path:
    """Return where a version's export to a target is."""
    return month.exports / f"v{number}" / target


def entry_id_in(folder: Path) -> str | None:
    """Return the id of the entry that a folder was placed under; None where there is no such folder.

    Raises:
        OSError: It cannot be read.
        ValueError: Its manifest is none.
    """
    path = folder / MANIFEST
    if not path.exists():
        return None
    found: str | None = json.loads(path.read_text(encoding="utf-8")).get("entry_id")
    return found

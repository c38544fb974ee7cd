"""What was exported already, as the chain and the folders say.

What belongs here: reading. What does not: deciding whether another export may be made (``command``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.errors import GateClosed
from mbr_pipeline.release.exports.manifest import MANIFEST, manifest_hash
from mbr_pipeline.storage.atomic_files import sha256_of
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


def placed_under(folder: Path) -> str | None:
    """Return the id as :func:`entry_id_in` does.

    Raises:
        GateClosed: It cannot be told.
    """
    try:
        return entry_id_in(folder)
    except (OSError, ValueError):
        raise GateClosed(
            f"the manifest in {folder} cannot be read: restore the folder from a backup, or remove it and"
            " repeat: it is made anew under its entry"
        ) from None


@dataclass(frozen=True)
class Made:
    """One export that went out.

    Attributes:
        entry: Its entry.
        folder: Where its files are; None where no folder has the manifest that was entered.
        manifest: What that says; empty without a folder.
    """

    entry: Entry
    folder: Path | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """The version that went out."""
        return int(self.entry.body["version"])

    @property
    def target(self) -> str:
        """Where to."""
        return str(self.entry.body["target"])

    def file(self, name: str) -> Path:
        """Return a file of the export, by its name in the manifest.

        Raises:
            KeyError: The manifest has no such file.
            GateClosed: It is not there, or is not what was exported.
        """
        hashes = {each["name"]: each["sha256"] for each in self.manifest.get("files", ())}
        if self.folder is None or name not in {*hashes, MANIFEST}:
            raise KeyError(name)
        path = self.folder / name
        if name != MANIFEST and not (path.is_file() and sha256_of(path) == hashes[name]):
            raise GateClosed(
                f"{path} is not what was exported: restore it from a backup, `mbr verify` names all that"
                " differs"
            )
        return path


def made(month: MonthPaths, entries: Iterable[Entry]) -> list[Made]:
    """Return all exports of a month that were entered, newest first, each with its files as far as they are
    there.
    """
    found = []
    for entry in entries:
        if (entry.kind, entry.period) == ("export", month.period.text):
            folder = folder_of(month, int(entry.body["version"]), entry.body["target"])
            places = [folder, *sorted(folder.parent.glob(f"{folder.name}.*"))]
            placed = ((place, _manifest_under(place, entry)) for place in places)
            found.append(next((Made(entry, *each) for each in placed if each[1]), Made(entry)))
    return found[::-1]


def _manifest_under(folder: Path, entry: Entry) -> dict[str, Any]:
    """Return the manifest of a folder if an entry is about it; else nothing."""
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        is_it = content.get("entry_id") == entry.entry_id and manifest_hash(content) == entry.body["manifest"]
    except (OSError, ValueError, AttributeError):
        return {}
    return content if is_it else {}

"""What lies in a workspace, in a form in which a run that was killed and one that was not can be compared.

Belongs here: reading it. Does not: what must be equal (``operate``).

Entries made since a point have their own time, hash and id: these are written as ``<at 1>``, ``<hash 1>``,
``<id 1>`` wherever they stand, in entries and in files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry, canonical, faults
from mbr_pipeline.workspace.paths import WorkspacePaths

EMPTY = "an empty folder"
"""Stands for the hash of one."""

_APART = ("inputs", "ledger", "warehouse")
_CATALOGUE = "published/mbr.duckdb"
_OWN = ("at", "entry_id", "hash", "prev_hash")


@dataclass(frozen=True)
class State:
    """Entries, files by their SHA-256, hidden names in ``warehouse/`` and ``ledger/``, faults of the
    chain."""

    entries: tuple[str, ...]
    files: Mapping[str, str]
    hidden: frozenset[str]
    faults: tuple[str, ...]

    def differences(self, other: State) -> list[str]:
        """Return what is here otherwise than in ``other``, one line each."""
        lines = []
        if self.entries != other.entries:
            lines.append(f"entries: {_first_difference(self.entries, other.entries)}")
        for name in sorted(self.files.keys() | other.files.keys()):
            if self.files.get(name) != other.files.get(name):
                what = "changed" if name in self.files and name in other.files else "added"
                lines.append(f"{'missing' if name not in self.files else what}: {name}")
        lines += [f"left behind: {name}" for name in sorted(self.hidden - other.hidden)]
        return lines


def state_of(root: Path, msp_id: str, known: int) -> State:
    """Read a workspace. ``known``: how many entries the point had. Call it in a child: it opens the
    ledger."""
    entries = chain(WorkspacePaths(root), msp_id)
    words = _words(entries[known:])
    files = {
        path.relative_to(root).as_posix(): _hash(path, words)
        for path in sorted(root.rglob("*"))
        if path.relative_to(root).parts[0] not in _APART
        and path.relative_to(root).as_posix() != _CATALOGUE
        and (path.is_symlink() or not path.is_dir() or not any(path.iterdir()))
    }
    hidden = {
        path.relative_to(root).as_posix()
        for folder in ("ledger", "warehouse")
        for path in (root / folder).rglob("*")
        if path.name.startswith(".") or path.name.endswith(("-journal", "-wal", ".building"))
    }
    fields = [entry.fields() for entry in entries]
    told = tuple(
        _written(canonical({name: value for name, value in each.items() if name not in _OWN}), words)
        for each in fields
    )
    return State(told, files, frozenset(hidden), tuple(map(str, faults(msp_id, entries))))


def _words(new: Sequence[Entry]) -> list[tuple[bytes, bytes]]:
    words = []
    for number, entry in enumerate(new, 1):
        # the id is the beginning of the hash
        words += [
            (entry.hash.encode(), b"<hash %d>" % number),
            (entry.entry_id.encode(), b"<id %d>" % number),
            (entry.at.encode(), b"<at %d>" % number),
        ]
    return words


def _hash(path: Path, words: Sequence[tuple[bytes, bytes]]) -> str:
    if path.is_symlink():
        return f"to {path.readlink()}"
    if path.is_dir():
        return EMPTY
    content = path.read_bytes()
    for own, word in words:
        content = content.replace(own, word)
    return hashlib.sha256(content).hexdigest()


def _written(text: str, words: Sequence[tuple[bytes, bytes]]) -> str:
    content = text.encode()
    for own, word in words:
        content = content.replace(own, word)
    return content.decode()


def _first_difference(mine: Sequence[str], others: Sequence[str]) -> str:
    for number, (one, other) in enumerate(zip(mine, others, strict=False), 1):
        if one != other:
            return f"the {number}th is {one}, not {other}"
    return f"{len(mine)}, not {len(others)}"

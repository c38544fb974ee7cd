"""The imprint of the ledger's SQLite file: the SHA-256 of all its bytes after the last write, kept in the
warehouse, so that a byte changed in it is noticed wherever it is.

Entries are covered by their hashes, but most bytes of a small database belong to no entry: free space,
indexes, the outbox. What belongs here: taking the imprint and holding a file against it. What does not:
chains (``mbr_pipeline.decide.ledger``) and what a difference means (``mbr_pipeline.release.verify``).

The imprint names SQLite's change counter, which every transaction raises: a writer killed between its commit
and the imprint leaves one that is behind, which is told from a change by another hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import Literal

from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.unfinished import new_file

_COUNTER = slice(24, 28)
_VALID_FOR = slice(92, 96)
"""Where SQLite keeps its change counter and the counter of its last writer (its file format, 1.3)."""

State = Literal["equal", "changed", "behind", "ahead", "unknown"]
"""A file held against its imprint: ``behind`` where the imprint is of an earlier write than the file,
``ahead`` where it is of a later one, ``unknown`` where there is none.
"""


def place_of(database: Path) -> Path | None:
    """Return where the imprint of a workspace's ``ledger/ledger.sqlite`` is kept; None for any other file."""
    if database.parent.name != "ledger":
        return None
    return database.parent.parent / "warehouse" / "ledger.imprint.json"


def take(connection: sqlite3.Connection, database: Path, *, wrote: bool) -> None:
    """Keep the imprint of a database that a transaction of ``connection`` is reading.

    A writer that wrote nothing takes it only where there is none of the last write: who repeats a command
    that was killed between the two finds everything done. It never takes one of bytes that another hand
    changed.

    SQLite reads the bytes: opening the file a second time in one process would drop its locks. The
    transaction keeps writers away until the imprint is in place.

    Raises:
        OSError: The imprint cannot be written.
    """
    place = place_of(database)
    if place is None:
        return
    content = connection.serialize()
    change = _number(content[_COUNTER])
    if not wrote and (kept := _kept(place)) and kept[0] >= change:
        return
    document = {"change": change, "sha256": hashlib.sha256(content).hexdigest()}
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{place.name}.{os.getpid()}.{threading.get_ident()}")
    with new_file(temporary, place) as handle:
        handle.write(json.dumps(document) + "\n")
        handle.flush()
        temporary.replace(place)  # not synced: one that is lost is behind, which the next write mends


def hold(database: Path) -> State:
    """Hold a file against its imprint. No connection of this process may have it open.

    Raises:
        OSError: The file cannot be read.
    """
    with database.open("rb") as handle:
        head = handle.read(100)
    change = _number(head[_COUNTER])
    if head[_COUNTER] != head[_VALID_FOR]:
        return "changed"
    place = place_of(database)
    kept = _kept(place) if place else None
    if kept is None:
        return "unknown"
    then, sha256 = kept
    if change != then:
        return "behind" if then < change else "ahead"
    return "equal" if sha256 == sha256_of(database) else "changed"


def _kept(place: Path) -> tuple[int, str] | None:
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        return int(kept["change"]), str(kept["sha256"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _number(four: bytes) -> int:
    return int.from_bytes(four, "big")

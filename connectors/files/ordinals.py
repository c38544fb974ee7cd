"""Telling equal records of one file apart: 0, 1, 2 and so on for each content.

What belongs here: the count, and the digest of a content. What does not: what makes two records equal (the
callers). The numbers depend on the set of records alone, not on their order, so that the same file in another
order numbers them alike.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence


class Ordinals:
    """Counts equal contents, in a temporary database on disk so that a file of any length
    keeps to its memory.
    """

    def __init__(self) -> None:
        """Know nothing yet; the database is opened when the first content comes."""
        self._database: sqlite3.Connection | None = None

    def next(self, identity: Sequence[str | None]) -> tuple[str, int]:
        """Return the SHA-256 of a content, in hexadecimal, and how often it came before."""
        content = "".join(["-" if value is None else f"{len(value)}:{value}" for value in identity])
        digest = hashlib.sha256(content.encode()).digest()
        query = "INSERT INTO seen VALUES (?, 0) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times"
        times: int = self._opened().execute(query, (digest,)).fetchone()[0]
        return digest.hex(), times

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("PRAGMA cache_size = -65536")
            self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY, times INTEGER) WITHOUT ROWID")
            self._database.execute("BEGIN")
        return self._database

    def close(self) -> None:
        """Forget everything."""
        if self._database is not None:
            self._database.close()
            self._database = None

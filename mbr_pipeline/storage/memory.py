"""How much memory there is, and how much of it DuckDB may use: little to begin with, and more where a
statement ends for want of it.

What belongs here: what the machine has, the first limit, who may raise it, and how far. What does not:
opening DuckDB with it (``warehouse``), and running a statement again
(``mbr_pipeline.transform.recorded_build``).
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock

import duckdb

from mbr_pipeline.storage.control_groups import memory_groups

SETTING = "MBR_MEMORY_LIMIT"
"""Whoever sets it is given no more and no less."""

_LEAST = 1_000_000_000
"""Enough for a million lines in each leg; DuckDB fills whatever it is given with pages it has read."""


def first_limit(size: int | None = None) -> str:
    """Return the limit that DuckDB is opened with, as it takes it, for work on so many landed bytes, if that
    is known: not every step can be given more when it has begun.
    """
    return os.environ.get(SETTING) or f"{_first(size) // 1_000_000}MB"


def _first(size: int | None) -> int:
    return max(_LEAST, min(size or 0, whole() // 2))


def whole() -> int:
    """Return the bytes of memory that this machine has, or may use of it."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([there, *(group.limit for group in memory_groups())])


def free() -> int:
    """Return the bytes of memory that there are to take."""
    text = Path("/proc/meminfo").read_text(encoding="ascii")
    [there] = [int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("MemAvailable:")]
    return min([there, *(group.limit - group.used for group in memory_groups())])


class Memory:
    """The limit of one open DuckDB: doubled where it did not do, up to half of the machine's memory."""

    def __init__(self, size: int | None = None) -> None:
        """It stands at the first limit for work on so many landed bytes."""
        self._lock = Lock()
        self.limit = _first(size)
        self._most = 0 if os.environ.get(SETTING) else whole() // 2

    def raise_above(self, limit: int, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is more by now than ``limit``, which a statement failed with: another statement may
        have asked before.
        """
        with self._lock:
            if self.limit == limit and limit * 2 <= self._most:
                self.limit = limit * 2
                connection.execute(f"set memory_limit = '{self.limit // 1_000_000}MB'")
            return self.limit > limit

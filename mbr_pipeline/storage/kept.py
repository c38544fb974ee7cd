"""What was read from files, kept in memory while these files are the same.

What belongs here: when files are taken for unchanged. What does not: what is read from them. Files of tables
are never changed in place: they are replaced, and a new file has another number.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
_Mark = tuple[tuple[str, int, int, int], ...]


class Kept(Generic[T]):
    """The results of the last few reads; what was asked for longest ago goes first."""

    def __init__(self, most: int) -> None:
        """Keep at most so many."""
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[_Mark, T] = OrderedDict()

    def get(self, files: Sequence[Path], read: Callable[[], T]) -> T:
        """Return what was read from the files as they are now; nobody may change it.

        Raises:
            OSError: A file is not there.
        """
        mark = tuple(_mark(path) for path in files)
        with self._lock:
            if mark in self._found:
                self._found.move_to_end(mark)
                return self._found[mark]
        found = read()
        with self._lock:
            self._found[mark] = found
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return found


def _mark(path: Path) -> tuple[str, int, int, int]:
    info = path.stat()
    return str(path), info.st_mtime_ns, info.st_size, info.st_ino

"""Hashes of landed files, remembered: the history is not read again every month.

What belongs here: when a file is taken for unchanged. What does not: which files there are
(``mbr_pipeline.ingest.landing``).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from mbr_pipeline.storage.atomic_files import sha256_of, write_json


class HashCache:
    """Remembers the hash of files by path, size and change time, so that history is not
    read again every month.
    """

    def __init__(self, path: Path) -> None:
        """Open the cache; a missing or damaged one is empty."""
        self._path = path
        try:
            self._known: dict[str, list[object]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}
        self._changed = False

    def sha256(self, path: Path, info: os.stat_result) -> str:
        """Return the file's SHA-256, computed only if the file changed since it was last asked for."""
        key = str(path)
        state = [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]
        known = self._known.get(key)
        if known and known[:4] == state:
            return str(known[4])
        digest = sha256_of(path)
        self._known[key] = [*state, digest]
        self._changed = True
        return digest

    def save(self) -> None:
        """Write the cache back if anything was added."""
        if self._changed:
            write_json(self._path, self._known)

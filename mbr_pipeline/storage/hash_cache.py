"""Hashes of landed files, remembered: the history is not read again every month.

What belongs here: when a file is taken for unchanged. What does not: which files there are
(``mbr_pipeline.ingest.landing``).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from pathlib import Path
from typing import Any

from mbr_pipeline.storage.atomic_files import sha256_of, write_json

_LOG = logging.getLogger(__name__)

_SETTLED_SECONDS = 2
"""A file that changed so shortly ago may change once more without another time: clocks of file systems are
coarse. It is hashed again next time."""


class HashCache:
    """Remembers the hash of files by path, size and change time, so that history is not
    read again every month.
    """

    def __init__(self, path: Path) -> None:
        """Open the cache; a missing or damaged one, or one of an earlier version, is empty."""
        self._path = path
        self._known: dict[str, list[object]] = {}
        self._changed = False
        if path.exists():
            content = _content(path)
            known = _known(content)
            self._known = known or {}
            if known is None:
                said = "is of an earlier version" if _is_earlier(content) else "was damaged"
                _LOG.warning("%s %s and is made anew: every landed file is read", path, said)
                self._changed = True

    def sha256(self, path: Path, info: os.stat_result) -> str:
        """Return the file's SHA-256, computed only if the file changed since it was last asked for."""
        key = str(path)
        state = [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]
        known = self._known.get(key)
        if known and known[:4] == state:
            return str(known[4])
        digest = sha256_of(path)
        if abs(time.time() - info.st_ctime) > _SETTLED_SECONDS:
            self._known[key] = [*state, digest]
            self._changed = True
        return digest

    def save(self) -> None:
        """Write the cache back if anything was added."""
        if self._changed:
            write_json(self._path, {"sha256": _digest(self._known), "files": self._known})


def is_damaged(path: Path) -> bool:
    """Whether a cache does not hold what was written to it; one of an earlier version is none the worse."""
    content = _content(path)
    return _known(content) is None and not _is_earlier(content)


def _content(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _known(content: Any) -> dict[str, list[object]] | None:
    try:
        known: dict[str, list[object]] = content["files"]
        return known if content["sha256"] == _digest(known) else None
    except (TypeError, KeyError):
        return None


def _is_earlier(content: Any) -> bool:
    """Whether this is the form without a hash of the content: paths, each with its state and hash."""
    return (
        isinstance(content, dict)
        and len(content) > 0
        and all(isinstance(state, list) and len(state) == 5 for state in content.values())
    )


def _digest(files: object) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()

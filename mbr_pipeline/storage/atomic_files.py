"""Writing files so that a kill at any moment leaves the old one or the new one.

What belongs here: atomic writes, atomic swaps of folders and kernel file locks. What is written is the
callers' business.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO


def write_text(path: Path, text: str) -> None:
    """Replace a text file atomically."""
    with replacing(path) as handle:
        handle.write(text)


@contextmanager
def replacing(path: Path, newline: str | None = None) -> Iterator[TextIO]:
    """Write a text file that takes the place of ``path`` when all of it is there; an error leaves what was
    there before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline=newline) as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_json(path: Path, content: Any) -> None:
    """Replace a JSON file atomically; keys keep their order."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()

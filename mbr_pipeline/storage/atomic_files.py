"""Writing files so that a kill at any moment leaves the old one or the new one.

What belongs here: atomic writes, and putting a folder in another's place. What is written is up to the
callers; locks are ``mbr_pipeline.storage.locks``, published folders ``mbr_pipeline.publish.versions``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from mbr_pipeline.storage.unfinished import new_file


def write_text(path: Path, text: str) -> None:
    """Replace a text file atomically."""
    with replacing(path) as handle:
        handle.write(text)


@contextmanager
def replacing(path: Path, newline: str | None = None) -> Iterator[TextIO]:
    """Write a text file that replaces ``path`` once it is complete; an error leaves the earlier file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with new_file(temporary, path, newline) as handle:
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


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, have reached the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_folder(new: Path, place: Path) -> None:
    """Put folder ``new`` in ``place``; what was there before is removed afterwards.

    For a moment neither folder is there, and a kill in that moment leaves none until the caller runs again.
    Use it only for folders that are written under a lock and rebuilt by a rerun.
    """
    aside = place.with_name(f".{place.name}.previous")
    shutil.rmtree(aside, ignore_errors=True)
    if place.exists():
        place.rename(aside)
    new.rename(place)
    shutil.rmtree(aside, ignore_errors=True)

"""Writing files so that a kill at any moment leaves the old one or the new one.

What belongs here: atomic writes, atomic swaps of folders and kernel file locks. What is written is the callers' business.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_held: dict[Path, int] = {}


def write_text(path: Path, text: str) -> None:
    """Replace a text file atomically."""
    with replacing(path) as handle:
        handle.write(text)


@contextmanager
def replacing(path: Path, newline: str | None = None) -> Iterator[TextIO]:
    """Write a text file that takes the place of ``path`` when all of it is there; an error leaves what was there before."""
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


def swap_folder(new: Path, place: Path) -> None:
    """Put folder ``new`` in ``place`` in one step; what was there before is removed afterwards.

    Uses the kernel's exchange of two names, so that a reader finds the old folder or the new one and never none. Where the file system
    cannot do that, the old folder is moved aside first; :func:`repair_swap` finishes a swap that was killed in between.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        new.rename(place)
        return
    if _exchange(new, place):
        shutil.rmtree(new)
        return
    aside = _aside(place)
    place.rename(aside)
    new.rename(place)
    shutil.rmtree(aside)


def repair_swap(place: Path) -> None:
    """Undo a swap that was killed after the old folder was moved aside, or finish its clean-up."""
    aside = _aside(place)
    if aside.exists() and not place.exists():
        aside.rename(place)
    elif aside.exists():
        shutil.rmtree(aside)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.previous")


def _exchange(first: Path, second: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    result = libc.renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    if result == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(second))


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold a kernel lock on ``path``; a killed process releases it by itself. Waits, after telling ``on_wait``, while another holds it.

    Re-entrant within the process: a run that holds the month may call steps that lock it again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path in _held:
        yield
        return
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_wait:
                on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        _held[path] = descriptor
        try:
            yield
        finally:
            del _held[path]
    finally:
        os.close(descriptor)

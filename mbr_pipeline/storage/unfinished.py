"""Files and folders that are being made, under a hidden name beside their place: locked while their maker
lives, and taken away by the next maker if it was killed.

What belongs here: making them and taking away what a kill left. What does not: putting them in their place
(``atomic_files``, ``sealed_folders``).

The kernel releases the lock of a dead process, whatever its number is and in whichever container it ran, so
that nothing which is still being made is ever taken for a left one.
"""

from __future__ import annotations

import fcntl
import glob
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

_ENDS = re.compile(r"[0-9]+\.(?:tmp|[0-9]+)\Z")
"""How such a name ends behind that of its place: the number of its process, then the word or the thread."""


@contextmanager
def new_file(own: Path, place: Path, newline: str | None = None) -> Iterator[TextIO]:
    """Open a text file ``own`` that will take ``place``: do that before this ends. Left ones are taken away.

    Raises:
        OSError: It cannot be made.
    """
    _sweep(place, own)
    while True:
        with own.open("w", encoding="utf-8", newline=newline) as handle:
            if _is_held(handle.fileno(), own):
                yield handle
                return


@contextmanager
def new_folder(own: Path, place: Path) -> Iterator[None]:
    """Make an empty folder ``own`` that will take ``place``: do that before this ends. Left ones are taken
    away.

    Raises:
        OSError: It cannot be made.
    """
    own.parent.mkdir(parents=True, exist_ok=True)
    _sweep(place, own)
    while True:
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir()
        try:
            descriptor = os.open(own, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue  # taken for a left one before it could be locked
        try:
            if _is_held(descriptor, own):
                yield
                return
        finally:
            os.close(descriptor)


def _sweep(place: Path, own: Path) -> None:
    beginning = f".{place.name}."
    for left in place.parent.glob(f"{glob.escape(beginning)}*"):
        if left == own or not _ENDS.fullmatch(left.name.removeprefix(beginning)):
            continue
        # without a lock nobody can tell: it stays, and `mbr doctor` names it
        with suppress(OSError), _opened(left) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(descriptor, left):
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _is_held(descriptor: int, own: Path) -> bool:
    """Lock what was just made; False if somebody took it away before it was locked."""
    with suppress(OSError):  # a file system without locks
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return _is_at(descriptor, own)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)

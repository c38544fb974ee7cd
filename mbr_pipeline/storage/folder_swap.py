"""Putting a folder in the place of another in one step."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

_AT_FDCWD = -100


_RENAME_EXCHANGE = 2


def swap_folder(new: Path, place: Path) -> None:
    """Put folder ``new`` in ``place`` in one step; what was there before is removed afterwards.

    Uses the kernel's exchange of two names, so that a reader finds the old folder or the new one and never
    none. Where the file system cannot do that, the old folder is moved aside first; :func:`repair_swap`
    finishes a swap that was killed in between.
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

"""Kernel file locks: held by one process at a time, released by the kernel when it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_held: dict[Path, int] = {}


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold a kernel lock on ``path``; a killed process releases it by itself. Waits, after telling
    ``on_wait``, while another holds it.

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

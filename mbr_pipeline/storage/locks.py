"""File locks: held by one process at a time, released by the kernel when it dies.

What belongs here: how a lock is taken. What it protects is up to the callers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock ``path``. While another process holds it, call ``on_wait`` and wait.

    Re-entrant within the process, whichever threads ask: a run that holds the month may call steps that lock
    it again, and the last of them to leave releases it. The file stays; only a lock on it counts.

    Raises:
        OSError: The file system has no locks. The library's fallback, a file whose presence is the lock, is
            not used: nobody would remove it after a kill.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, is_singleton=True, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        if on_wait:
            on_wait()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


_THREADS = threading.RLock()


@contextmanager
def locked_alone(path: Path) -> Iterator[None]:
    """Hold the lock ``path`` against other processes and against other threads of this one.

    Raises:
        OSError: As :func:`locked`.
    """
    with _THREADS, locked(path):
        yield

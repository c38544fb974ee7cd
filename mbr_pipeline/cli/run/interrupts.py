"""Whether Ctrl+C was pressed, or whoever started the command ended it, while a month ran.

What belongs here: noticing it, whoever takes it. What does not: what then becomes of the month
(``mbr_pipeline.cli.run.outcome``) and of those after it (``mbr_pipeline.cli.run``).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def noticed() -> Iterator[Callable[[], bool]]:
    """Yield whether that was so since, as Python itself recorded it. Dagster takes the signals and reports
    them, but libraries below make errors of their own of it, or drop it. Signals arrive in the main thread:
    elsewhere it is never so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    recorded = bytearray()

    def is_pressed() -> bool:
        with suppress(BlockingIOError):
            recorded.extend(os.read(reading, 1024))
        return any(each in recorded for each in _SIGNALS)

    try:
        yield is_pressed
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)

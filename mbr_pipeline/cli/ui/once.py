"""One UI of a run history at a time: two daemons would both run its schedules.

What belongs here: holding that place, and saying who holds it. What does not: the UI.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mbr_pipeline.errors import ConfigError


@contextmanager
def only_one(home: Path, address: str) -> Iterator[int]:
    """Hold the place of the one UI that the run history in ``home`` may have, and return the descriptor that
    holds it: a child process that inherits it holds it too, until both have ended, however they end.

    Raises:
        ConfigError: Another UI holds it.
    """
    # not the library of `storage.locks`: it empties the file when it asks, and gives no descriptor away
    with (home / "ui.lock").open("a+", encoding="utf-8") as place:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            place.seek(0)
            said = place.read() or "and is about to say where"
            raise ConfigError(
                f"the UI of this workspace runs already, {said}: open that, or end it first"
            ) from None
        place.truncate(0)
        place.write(f"at {address} (process {os.getpid()})")
        place.flush()
        yield place.fileno()

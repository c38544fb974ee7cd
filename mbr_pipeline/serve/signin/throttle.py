"""How often a password may be tried: a few times, then slowly (contract §12).

What belongs here: counting. What does not: passwords. The clock is given, so that tests need not wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

TRIES = 5
"""Wrong passwords of one person that are checked at once."""
SECONDS = 60
"""After them, one more in this time."""


class Throttle:
    """Wrong tries by name: a bucket of :data:`TRIES` that fills again by one in :data:`SECONDS`.

    Names that are nobody's share one bucket: what strangers invent takes no memory.
    """

    def __init__(self, time: Callable[[], float] = monotonic) -> None:
        """Begin with full buckets."""
        self._time = time
        self._left: dict[str | None, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, name: str | None) -> int:
        """Take one try; return 0, or the seconds to wait before the next one is checked."""
        with self._lock:
            now = self._time()
            left, at = self._left.get(name, (float(TRIES), now))
            left = min(float(TRIES), left + (now - at) / SECONDS)
            if left < 1:
                self._left[name] = (left, now)
                return max(1, round((1 - left) * SECONDS))
            self._left[name] = (left - 1, now)
            return 0

    def forgive(self, name: str | None) -> None:
        """Forget the tries of a name: the right password came."""
        with self._lock:
            self._left.pop(name, None)

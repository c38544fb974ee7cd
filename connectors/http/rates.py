"""Keeping below a vendor's rate limit, so that 429 stays the exception.

Belongs here: waiting for a free place in a moving window. The window itself is the library ``limits``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from connectors.http.clock import Clock


@dataclass(frozen=True)
class Rate:
    """At most ``requests`` in any ``seconds``."""

    requests: int
    seconds: int


class Throttle:
    """Waits until a request fits the rate."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        """Start with an empty window."""
        self._item = RateLimitItemPerSecond(rate.requests, rate.seconds)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._clock = clock

    def wait(self) -> None:
        """Return when the next request may be sent, and count it."""
        while not self._limiter.hit(self._item):
            free_at = self._limiter.get_window_stats(self._item).reset_time
            self._clock.sleep(max(0.01, free_at - time.time()))

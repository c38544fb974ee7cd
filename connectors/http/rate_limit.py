"""Staying below a vendor's rate limit, so that 429 stays the exception.

What belongs here: waiting for a free place in a moving window.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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
        self._rate, self._clock = rate, clock
        self._ended: deque[float] = deque(maxlen=rate.requests)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until the next request may be sent; send it within.

        A request is counted when it ends: by then it has surely arrived, and the vendor counts arrivals.
        """
        while len(self._ended) == self._rate.requests:
            pause = self._ended[0] + self._rate.seconds - self._clock.monotonic()
            if pause <= 0:
                break
            self._clock.sleep(pause)
        try:
            yield
        finally:
            self._ended.append(self._clock.monotonic())

"""Retries: how often, how long, and when not.

What belongs here: the policy, as settings of the library ``tenacity``. What does not: deciding
what is retryable (``errors``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random, wait_random_exponential

from connectors.http.clock import Clock
from connectors.http.errors import FetchError

Result = TypeVar("Result")


@dataclass(frozen=True)
class RetryPolicy:
    """Limits of one request with all its retries, in seconds: after ``total`` it is not repeated;
    ``answer`` is for the body of one answer, ``silence`` between two bytes; ``attempts`` at most, pauses
    growing up to ``pause``.
    """

    total: float = 900
    answer: float = 180
    silence: float = 60
    attempts: int = 8
    pause: float = 60


def retried(
    action: Callable[[], Result],
    retry_policy: RetryPolicy,
    clock: Clock,
    on_retry: Callable[[FetchError, float], None],
) -> Result:
    """Return the action's result, repeated while its error is retryable and there is time left.

    A vendor's Retry-After is waited out, plus up to a second; one that goes beyond the time left ends it
    at once. Otherwise pauses grow exponentially with full jitter. ``on_retry`` receives each error and
    the pause that follows.
    """
    began = clock.monotonic()
    backoff = wait_random_exponential(multiplier=1, max=retry_policy.pause)
    jitter = wait_random(0, 1)

    def wait(state: RetryCallState) -> float:
        asked = _error(state).retry_after
        return backoff(state) if asked is None else asked + jitter(state)

    def is_over(state: RetryCallState) -> bool:
        late = clock.monotonic() - began + state.upcoming_sleep > retry_policy.total
        return state.attempt_number >= retry_policy.attempts or late

    return Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, FetchError) and error.retryable),
        wait=wait,
        stop=is_over,
        sleep=clock.sleep,
        before_sleep=lambda state: on_retry(_error(state), state.upcoming_sleep),
        reraise=True,
    )(action)


def _error(state: RetryCallState) -> FetchError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, FetchError)  # no other is retried
    return error


def retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either form of RFC 9110 §10.2.3; None where
    it says nothing usable.
    """
    if header is None:
        return None
    try:
        seconds = float(header)
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())

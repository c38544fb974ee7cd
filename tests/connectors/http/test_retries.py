"""Trying again: pauses, limits, and what vendors say about them. Belongs here: ``retries`` alone, without a
network.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.http.errors import FetchError, RequestRefused, Unavailable
from connectors.http.retries import RetryPolicy, retried, retry_after
from connectors.testing.fetching import FastClock

NOON = datetime(2026, 10, 14, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999999", 99999999999),
        ("Wed, 14 Oct 2026 12:00:30 GMT", 30),
        ("Wednesday, 14-Oct-26 12:00:30 GMT", 30),
        ("Wed Oct 14 12:00:30 2026", 30),
        ("Wed, 14 Oct 2026 14:00:30 +0200", 30),
        ("Wed, 14 Oct 2026 11:59:00 GMT", 0),
        (
            "Fri, 31 Dec 9999 23:59:59 GMT",
            (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - NOON).total_seconds(),
        ),
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("120, 60", None),
        ("Wed, 32 Oct 2026 12:00:30 GMT", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Wed, 14 Oct 2026 12:00:30 +9999999999999999999999", None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOON) == seconds


@given(
    st.text()
    | st.from_regex(
        r"[A-Z][a-z]{2}, [0-9]{1,9} (Jan|Feb|Oct) [0-9]{1,12} [0-9:]{1,12} (GMT|[+-][0-9]{1,9})",
        fullmatch=True,
    )
)
@example("Mon, 01 Jan 99999999999999999999 00:00:00 GMT")
def test_no_header_whatever_breaks_the_client(header: str) -> None:
    seconds = retry_after(header, NOON)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)


class Slept(FastClock):
    """A clock that knows its pauses; each attempt takes ``attempt`` seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.skipped

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        super().sleep(seconds)


def failing(
    clock: Slept, error: Callable[[], Exception], attempt: float = 0
) -> tuple[Callable[[], str], list[float]]:
    """Return an action that never succeeds, and the moments of its attempts."""
    attempts: list[float] = []

    def action() -> str:
        attempts.append(clock.skipped)
        clock.skipped += attempt
        raise error()

    return action, attempts


def tried(
    retry_policy: RetryPolicy, error: Callable[[], Exception], attempt: float = 0
) -> tuple[Slept, list[float], list[tuple[str, float]]]:
    clock, told = Slept(), []
    action, attempts = failing(clock, error, attempt)
    with pytest.raises(type(error())):
        retried(action, retry_policy, clock, lambda error, pause: told.append((str(error), pause)))
    return clock, attempts, told


def test_pauses_grow_with_full_jitter_up_to_the_longest() -> None:
    runs = [
        tried(RetryPolicy(total=1e9, attempts=9, pause=60), lambda: Unavailable("503"))[0].pauses
        for _ in range(100)
    ]
    highest = [1, 2, 4, 8, 16, 32, 60, 60]
    for pauses in runs:
        assert len(pauses) == len(highest)
        assert all(0 <= pause <= high for pause, high in zip(pauses, highest, strict=True))
    for number, high in enumerate(highest):
        column = [pauses[number] for pauses in runs]
        # of a hundred even draws, none in the lowest or in the highest tenth would be one run in forty
        # thousand
        assert min(column) < 0.1 * high and max(column) > 0.9 * high


def test_a_pause_the_vendor_asks_for_is_kept_and_at_most_a_second_longer() -> None:
    pauses = [
        pause
        for _ in range(50)
        for pause in tried(RetryPolicy(total=300, attempts=3), lambda: Unavailable("429", retry_after=20))[
            0
        ].pauses
    ]
    assert len(pauses) == 100
    assert all(20 <= pause <= 21 for pause in pauses)
    assert len(set(pauses)) > 1


def test_a_pause_of_nothing_is_no_reason_to_hammer() -> None:
    clock, attempts, _ = tried(RetryPolicy(total=300, attempts=5), lambda: Unavailable("429", retry_after=0))
    assert len(attempts) == 5 and all(0 <= pause <= 1 for pause in clock.pauses) and sum(clock.pauses) > 0


@pytest.mark.parametrize("asked", [None, 0.0, 7.0, 60.0, 300.0])
@pytest.mark.parametrize("attempt", [0.0, 1.0, 45.0])
def test_all_attempts_and_pauses_together_stay_within_the_total(asked: float | None, attempt: float) -> None:
    clock, attempts, _ = tried(
        RetryPolicy(total=300, attempts=10_000), lambda: Unavailable("503", retry_after=asked), attempt
    )
    assert attempts[-1] <= 300  # no attempt begins later
    assert clock.skipped <= 300 + attempt
    assert len(attempts) > 1 or asked == 300.0


def test_a_pause_beyond_the_time_left_ends_it_at_once() -> None:
    clock, attempts, told = tried(
        RetryPolicy(total=900, attempts=8), lambda: Unavailable("429", retry_after=21_600)
    )
    assert (len(attempts), clock.pauses, told) == (1, [], [])


def test_attempts_are_counted() -> None:
    assert len(tried(RetryPolicy(attempts=5), lambda: Unavailable("503"))[1]) == 5
    assert len(tried(RetryPolicy(attempts=1), lambda: Unavailable("503"))[1]) == 1


@pytest.mark.parametrize(
    "error", [lambda: RequestRefused("400"), lambda: FetchError("odd"), lambda: KeyError("a bug")]
)
def test_what_trying_again_cannot_help_is_raised_at_once(error: Callable[[], Exception]) -> None:
    assert len(tried(RetryPolicy(), error)[1]) == 1


def test_each_pause_is_told_with_its_reason() -> None:
    clock, _, told = tried(RetryPolicy(attempts=4), lambda: Unavailable("GET https://x answered 503"))
    assert [pause for _, pause in told] == clock.pauses and len(told) == 3
    assert {text for text, _ in told} == {
        "GET https://x answered 503: the vendor could not answer; fetch again later"
    }


def test_a_success_in_the_end_is_returned() -> None:
    clock, left = Slept(), [Unavailable("503"), Unavailable("503")]

    def action() -> str:
        if left:
            raise left.pop()
        return "done"

    assert retried(action, RetryPolicy(), clock, lambda error, pause: None) == "done"
    assert len(clock.pauses) == 2

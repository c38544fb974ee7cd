"""Days: calendar months as half-open intervals, and the overlap of two of them (contract §1).

What belongs here: days and months. What does not: what is counted on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Period:
    """A calendar month, half-open: ``start`` is in it and ``end`` is not."""

    text: str
    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days, ``D`` of the contract."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The month's last day."""
        return self.end - timedelta(days=1)

    def holds(self, day: date) -> bool:
        """Say whether a day lies in the month."""
        return self.start <= day < self.end

    def overlap(self, start: date, end: date) -> int:
        """Count the days of ``[start, end)`` in the month."""
        return days_shared(start, end, self.start, self.end)


def is_period(text: str) -> bool:
    """Say whether a text is a month ``YYYY-MM``."""
    return _PERIOD.fullmatch(text) is not None and text[:4] != "0000"


def period_of(text: str) -> Period:
    """Read ``YYYY-MM``.

    Raises:
        ValueError: The text is no month.
    """
    if not is_period(text):
        raise ValueError(f"{text!r} is no period YYYY-MM")
    return month_of(date(int(text[:4]), int(text[5:]), 1))


def month_of(day: date) -> Period:
    """Give the month a day lies in."""
    start = day.replace(day=1)
    end = (start + timedelta(days=32)).replace(day=1)
    return Period(f"{start:%Y-%m}", start, end)


def days_shared(start: date, end: date, low: date, high: date) -> int:
    """Count the days that ``[start, end)`` and ``[low, high)`` have in common."""
    return max(0, (min(end, high) - max(start, low)).days)


def months_of(start: date, end: date) -> Iterator[Period]:
    """Yield the months that ``[start, end)`` touches, earliest first."""
    while start < end:
        month = month_of(start)
        yield month
        start = month.end

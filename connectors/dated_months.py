"""Calendar months by their first day.

What belongs here: the month before or after, the month that a period's documents are dated in, and the month
that a record was fetched for. What does not: how a vendor writes a day (``connectors.mapping``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from connectors.mapping import Native, utc_day

DATED = {"month_before": -1, "same_month": 0, "month_after": 1}
"""The choices of the setting ``dated``: those who bill in advance date a month's documents in the month
before, those who bill in arrears in the month after.
"""


def shifted(first: date, months: int) -> date:
    """Return the first day of the month so many months later."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def dated_month(first: date, settings: Mapping[str, str]) -> date:
    """Return the first day of the month that the documents of the period beginning with
    ``first`` are dated in.
    """
    return shifted(first, DATED[settings.get("dated", "same_month")])


def period_of(native: Native) -> date:
    """Return the first day of the month that a record was fetched for."""
    return date.fromisoformat(f"{native.needed('_period')}-01")


def dated_in_month(field: str) -> Callable[[Mapping[str, str | bool | None], Mapping[str, str]], bool]:
    """Return what tells whether a record is dated in the month's window, by the UTC day of a field."""

    def belongs(record: Mapping[str, str | bool | None], facts: Mapping[str, str]) -> bool:
        day = utc_day(str(record[field]))
        # an unreadable date is not skipped: reading the file will report it
        return day is None or facts["dated_start"] <= str(day) < facts["dated_end"]

    return belongs

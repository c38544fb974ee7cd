"""Calendar months by their first day.

What belongs here: the month before or after, and the month that a period's documents are dated in. What does
not: the period itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

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

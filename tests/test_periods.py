"""Months as the contract counts them (contract §1).

Belongs here: ``mbr_pipeline.periods``. Does not: which period a scheduled run or a command takes.
"""

from __future__ import annotations

from datetime import date

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.periods import Period, month_before


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01", date(2026, 1, 1), date(2026, 2, 1)),
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1)),
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("1000-01", date(1000, 1, 1), date(1000, 2, 1)),
        ("1999-12", date(1999, 12, 1), date(2000, 1, 1)),
        ("9998-12", date(9998, 12, 1), date(9999, 1, 1)),
    ],
)
def test_a_period_begins_on_its_first_day_and_ends_before_the_first_of_the_next(
    text: str, start: date, end: date
) -> None:
    period = Period.parse(text)
    assert (period.text, period.start, period.end) == (text, start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-1",
        "2026-13",
        "2026-00",
        "26-10",
        "2026-10-01",
        "2026/10",
        " 2026-10",
        "2026-10\n",
        "２０26-10",
        "2026-١0",
        "0000-01",
        "0001-01",
        "0202-10",
        "0999-12",
        "9999-01",
        "9999-12",
        "12026-10",
    ],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a month: write it as YYYY-MM"):
        Period.parse(text)


def test_periods_stand_in_the_order_of_time() -> None:
    assert sorted([Period("2027-01"), Period("2026-12"), Period("2026-02")]) == [
        Period("2026-02"),
        Period("2026-12"),
        Period("2027-01"),
    ]


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2026, 11, 1), "2026-10"),
        (date(2026, 11, 30), "2026-10"),
        (date(2026, 3, 31), "2026-02"),
        (date(2026, 2, 1), "2026-01"),
        (date(2026, 1, 31), "2025-12"),
        (date(2026, 12, 31), "2026-11"),
        (date(987, 3, 1), "0987-02"),
    ],
)
def test_the_month_that_a_scheduled_run_closes_is_the_one_before_the_day(day: date, closed: str) -> None:
    assert month_before(day) == Period(closed)

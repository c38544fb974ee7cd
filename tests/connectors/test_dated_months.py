"""Months beside a month, and the month that documents are dated in."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.dated_months import shifted
from connectors.fetch_feed import facts


@pytest.mark.parametrize(
    ("first", "months", "expected"),
    [
        (date(2026, 10, 1), 0, date(2026, 10, 1)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2027, 1, 1), -1, date(2026, 12, 1)),
        (date(2026, 11, 1), 1, date(2026, 12, 1)),
        (date(2026, 3, 1), -14, date(2025, 1, 1)),
    ],
)
def test_a_month_is_followed_by_the_next_one_whatever_the_year(
    first: date, months: int, expected: date
) -> None:
    assert shifted(first, months) == expected


@pytest.mark.parametrize(
    ("settings", "before", "start", "end"),
    [
        ({}, "2026-11-30", "2026-12-01", "2027-01-01"),
        ({"dated": "same_month"}, "2026-11-30", "2026-12-01", "2027-01-01"),
        ({"dated": "month_before"}, "2026-10-31", "2026-11-01", "2026-12-01"),
        ({"dated": "month_after"}, "2026-12-31", "2027-01-01", "2027-02-01"),
    ],
)
def test_addresses_can_name_the_month_that_documents_are_dated_in(
    settings: dict[str, str], before: str, start: str, end: str
) -> None:
    known = facts(settings, date(2026, 12, 1), date(2027, 1, 5))
    assert (known["start"], known["end"], known["last"], known["period"]) == (
        "2026-12-01",
        "2027-01-01",
        "2026-12-31",
        "2026-12",
    )
    assert (known["dated_before"], known["dated_start"], known["dated_end"]) == (before, start, end)

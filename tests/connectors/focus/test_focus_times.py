"""Times of FOCUS rows: which spellings are read, and as which day.

Belongs here: what one text of a time means. Does not: whole rows (``test_focus_rows``).
"""

from __future__ import annotations

import pytest

from connectors.focus.rows import MappingError, charge_of
from tests.connectors.focus.focus_rows import SEATS


@pytest.mark.parametrize(
    "text",
    [
        "2026-3-1",
        "12026-03-01",
        "2026-03-01x",
        "2026-03-01T",
        "2026-03-01T00",
        "2026-03-01T0:00",
        "2026-03-01T00:00:0",
        "2026-03-01T00:00:00.",
        "2026-03-01T00:00:00.1234567890",
        "2026-03-01T00:00:00+1",
        "2026-03-01T00:00Zx",
        "2026-03-01 00:00:00 CET",
        "2026-03-01 00:00:00UTC",
        "2026-03-01 00:00:00+01:00 UTC",
        "2026-03-01 UTC",
        "2026-03-01t00:00",
        "２026-03-01",
        "2026-W10-1",
        "20260301",
    ],
)
def test_other_spellings_of_time_are_not_guessed(text: str) -> None:
    with pytest.raises(MappingError, match="is no ISO 8601 timestamp"):
        charge_of(SEATS._replace(BillingPeriodStart=text))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T23:59", "2026-03-01"),
        ("2026-03-01 23:59:59.123456789Z", "2026-03-01"),
        ("2026-03-01T23:30-0100", "2026-03-02"),
        ("2026-03-01 23:59:59 UTC", "2026-03-01"),  # how BigQuery extracts a timestamp
        ("2026-03-01 23:59:59.123456 UTC", "2026-03-01"),
        ("2026-03-01T00:30+01:00", "2026-02-28"),
        ("2026-03-01T00:00:00.1+00:00", "2026-03-01"),
    ],
)
def test_a_billing_period_names_the_day_on_which_it_begins_in_utc(text: str, day: str) -> None:
    assert charge_of(SEATS._replace(BillingPeriodStart=text)).values[0] == f"focus:payer-9:{day}"


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({"ChargePeriodEnd": "2026-03-02"}, ("day",)),
        ({"ChargePeriodEnd": "2026-03-01T01:00:00Z"}, ("day",)),
        ({"ChargePeriodEnd": "2026-03-01"}, ("day",)),
        ({"ChargePeriodEnd": "2026-03-03"}, ()),
        ({"ChargePeriodEnd": "2026-03-02", "ChargeFrequency": "One-Time"}, ()),
        ({"ChargePeriodEnd": "2026-03-02", "ChargeCategory": "Credit"}, ()),
    ],
)
def test_seats_that_are_bought_for_a_day_are_told(changes: dict[str, str], notes: tuple[str, ...]) -> None:
    row = SEATS._replace(ChargePeriodStart="2026-03-01", **changes)
    assert charge_of(row).notes == notes

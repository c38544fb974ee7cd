"""What ends a period: its last day, the day behind it, or a moment.

Belongs here: what the rows show, and what is asked. Does not: how dates are written (``test_asking``).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.preview import preview
from tests.profiling.small_files import Whole, asked

_HEAD = "Invoice,Customer ID,SKU,Type,Quantity,Amount,Currency,From,To"
_HOUR = ("2024-02-28T22:00:00Z,2024-02-28T23:00:00Z", "2024-02-28T23:00:00Z,2024-02-29T00:00:00Z")
_WHOLE = "2024-02-01T00:00:00Z,2024-02-29T23:59:59Z"


def _lines(*periods: str) -> list[str]:
    return [_HEAD, *(f"I1,K{at},S1,Usage,{at + 1},{at + 3}.25,EUR,{each}" for at, each in enumerate(periods))]


@pytest.mark.parametrize(
    ("periods", "take"),
    [
        (_HOUR, "next_midnight"),  # the hour before midnight ends on its own day
        ((*_HOUR, _WHOLE), "next_midnight"),
        (("2024-02-01T00:00:00Z,2024-03-01T00:00:00Z", _WHOLE), "next_midnight"),
        (("2024-02-28T00:00:00Z,2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z,2024-03-01T00:00:00Z"), "day"),
        (("2024-02-28,2024-02-29", "2024-02-29,2024-03-01", "2024-02-01,2024-02-02"), "day"),
        (
            (
                "2024-02-28T00:00:00Z,2024-02-29T00:00:00Z",
                "2024-02-29T00:00:00Z,2024-03-01T00:00:00Z",
                _WHOLE,
            ),
            "next_midnight",
        ),
        ((_WHOLE, "2024-02-10T09:12:44Z,2024-02-29T23:59:59Z"), "day_after"),
        ((_WHOLE, "2024-02-01T00:00:00Z,2024-02-29T00:00:00Z"), "day_after"),  # its midnights are last days
        (("2024-02-01,2024-02-29", "2024-02-10,2024-02-29"), "day_after"),
        (("2024-02-01,2024-03-01", "2024-02-10,2024-03-01"), "day"),
    ],
)
def test_rows_show_what_ends_a_period(whole: Whole, periods: tuple[str, ...], take: str) -> None:
    found = whole(_lines(*periods))
    words = {"heading": "To"} if take == "day" else {"heading": "To", "take": take}
    assert found.columns["charge_period_end"] == ("To" if take == "day" else words)


@pytest.mark.parametrize(
    "periods",
    [
        ("2024-02-28,2024-02-29", "2024-02-10,2024-02-11"),  # one day, or two
        (_WHOLE, "2024-02-10T00:00:00Z,2024-02-20T00:00:00Z"),  # is the 20th the last day?
        (_WHOLE, "2024-02-01T00:00:00Z,2024-02-29T00:00:00Z", "2024-02-01T00:00:00Z,2024-03-01T00:00:00Z"),
        # October in Vienna, as its summer ends
        ("2026-09-30T22:00:00Z,2026-10-31T23:00:00Z", "2026-10-09T22:00:00Z,2026-10-31T23:00:00Z"),
    ],
)
def test_what_rows_do_not_show_of_an_end_is_asked(whole: Whole, periods: tuple[str, ...]) -> None:
    assert "take" in asked(whole(_lines(*periods)))


@pytest.mark.parametrize(
    "periods",
    [
        ("2026-02-28T23:00:00Z,2026-03-31T22:00:00Z", "2026-03-08T23:00:00Z,2026-03-31T22:00:00Z"),  # Rome
        ("2026-04-29T18:30:00Z,2026-05-30T18:30:00Z",),  # half an hour: India
        ("2026-06-30T23:00:00+00:00,2026-07-31T23:00:00+00:00",),  # London
    ],
)
def test_midnights_of_another_time_zone_are_asked_at_both_ends(
    tmp_path: Path, whole: Whole, periods: tuple[str, ...]
) -> None:
    found = whole(_lines(*periods))
    keys = {question.key: question.options for question in found.questions}
    start, end = (("columns", f"charge_period_{name}", "take") for name in ("start", "end"))
    assert (keys[start], keys[end]) == (("next_midnight", "day"), ("day", "day_after", "next_midnight"))
    for _, column, word in (start, end):
        found.columns[column][word] = "next_midnight"
    read = preview(tmp_path / "whole.csv", DATASETS["vendor_charges"], found.settings).records
    days = [
        date.fromisoformat(periods[0][at : at + 10]) + timedelta(days=1)
        for at in (0, periods[0].index(",") + 1)
    ]
    assert [read[0]["charge_period_start"], read[0]["charge_period_end"]] == [str(day) for day in days]


_COUNTED = "Invoice,Customer ID,SKU,Type,Quantity,Amount,Currency,From,To"


@pytest.mark.parametrize(
    ("heading", "rows", "end"),
    [
        ("Days", ("2026-02-03,2026-02-09,6", "2026-02-20,2026-02-28,8"), "To"),  # the 28th is no last day
        ("Days", ("2026-02-03,2026-02-09,7", "2026-02-20,2026-03-01,10"), "day_after"),
        ("Anzahl Tage", ("2026-02-03,2026-02-09,6",), "To"),
        ("Jours facturés", ("2026-02-03,2026-02-09,7.0",), "day_after"),
        (
            "Units of time",
            ("2026-02-03,2026-02-09,6", "2026-02-03,2026-02-10,7", "2026-02-03,2026-02-12,9"),
            "To",
        ),
        ("Units of time", ("2026-02-03,2026-02-09,6", "2026-02-03,2026-02-10,7"), "TODO"),  # by chance?
        ("Days", ("2026-02-03,2026-02-09,6", "2026-02-20,2026-02-28,9"), "TODO"),  # both
        (
            "Days",
            ("2026-03-01,2026-03-31,30", "2026-03-20,2026-03-31,11"),
            "TODO",
        ),  # a whole month says otherwise
        ("Payment Days", ("2026-03-01,2026-03-31,30", "2026-03-01,2026-03-31,30"), "day_after"),
    ],
)
def test_numbers_of_days_prove_what_ends_a_period(
    whole: Whole, heading: str, rows: tuple[str, ...], end: str
) -> None:
    lines = [f"I1,K{at},S1,Usage,{at + 1},{at + 3}.25,EUR,{row}" for at, row in enumerate(rows)]
    words = whole([f"{_COUNTED},{heading}", *lines]).columns["charge_period_end"]
    assert words == ("To" if end == "To" else {"heading": "To", "take": end})


def test_the_hours_of_a_day_are_no_duplicates(tmp_path: Path, whole: Whole) -> None:
    hours = ("2024-02-28T21:00:00Z,2024-02-28T22:00:00Z", *_HOUR)
    rows = [f"I1,K1,S1,Usage,1,0.25,EUR,{each}" for each in hours]
    found = whole([_HEAD, *rows])
    assert found.columns["detail"] == "From"
    read = preview(tmp_path / "whole.csv", DATASETS["vendor_charges"], found.settings, rows=10).records
    assert {record["charge_period_end"] for record in read} == {"2024-02-29"}
    assert len({record["detail"] for record in read}) == len(hours)
    assert "detail" not in whole(_lines(_WHOLE, _WHOLE)).columns


_AGREED = "Agreement,Client ID,Product Code,Quantity,Unit Price,Currency,Start Date,{}"


def test_agreements_of_which_none_ends_are_not_asked_when_they_end(whole: Whole) -> None:
    rows = ["C1,K1,S1,12,20.00,EUR,2025-03-01{}", "C2,K2,S1,7,20.00,EUR,2025-06-15{}"]
    found = whole([_AGREED.format("End Date"), *(row.format(",") for row in rows)], None)
    assert (found.dataset, asked(found)) == ("agreements", set())
    assert found.columns["effective_end"] == {"heading": "End Date", "take": "day_after"}
    both = whole([_AGREED.format("Vertragsende,Gekündigt zum"), *(r.format(",,") for r in rows)], None)
    assert asked(both) == set()
    ends = [rows[0].format(",,2026-10-12"), rows[1].format(",,")]
    one = whole([_AGREED.format("Vertragsende,Gekündigt zum"), *ends], None)
    assert one.columns["effective_end"] == {"heading": "Gekündigt zum", "take": "TODO"}

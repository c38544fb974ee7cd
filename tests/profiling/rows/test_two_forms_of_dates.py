"""Dates in two forms at once, as where a spreadsheet took some of them for others.

Belongs here: when they are sure, and the question. Does not: one form (``test_asking``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.preview import preview
from mbr_pipeline.setup.exports import recognised
from tests.profiling.small_files import Whole, asked

_HEAD = "Invoice,Customer ID,SKU,Type,Quantity,Amount,Currency,From,To"


def _lines(*periods: str) -> list[str]:
    return [_HEAD, *(f"I1,K{at},S1,Usage,{at + 1},{at + 3}.25,EUR,{each}" for at, each in enumerate(periods))]


@pytest.mark.parametrize(
    ("periods", "is_asked"),
    [
        (("2026-01-06,6/30/2026", "6/17/2026,6/30/2026"), True),  # was 6/1
        (("2026-05-03,28/03/2026", "14/03/2026,28/03/2026"), True),  # was 5/3, by a day in front
        (("46027,6/30/2026", "6/17/2026,6/30/2026"), True),  # 2026-01-05, as a number
        (("2026-06-01,6/30/2026", "6/17/2026,6/30/2026"), False),  # all of June
        (("2026-01-06,30.06.2026", "17.06.2026,30.06.2026"), False),  # dots stand behind days
        (("2026-01-06,30 Jun 2026", "17 Jun 2026,30 Jun 2026"), False),
    ],
)
def test_two_forms_in_a_column_are_sure_only_in_the_same_months(
    whole: Whole, periods: tuple[str, ...], is_asked: bool
) -> None:
    assert ("dates" in asked(whole(_lines(*periods)))) == is_asked


def test_what_was_taken_for_another_day_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    lines = _lines("2026-01-06,6/30/2026", "6/17/2026,6/30/2026")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (dates,) = (question for question in recognised(path, "f", {}).questions if question.key == ("dates",))
    assert dates.options == (["M/D/YYYY", "YYYY-MM-DD"], ["M/D/YYYY", "YYYY-DD-MM"])
    periods = {"columns.charge_period_start": "From", "columns.charge_period_end": "To"}
    for answer in (dates.options[1], "[M/D/YYYY, YYYY-DD-MM]"):
        done = recognised(path, "f", {"dates": answer, **periods})
        read = preview(path, DATASETS["vendor_charges"], done.profile).records
        assert [row["charge_period_start"] for row in read] == ["2026-06-01", "2026-06-17"]


def test_long_periods_are_asked_whatever_the_number_of_forms(whole: Whole) -> None:
    ends = {"charge_period_start", "charge_period_end"}
    assert ends <= asked(whole(_lines("2026-01-06,30.06.2026", "17.06.2026,30.06.2026")))
    # 5 February or 2 May: one of the ways is long
    assert ends <= asked(whole(_lines("05/02/2026,05/06/2026", "05/02/2026,05/03/2026")))
    assert not ends & asked(whole(_lines("2026-06-01,30.06.2026", "17.06.2026,30.06.2026")))

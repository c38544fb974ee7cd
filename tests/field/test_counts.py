"""Seat counts as portals and scripts export them, each with the right figures of whoever sent it.

Belongs here: what a reader makes of the files of ``cases``. Does not: bills (``test_bills``), whole months
(``test_months``).
"""

from __future__ import annotations

from collections import Counter

from tests.field.field_cases import CASES, read


def test_11_counts_without_a_date_are_those_of_their_folder_s_month() -> None:
    for month, day in (("2026-09", "2026-09-30"), ("2026-10", "2026-10-31")):
        path = CASES / f"11-cipp-licences/landing/acme/{month}/cipp/license_counts.csv"
        rows, file = read("11-cipp-licences", "cipp", path)
        assert file.faults == []
        assert {row["as_of_date"] for row in rows} == {day}


def test_28_several_licences_in_one_cell_are_a_seat_each() -> None:
    rows, file = read("28-licences-in-one-cell", "d365")
    assert file.faults == []
    assert Counter(row["sku_id"] for row in rows) == {"Finance": 3, "SCM": 2}

"""Rows that are not records, and what a profile refuses about them and about what stands beside them.

Belongs here: sections, totals, wide rows, lists in a cell, sums, months, names and lines above. Does not:
what the page of words shows (``test_profile_words_page``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.mapped.place import Place, beside_label
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from tests.connectors.mapped.german import lines_and_reasons, records

Read = tuple[list[dict[str, Any]], MappedFile]


def read(folder: Path, dataset: str, words: Mapping[str, Any], text: str, name: str = "") -> Read:
    path = folder / "landing" / "acme" / "2026-02" / "vendor" / (name or f"{dataset}.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    file = MappedFile(path, profile_of(DATASETS[dataset], words, is_complete=False))
    return records(file), file


def values(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(column) for column in columns) for row in rows]


SEATS = {"vendor_customer_id": "Customer", "sku_id": "SKU", "entitled_quantity": "Seats"}


def test_behind_a_total_and_behind_a_lost_row_no_section_is_known(tmp_path: Path) -> None:
    words = {"sections": "Customer", "totals": ["Total*"], "columns": SEATS}
    text = ",SKU,Seats\nA,,\n,s,1\ntotal A,,1\n,s,2\nB,,\n,s,3,lost\n,s,4\n"
    rows, file = read(tmp_path, "license_counts", words, text)
    # a row without its customer is left to the typing, which rejects it
    assert values(rows, "_line", "vendor_customer_id") == [(3, "A"), (5, None), (8, None)]
    assert [fault.line for fault in file.faults] == [7]
    assert sorted(file.warnings) == [
        "1 records are totals and were passed over",
        "2 records are headings of sections",
    ]


def test_a_wide_file_names_columns_once_and_an_empty_row_is_told(tmp_path: Path) -> None:
    words = {"unpivot": {"keep": "Customer", "name": "SKU", "value": "Seats"}, "columns": SEATS}
    rows, file = read(tmp_path, "license_counts", words, "Customer,a,a,\nA,1,2,3\nB,,,\n")
    assert values(rows, "sku_id", "entitled_quantity") == [("a#1", "1"), ("a#2", "2"), ("#4", "3")]
    assert file.warnings == ["1 records have no value in any column"]
    with pytest.raises(UnreadableFile, match="has a column 'SKU' of its own"):
        read(tmp_path, "license_counts", words, "Customer,SKU\nA,1\n")


def test_one_wrong_cell_of_a_wide_row_refuses_the_whole_row(tmp_path: Path) -> None:
    words = {"unpivot": {"keep": "Customer", "name": "SKU", "value": "Seats"}, "columns": SEATS}
    rows, file = read(tmp_path, "license_counts", words, "Customer,a,b\nA,1,x\nB,2,3\n")
    assert values(rows, "vendor_customer_id", "sku_id") == [("B", "a"), ("B", "b")]
    assert lines_and_reasons(file) == [(2, "Seats", "x")]


def test_a_user_counts_once_for_a_sku_however_often_it_is_listed(tmp_path: Path) -> None:
    words = {
        "split": {"heading": "SKU", "by": ";"},
        "columns": SEATS | {"entitled_quantity": {"count": "distinct", "heading": "User"}},
    }
    text = "Customer,User,SKU\nA,ann,x; y;\nA,ann,x;x\nA,bob,\n"
    rows, file = read(tmp_path, "license_counts", words, text)
    assert values(rows, "_line", "sku_id") == [(2, "x"), (2, "y")]
    assert sorted(file.warnings) == [
        "1 records have no value to split",
        "2 records repeat what is counted once",
    ]


def test_a_bill_whose_rows_contradict_each_other_has_no_sum(tmp_path: Path) -> None:
    columns = {
        "invoice_id": "Bill", "invoice_date": "Date", "currency": {"constant": "USD"},
        "invoice_total": {"sum_of": "Amount"},
    }  # fmt: skip
    text = (
        "Bill,Date,Amount\nG,2026-02-01,1\nH,2026-02-01,2\nG,2026-02-02,3\nH,2026-02-01,\nH,2026-02-01,0.1\n"
    )
    rows, file = read(tmp_path, "vendor_invoices", {"columns": columns}, text)
    assert values(rows, "_line", "invoice_id", "invoice_total") == [(3, "H", "2.1")]
    assert lines_and_reasons(file) == [(5, "Amount", None), (4, "invoice_date", "2026-02-02")]


def test_the_month_is_the_folder_s_and_outside_of_one_there_is_none(tmp_path: Path) -> None:
    columns = {name: {"period": name} for name in ("month_start", "last_day", "next_month_start")}
    days = {}
    for word in columns:
        rows, _ = read(tmp_path, "license_counts", {"columns": {"as_of_date": {"period": word}}}, "A\nx\n")
        days[word] = rows[0]["as_of_date"]
    assert list(days.values()) == ["2026-02-01", "2026-02-28", "2026-03-01"]
    path = tmp_path / "licences.csv"
    path.write_text("A\nx\n", encoding="utf-8")
    profile = profile_of(
        DATASETS["license_counts"], {"columns": {"as_of_date": {"period": "last_day"}}}, is_complete=False
    )
    with pytest.raises(UnreadableFile, match="is in no landing folder, so its month is not known"):
        MappedFile(path, profile)
    (row,) = records(MappedFile(path, profile, place=Place("licences.csv", date(2027, 12, 1))))
    assert row["as_of_date"] == "2027-12-31"


@pytest.mark.parametrize(
    ("form", "name", "day"),
    [
        ("%YYYY-MM-DD", "vendor_charges.bill 2026-10-05.csv.gz", "2026-10-05"),
        ("YYYYMMDD_%", "vendor_charges.20261005_01.CSV", "2026-10-05"),
        ("COMMENT-YYYY-MMM-DD", "vendor_charges.comment-2026-oct-05.csv", "2026-10-05"),
        ("YYYY-MM-DD", "vendor_charges.2026-13-05.csv", None),
        ("YYYY-MM-DD", "vendor_charges.csv", None),
    ],
)
def test_a_date_in_a_file_s_name(form: str, name: str, day: str | None) -> None:
    cell = profile_of(
        DATASETS["vendor_charges"],
        {"columns": {"charge_period_start": {"file_name": form}}},
        is_complete=False,
    ).cells[0]
    assert cell.file_name is not None
    found = cell.file_name.day(Place(name, None).stem("vendor_charges"))
    assert (None if found is None else str(found)) == day


def test_a_name_or_a_line_above_that_does_not_say_it_refuses_the_file(tmp_path: Path) -> None:
    named = {"columns": {"vendor_customer_id": {"file_name": "CUST-*"}}}
    with pytest.raises(UnreadableFile, match="for vendor_customer_id: .*'copy' is not of the form CUST-\\*"):
        read(tmp_path, "license_counts", named, "A\nx\n", "license_counts.copy.csv")
    above = {"header_row": "3", "columns": {"vendor_customer_id": {"above": "Customer"}}}
    with pytest.raises(UnreadableFile, match="for vendor_customer_id: 'Customer' in the lines above"):
        read(tmp_path, "license_counts", above, "Kunde,x\n\nA\nx\n")
    with pytest.raises(UnreadableFile, match="the headings says 'x' and 'y'"):
        read(tmp_path, "license_counts", above, "Customer,x\nCustomer,y\nA\nx\n")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (["Currency", "USD"], ["USD"]),
        (["", "currency :", "", " USD "], ["USD"]),
        (["Currency: USD"], ["USD"]),
        (["Currency\u00a0USD"], ["USD"]),
        (["Currency exchange rate", "1"], ["exchange rate"]),
        (["Currency", ""], []),
        (["Currencies", "2"], []),
    ],
)
def test_what_stands_beside_a_label(line: list[str], text: list[str]) -> None:
    assert beside_label([(1, line)], "Currency") == text
    # a cell that is the label counts before one that begins with it
    assert beside_label([(1, line), (2, ["Currency", "EUR"])], "Currency")[-1] == "EUR"


def test_two_forms_that_read_one_text_as_two_days_are_no_date(tmp_path: Path) -> None:
    words = {"dates": ["MM/DD/YYYY", "DD/MM/YYYY"], "columns": {"as_of_date": "On"}}
    rows, file = read(
        tmp_path, "license_counts", words, "On\n10/31/2026\n31/10/2026\n03/03/2026\n03/04/2026\n"
    )
    assert values(rows, "as_of_date") == [("2026-10-31",), ("2026-10-31",), ("2026-03-03",)]
    assert "is 2026-03-04 or 2026-04-03" in file.faults[0].reason


def test_a_day_number_without_its_word_says_which_day_it_is(tmp_path: Path) -> None:
    rows, file = read(tmp_path, "license_counts", {"columns": {"as_of_date": "On"}}, "On\n46296\n7\n")
    assert rows == []
    assert file.faults[0].reason.startswith("is 2026-10-01 in a cell that is not formatted as a date")
    assert file.faults[1].reason.startswith("is no date of the form YYYY-MM-DD")

"""What stands beside numbers and between their digits: signs of currencies, minus, credit, thousands.

Belongs here: a file of a few rows each. Does not: reading a number in a declared style
(``tests/connectors/mapped/test_mapped_texts.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.profiling.preview import preview
from mbr_pipeline.profiling.propose import propose
from mbr_pipeline.profiling.sample import take_sample
from tests.profiling.small_files import Proposed, asked


def _amounts(folder: Path, proposal: Any) -> list[str | None]:
    found = preview(folder / "f.csv", DATASETS["vendor_charges"], proposal.settings, rows=10)
    return [record["amount"] for record in found.records]


@pytest.mark.parametrize("mark", [" CR", "CR", " Cr", " H", " Mio", " K", "*"])
def test_what_changes_a_number_is_no_sign_of_a_currency(proposed: Proposed, mark: str) -> None:
    found = proposed("Qty,Unit Price,Net Amount", "10,12.00,120.00", f"2,12.00,24.00{mark}", "1,12.00,12.00")
    assert "amount" in asked(found)
    assert "currency_signs" not in found.words


def test_credit_and_debit_behind_every_amount_are_asked(proposed: Proposed) -> None:
    assert "amount" in asked(proposed("Net Amount", "120.00 DR", "24.00 CR", "12.00 DR"))


def test_units_that_differ_are_no_signs(proposed: Proposed) -> None:
    found = proposed("Quantity,Amount", "500 MB,1.25", "2 GB,4.00", "3 GB,6.10")
    assert "quantity" in asked(found)


@pytest.mark.parametrize(
    ("rows", "amounts"),
    [
        (("10,12.00,\u2212120.00", "2,12.00,24.00"), ["-120", "24"]),
        (("10,€12.00,\u2013€120.00", "2,€12.00,€24.00"), ["-120", "24"]),
        (("10,12.00,120.00\u2212", "2,12.00,24.00"), ["-120", "24"]),
        (("10,R$ 12.00,R$ 120.00", "2,R$ 12.00,-R$ 24.00"), ["120", "-24"]),
        (("1\u2019200,1.50,1\u2019800.00", "4,1.50,6.00"), ["1800", "6"]),
        (('1200,1.50,"1\u2009800,00"'.replace("1.50", '"1,50"'), '4,"1,50","6,00"'), ["1800", "6"]),
        (('1000,1250.50,"12,50,500.00"', '5,1250.50,"6,252.50"'), ["1250500", "6252.5"]),
    ],
)
def test_money_is_read_as_people_of_many_places_write_it(
    proposed: Proposed, tmp_path: Path, rows: tuple[str, str], amounts: list[str]
) -> None:
    found = proposed("Qty,Unit Price,Net Amount", *rows)
    assert not asked(found) & {"quantity", "unit_cost", "amount", "decimals"}
    assert _amounts(tmp_path, found) == amounts


def test_thousands_alone_leave_the_decimal_mark_open(tmp_path: Path) -> None:
    rows = ("Kund ID;Artikel;Antal;Quantity", "1;A1;x;1 000", "2;A1;x;10", "2;A2;x;2 500")
    (tmp_path / "f.csv").write_text("\n".join(rows), encoding="utf-8")
    found = propose(tmp_path / "f.csv", "vendor_charges")
    assert ("decimals" in asked(found), found.words["thousands"]) == (True, "space")


@pytest.mark.parametrize("heading", ["Amount", "Amount (EUR)", "Line Amount (EUR)", "Total EUR", "Betrag €"])
def test_money_with_a_cell_that_is_no_number_is_asked_whatever_its_unit(
    proposed: Proposed, heading: str
) -> None:
    found = proposed(f"Seat Count,Price EUR,{heading}", "10,12.00,120.00", "1,12.00,12.00", "3,5.00,n/a")
    assert "amount" in asked(found)


def test_the_euro_of_windows_is_no_letter_of_another_encoding(tmp_path: Path) -> None:
    text = "Rechnungsnr;Währung;Betrag\r\nR1;EUR;120,00 €\r\nR1;EUR;24,00 €\r\n"
    (tmp_path / "f.csv").write_bytes(text.encode("cp1252"))
    assert take_sample(tmp_path / "f.csv").settings["encoding"] == "cp1252"


def test_a_row_that_cannot_be_headings_does_not_keep_a_workbook_from_being_proposed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ("Invoice", "Customer ID", "SKU", "Qty", "Price", "Amount", "Currency"),
        ("I1", "C1", "K1", 10, 12, 120, "EUR"),
        ("I1", "#N/A", "K1", 1, 12, 12, "EUR"),
        ("I1", "C3", "K1", 2, 12, 1234567890123456, "EUR"),
    ):
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    found = propose(tmp_path / "f.xlsx", "vendor_charges")
    assert found.columns["amount"] == "Amount"
    assert found.notes[0] == "2 of its first rows cannot be read, the first in line 3"


_BILL = "Rechnung;Kundennummer;Artikelnr;Art;Abonummer;Währung;Von;Bis;Menge;Preis;Betrag;{}"
_LINE = "R1;K{at};S1;Lizenz;a{at};EUR;01.10.2026;31.10.2026;{many};5;{money};{more}"


def _mark(tmp_path: Path, heading: str, *rows: tuple[str, str, str]) -> object:
    lines = [
        _LINE.format(at=at, many=many, money=money, more=more) for at, (many, money, more) in enumerate(rows)
    ]
    (tmp_path / "f.csv").write_text("\n".join([_BILL.format(heading), *lines]), encoding="utf-8")
    return propose(tmp_path / "f.csv", "vendor_charges").words["decimals"]


def test_numbers_of_columns_that_are_not_used_show_the_decimal_mark(tmp_path: Path) -> None:
    whole = (("2", "10"), ("3", "15"))
    for heading, first, second, mark in (
        ("UVP", "7,50", "7,50", ","),
        ("Kurs", "1.00", "1.00", "."),
        ("MwSt %", "19,0", "19,0", ","),
        ("Bemerkung", "7,50", "7,50", "TODO"),  # may be anything
        ("Buchungskonto", "10.15", "10.20", "TODO"),
        ("Gebucht am", "01.10.2026", "02.10.2026", "TODO"),
    ):
        rows = [(*pair, more) for pair, more in zip(whole, (first, second), strict=True)]
        assert _mark(tmp_path, heading, *rows) == mark, heading


def test_two_columns_that_show_two_marks_leave_it_open(tmp_path: Path) -> None:
    head = "Kurs;UVP"
    assert _mark(tmp_path, head, ("2", "10", "1.05;7,50"), ("3", "15", "1.05;7,50")) == "TODO"


def test_a_mark_before_zeros_beside_whole_numbers_stands_between_thousands(tmp_path: Path) -> None:
    assert _mark(tmp_path, "Text", ("1.200", "6.000", ""), ("3", "15", "")) == ","
    assert _mark(tmp_path, "Text", ("1,200", "6,000", ""), ("3", "15", "")) == "."
    # nobody writes five as 5 and one and a fifth as 1.200; but 1.225 may be either
    assert _mark(tmp_path, "Text", ("1.225", "6.125", ""), ("3", "15", "")) == "TODO"
    assert _mark(tmp_path, "Text", ("1.200", "6.000", ""), ("0", "0", "")) == "TODO"

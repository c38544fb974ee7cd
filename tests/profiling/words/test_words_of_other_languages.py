"""Headings of exports in other languages: prices of a month, first and last days, numbers of lines.

Belongs here: one small file for each name. Does not: what the rows say of numbers (``test_asking_money``).
"""

from __future__ import annotations

import pytest

from tests.profiling.small_files import HEAD, ROW, Whole, asked

_DAYS = HEAD.removesuffix(",From,To")
_OF_A_MONTH = ROW.removesuffix(",2026-10-01,2026-10-31")
_AGREEMENTS = "Contract ID;Client ID;Product Code;Quantity;{};Currency;Start Date;End Date"


@pytest.mark.parametrize(
    "heading",
    ["Maandprijs", "Prezzo mensile", "Preço mensal", "Monatspreis", "Prix mensuel", "Precio mensual"],
)
def test_a_price_of_a_month_is_the_price_of_an_agreement(whole: Whole, heading: str) -> None:
    rows = ["C1;K1;S1;12;22,50;EUR;2025-03-01;", "C2;K2;S2;3;45,00;EUR;2025-06-15;2026-12-31"]
    found = whole([_AGREEMENTS.format(heading), *rows], "agreements")
    assert found.columns["unit_price"] == heading and found.words["decimals"] == ","
    assert asked(found) == set()


@pytest.mark.parametrize("heading", ["Canone mensile", "Maandbedrag", "Mensualité", "Cuota mensual"])
def test_a_fee_of_a_month_is_of_one_unit_or_of_all(whole: Whole, heading: str) -> None:
    head = _AGREEMENTS.format(heading)
    row = "C{at};K{at};S1;{many};{money};EUR;2025-03-01;2026-12-31"

    def proposed(*pairs: tuple[str, str]) -> object:
        rows = [row.format(at=at, many=many, money=money) for at, (many, money) in enumerate(pairs)]
        found = whole([head, *rows], "agreements")
        return found.columns["unit_price"], found.options.get(("columns", "unit_price"))

    both = (heading, {"heading": heading, "divided_by": "Quantity"})
    assert proposed(("12", "22,50"), ("7", "22,50"), ("3", "22,50")) == (heading, None)
    assert proposed(("12", "270,00"), ("7", "157,50"), ("3", "67,50")) == (both[1], None)
    assert proposed(("12", "22,50"), ("7", "22,50")) == ("TODO", both)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("Dal", "Al"),
        ("De", "Até"),
        ("From", "Thru"),
        ("From", "Through"),
        ("Van", "Tot"),
        ("Vanaf", "T/m"),
        ("Periode van", "Periode tot"),
        ("Du", "Au"),
        ("Ab", "Bis"),
        ("Leistung ab", "Leistung bis"),
        ("Desde", "Hasta"),
        ("Início", "Fim"),
    ],
)
def test_first_and_last_days_are_known_in_any_file(whole: Whole, start: str, end: str) -> None:
    head = f"{_DAYS},{start},{end},Qty,Unit Cost,Amount"
    months = [("2026-10-01", "2026-10-31"), ("2026-10-01", "2026-10-31")]
    found = whole([head, *(f"{_OF_A_MONTH},{a},{b},2,5.50,11.00" for a, b in months)])
    assert found.columns["charge_period_start"] == start
    assert found.columns["charge_period_end"] == {"heading": end, "take": "day_after"}
    behind = whole([head, f"{_OF_A_MONTH},2026-10-01,2026-11-01,2,5.50,11.00"])
    assert behind.columns["charge_period_end"] == end
    parts = whole([head, f"{_OF_A_MONTH},2026-10-03,2026-10-12,2,5.50,11.00"])
    assert parts.columns["charge_period_end"] == {"heading": end, "take": "TODO"}


@pytest.mark.parametrize(
    "heading",
    [
        "Line #",
        "Line No",
        "Riga",
        "N. riga",
        "Regel",
        "Regelnr",
        "Pos.",
        "Position",
        "Ligne",
        "Linha",
        "Línea",
    ],
)
def test_a_number_of_lines_is_the_id_of_a_line(whole: Whole, heading: str) -> None:
    head = f"{heading},{HEAD},Qty,Unit Cost,Amount"
    found = whole([head, f"1,{ROW},2,5.50,11.00", f"2,{ROW},3,5.50,16.50"])
    assert found.columns["line_id"] == heading
    lines = "{},Invoice No,Client ID,Product Code,Qty,Unit Price,Amount,Currency,Due Date,From,To"
    row = "I{},K{},S1,2,5.50,11.00,EUR,2026-11-14,2026-10-01,2026-10-31"
    sent = [f"1,{row.format(1, 1)}", f"2,{row.format(1, 1)}", f"1,{row.format(2, 2)}"]
    again = whole([lines.format(heading), *sent], "invoice_lines")
    assert again.columns["invoice_line_id"] == {"joined": ["Invoice No", heading], "by": ":"}

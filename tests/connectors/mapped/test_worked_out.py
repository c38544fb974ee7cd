"""Numbers that a profile works out of others: signs, products, prices, and digits that are too many.

Belongs here: what is refused, and what rounding does. Does not: what the page of words shows
(``test_profile_words_page``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.mapped.german import lines_and_reasons
from tests.connectors.mapped.test_shapes import read, values

LINE = {"quantity": {"heading": "Qty", "sign_of": "Net"}, "unit_cost": "Price", "amount": "Net"}


def test_a_quantity_has_the_sign_of_its_money(tmp_path: Path) -> None:
    text = "Qty,Price,Net\n10,9.6,-96\n-10,9.6,-96\n-1,-5,-5\n3,0,0\n3,1,\n-3,1,3\n0,1,-5\n"
    rows, file = read(tmp_path, "vendor_charges", {"columns": LINE}, text)
    assert values(rows, "quantity", "unit_cost", "amount") == [
        ("-10", "9.6", "-96"),
        ("-10", "9.6", "-96"),
        ("-1", "-5", "-5"),  # says so already: what it means is the vendor's to correct
        ("3", "0", "0"),
        ("3", "1", None),
        ("0", "1", "-5"),
    ]
    assert lines_and_reasons(file) == [(7, "Net", "3")]


def test_money_that_another_column_makes_negative_takes_the_quantity_along(tmp_path: Path) -> None:
    net = {"heading": "Net", "negative_if": {"Type": ["Credit"]}, "as_written_if": {"Type": ["*"]}}
    columns = LINE | {"amount": net, "unit_cost": {"made_of": "amount"}}
    rows, _ = read(tmp_path, "vendor_charges", {"columns": columns}, "Type,Qty,Net\nCredit,2,7\nLine,2,7\n")
    assert values(rows, "quantity", "unit_cost", "amount") == [("-2", "3.5", "-7"), ("2", "3.5", "7")]


def test_a_price_of_nothing_for_money_is_refused_and_of_nothing_for_nothing_is_zero(tmp_path: Path) -> None:
    columns = {"quantity": "Qty", "unit_cost": {"made_of": "amount"}, "amount": "Net"}
    rows, file = read(tmp_path, "vendor_charges", {"columns": columns}, "Qty,Net\n0,0\n0,1\n3,2\n,1\n")
    assert values(rows, "unit_cost") == [("0",), ("0.6666666667",), (None,)]
    assert lines_and_reasons(file) == [(3, "quantity", "0")]


def test_money_in_another_currency_than_its_record_is_refused(tmp_path: Path) -> None:
    signs = ["EUR", "USD", "€", "$", "£"]
    words = {
        "currency_signs": signs,
        "columns": {"amount": "Net", "currency": {"heading": "Cur", "default": "USD"}},
    }
    text = (
        "Net,Cur\n12.00 USD,\n12.00 EUR,\n€ 12.00,\n$12.00,CAD\nEUR -12.00,EUR\n12.00,CHF\n£1,USD\n$1,GBP\n"
    )
    rows, file = read(tmp_path, "vendor_charges", words, text)
    assert values(rows, "amount", "currency") == [("12", "USD"), ("12", "CAD"), ("-12", "EUR"), ("12", "CHF")]
    assert lines_and_reasons(file) == [
        (3, "Net", "12.00 EUR"),
        (4, "Net", "€ 12.00"),
        (8, "Net", "£1"),
        (9, "Net", "$1"),
    ]


def test_a_product_is_exact_and_needs_all_its_numbers(tmp_path: Path) -> None:
    columns = {"amount": {"product_of": ["Qty", "Price", "Months"]}}
    text = "Qty,Price,Months\n3,0.1,0.5\n123456789,1.23456789,1\n3,,1\n2,x,1\n"
    rows, file = read(tmp_path, "vendor_charges", {"columns": columns}, text)
    assert values(rows, "amount") == [("0.15",), ("152415787.50190521",), (None,)]
    assert lines_and_reasons(file) == [(5, "Price", "x")]


def test_a_discount_in_percent_is_taken_off_exactly(tmp_path: Path) -> None:
    product = {"product_of": ["Qty", "Price"], "less_percent": "Off"}
    columns = {
        "quantity": "Qty",
        "unit_price": {"heading": "Price", "less_percent": "Off"},
        "amount": product,
    }
    text = "Qty,Price,Off\n3,9.99,12.5\n2,5,\n2,5,100%\n2,5,0\n2,5,101\n2,5,-1\n2,5,x\n"
    rows, file = read(tmp_path, "invoice_lines", {"columns": columns}, text)
    assert values(rows, "unit_price", "amount") == [
        ("8.74125", "26.22375"),  # three places too many for the client's money: typing refuses it
        ("5", "10"),
        ("0", "0"),
        ("5", "10"),
    ]
    assert lines_and_reasons(file) == [(6, "Off", "101"), (7, "Off", "-1"), (8, "Off", "x")]


def test_a_price_for_more_than_a_month(tmp_path: Path) -> None:
    cycle = {"heading": "Price", "per": {"Cycle": {"Monthly": "1", "Annual": "12"}}}
    text = "Price,Cycle\n100,Annual\n100,Monthly\n100,Yearly\n100,\n"
    rows, file = read(tmp_path, "agreements", {"columns": {"unit_price": cycle}}, text)
    assert values(rows, "unit_price") == [("8.3333333333",), ("100",)]
    assert lines_and_reasons(file) == [(4, "Cycle", "Yearly"), (5, "Cycle", "")]
    rows, _ = read(
        tmp_path, "agreements", {"columns": {"unit_price": {"heading": "Price", "per": "12"}}}, text
    )
    assert values(rows, "unit_price") == [("8.3333333333",)] * 4


def test_too_many_places_are_rounded_where_no_seat_and_no_invoice_is_and_counted_once(tmp_path: Path) -> None:
    columns = {"charge_category": "Kind", "quantity": "Qty", "unit_cost": "Price", "amount": "Net"}
    text = (
        "Kind,Qty,Price,Net\nusage,0.0000005,0.00000000005,0.0000000000015\nrecurring,0.0000005,1,1\n"
        "usage,1.0000000,1.00000000000,1.0000000000000\nusage,1,1,-0.0000000000025\n"
    )
    rows, file = read(tmp_path, "vendor_charges", {"columns": columns}, text)
    assert values(rows, "quantity", "unit_cost", "amount") == [
        ("0.000001", "0.0000000001", "0.000000000002"),
        ("0.0000005", "1", "1"),  # left to the typing, which rejects it
        ("1", "1", "1"),
        ("1", "1", "-0.000000000003"),
    ]
    assert file.warnings == [
        "2 records have a number with more decimal places than are kept, which was rounded half-up"
    ]
    rows, file = read(tmp_path, "invoice_lines", {"columns": {"amount": "Net"}}, "Net\n1.005\n")
    assert (values(rows, "amount"), file.warnings) == ([("1.005",)], [])


@pytest.mark.parametrize("unknown", ["Free", ""])
def test_what_is_given_for_nothing_is_said_by_known_words(tmp_path: Path, unknown: str) -> None:
    price = {
        "heading": "Price", "zero_if": {"Bill": ["No Charge"]}, "as_written_if": {"Bill": ["Billable"]},
    }  # fmt: skip
    text = f"Price,Bill\n5,No Charge\n5,Billable\n5,{unknown}\n"
    rows, file = read(tmp_path, "agreements", {"columns": {"unit_price": price}}, text)
    assert values(rows, "unit_price") == [("0",), ("5",)]
    assert lines_and_reasons(file) == [(4, "Bill", unknown)]
    assert "is in neither `zero_if` nor `as_written_if` of unit_price" in file.faults[0].reason


def test_details_are_part_of_identifiers_made_of_content(tmp_path: Path) -> None:
    columns = {"line_id": {"made_of": "content"}, "amount": "Net", "detail": ["User", "Hour"]}
    text = "User,Hour,Net\nann,1,5\nann,2,5\n,,5\nann,1,5\n"
    rows, file = read(tmp_path, "vendor_charges", {"columns": columns}, text)
    ids = [row["line_id"] for row in rows]
    assert values(rows, "detail") == [("ann | 1",), ("ann | 2",), (None,), ("ann | 1",)]
    assert len({each.rpartition("-")[0] for each in ids}) == 3
    assert [each.rpartition("-")[2] for each in ids] == ["0", "0", "0", "1"]
    assert file.ids_from_content


def test_what_keeps_a_number_from_spreadsheets_is_no_part_of_a_text(tmp_path: Path) -> None:
    columns = {"invoice_id": "No", "sku_id": "SKU", "amount": "Net"}
    text = 'No,SKU,Net\n="0012","=""00123""",="12.50"\n"=""a""""b""","=HYPERLINK(""x"",""y"")",="1\n='
    rows, file = read(tmp_path, "vendor_charges", {"columns": columns}, text)
    assert values(rows, "invoice_id", "sku_id", "amount") == [("0012", "00123", "12.5"), ("=", None, None)]
    assert lines_and_reasons(file) == [(3, "Net", '="1')]

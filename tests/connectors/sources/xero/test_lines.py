"""Xero: lines of invoices.

Belongs here: tax, discounts, prices, and lines that are none. Does not: credit notes
(``test_credit_notes``), which documents are asked for (``test_xero``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.sources.xero.books import got, money, of_one_line


def test_amounts_including_tax_are_landed_without_it(tmp_path: Path) -> None:
    # 2 seats of 11.50 with 15 % tax: 23.00, of which 3.00 is tax: 20.00, so 10.00 a seat
    rows, faults = got(
        tmp_path, of_one_line("Inclusive", Quantity=2, UnitAmount=11.5, LineAmount=23.0, TaxAmount=3.0)
    )
    assert (money(rows), faults) == ([("2", "10", "20")], [])


def test_a_price_said_to_include_a_tax_of_nothing_stays_as_it_is(tmp_path: Path) -> None:
    rows, faults = got(
        tmp_path, of_one_line("Inclusive", Quantity=3, UnitAmount=3.3333, LineAmount=10.0, TaxAmount=0)
    )
    assert (money(rows), faults) == ([("3", "3.3333", "10")], [])


def test_without_tax_and_before_tax_the_amount_is_that_of_the_line(tmp_path: Path) -> None:
    for types in ("Exclusive", "NoTax"):
        rows, _ = got(
            tmp_path, of_one_line(types, Quantity=2, UnitAmount=11.5, LineAmount=23.0, TaxAmount=3.0)
        )
        assert money(rows) == [("2", "11.5", "23")]


def test_what_binary_arithmetic_left_behind_a_number_is_no_part_of_it(tmp_path: Path) -> None:
    rows, faults = got(
        tmp_path,
        of_one_line("Exclusive", Quantity=3, UnitAmount=0.1, LineAmount=0.30000000000000004, TaxAmount=0),
    )
    assert (money(rows), faults) == ([("3", "0.1", "0.3")], [])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # 25.00 without tax does not divide by 3
        (
            {"Quantity": 3, "UnitAmount": 10.0, "LineAmount": 30.0, "TaxAmount": 5.0},
            ("3", "8.3333333333", "25"),
        ),
        (
            {"Quantity": 3, "UnitAmount": -8.0, "LineAmount": -24.0, "TaxAmount": -4.0},
            ("-3", "6.6666666667", "-20"),
        ),
    ],
)
def test_a_price_that_tax_leaves_without_an_end_is_rejected_unless_rounding_was_asked_for(
    fields: dict[str, float], expected: tuple[str, str, str], tmp_path: Path
) -> None:
    rows, faults = got(tmp_path, of_one_line("Inclusive", **fields))
    assert (rows, [(fault.column, fault.value) for fault in faults]) == (
        [],
        [("UnitAmount", str(fields["UnitAmount"]))],
    )
    assert "settings.unit_price to rounded" in faults[0].reason
    rows, faults = got(tmp_path, of_one_line("Inclusive", **fields), unit_price="rounded")
    assert (money(rows), faults) == ([expected], [])


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        # the vendor's own example: 19.95 less 10 % is 17.955, and 17.96 was invoiced
        ({"Quantity": 1, "UnitAmount": 19.95, "LineAmount": 17.96, "DiscountRate": 10}, "17.955"),
        ({"Quantity": 4, "UnitAmount": 25, "LineAmount": 90, "DiscountAmount": 10}, "22.5"),
        # 2 x 10.1234 - 1 is 19.2468, and 19.25 was invoiced
        ({"Quantity": 2, "UnitAmount": 10.1234, "LineAmount": 19.25, "DiscountAmount": 1}, "9.6234"),
        # both told, the rate rounded: 750 / 2250.07 is 33.33 %, which would make 1500.12
        (
            {
                "Quantity": 1,
                "UnitAmount": 2250.07,
                "LineAmount": 1500.07,
                "DiscountRate": 33.33,
                "DiscountAmount": 750,
            },
            "1500.07",
        ),
        # the rate alone, rounded: what was invoiced is what counts
        ({"Quantity": 2, "UnitAmount": 1125.035, "LineAmount": 1500.07, "DiscountRate": 33.33}, "750.035"),
        # both told, the amount rounded
        (
            {
                "Quantity": 1,
                "UnitAmount": 19.95,
                "LineAmount": 17.96,
                "DiscountRate": 10,
                "DiscountAmount": 2,
            },
            "17.955",
        ),
    ],
)
def test_a_discount_is_in_the_unit_price(fields: dict[str, float], price: str, tmp_path: Path) -> None:
    rows, faults = got(tmp_path, of_one_line(**fields))
    assert ([row["unit_price"] for row in rows], faults) == ([price], [])
    assert float(rows[0]["amount"]) == fields["LineAmount"]


def test_a_discount_that_does_not_divide_is_rejected(tmp_path: Path) -> None:
    rows, faults = got(tmp_path, of_one_line(Quantity=3, UnitAmount=30, LineAmount=80, DiscountAmount=10))
    assert rows == [] and "once the discount is taken off" in faults[0].reason


def test_a_price_with_a_discount_on_nothing_is_rejected_even_if_rounded(tmp_path: Path) -> None:
    rows, faults = got(
        tmp_path, of_one_line(Quantity=0, UnitAmount=30, LineAmount=0, DiscountRate=10), unit_price="rounded"
    )
    assert rows == [] and faults[0].column == "UnitAmount"


def test_a_line_that_is_invoiced_otherwise_than_its_price_says_is_left_for_the_audit(tmp_path: Path) -> None:
    rows, _ = got(tmp_path, of_one_line(Quantity=2, UnitAmount=10, LineAmount=19))
    assert money(rows) == [("2", "10", "19")]


@pytest.mark.parametrize(
    ("types", "fields", "column"),
    [
        ("Inclusive", {"TaxAmount": None}, "TaxAmount"),
        ("Exclusive", {"LineAmount": None}, "LineAmount"),
        ("Exclusive", {"Quantity": None}, "Quantity"),
        ("Exclusive", {"UnitAmount": None}, "UnitAmount"),
        ("EXCLUSIVE", {}, "document.LineAmountTypes"),
        ("Exclusive", {"LineAmount": "49.50 NZD"}, "LineAmount"),
        ("Inclusive", {"TaxAmount": "0." + "1" * 70}, "TaxAmount"),
    ],
)
def test_what_cannot_be_read_is_a_rejected_row_that_names_the_field(
    types: str, fields: dict[str, Any], column: str, tmp_path: Path
) -> None:
    rows, faults = got(tmp_path, of_one_line(types, **fields))
    assert (rows, [fault.column for fault in faults]) == ([], [column])


def test_a_line_of_text_is_none(tmp_path: Path) -> None:
    for fields in (
        {"Quantity": None, "UnitAmount": None, "LineAmount": None},
        {"Quantity": 0, "UnitAmount": 0, "LineAmount": 0},
    ):
        rows, faults = got(tmp_path, of_one_line(ItemCode=None, Item=None, **fields))
        assert (rows, faults) == ([], [])


def test_a_line_of_an_item_without_quantity_and_money_is_one_of_text(tmp_path: Path) -> None:
    for fields in ({"LineAmount": 0.0}, {"LineAmount": None}, {"LineAmount": 0, "UnitAmount": 10}):
        rows, faults = got(tmp_path, of_one_line(**{"Quantity": None, "UnitAmount": None, **fields}))
        assert (rows, faults) == ([], [])


def test_a_line_without_an_item_can_be_rejected(tmp_path: Path) -> None:
    rows, faults = got(tmp_path, of_one_line(ItemCode="", Item=None), without_item="rejected")
    assert (rows, [fault.column for fault in faults]) == ([], ["ItemCode"])
    rows, _ = got(tmp_path, of_one_line(ItemCode="", Item=None))
    assert [(row["product_code"], row["charge_category"]) for row in rows] == [("no-item", "one_time")]
    rows, _ = got(tmp_path, of_one_line(ItemCode=None))
    assert [(row["product_code"], row["charge_category"]) for row in rows] == [("EDR", "recurring")]


def test_items_can_be_named_that_are_sold_once(tmp_path: Path) -> None:
    for codes, category in (("HW-1, EDR", "one_time"), ("EDR-2,HW-1", "recurring")):
        rows, _ = got(tmp_path, of_one_line(), one_time_items=codes)
        assert [row["charge_category"] for row in rows] == [category]

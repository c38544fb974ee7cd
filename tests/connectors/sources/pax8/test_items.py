"""Pax8: items of an invoice, their category, money and seats.

Belongs here: single items. Does not: the invoice they are on (``test_documents``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.mapping import MappingError
from tests.connectors.sources.pax8.books import INVOICE, ITEM, mapped


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("recurring", "2", "6")]),
        ({"type": "prorate"}, [("recurring", "2", "6")]),
        ({"term": "Arrears"}, [("usage", "2", "6")]),
        ({"type": "one-time"}, [("one_time", "2", "6")]),
        ({"type": "service-credit", "cost": "-2", "costTotal": "-6"}, [("credit", "-2", "-6")]),
        (
            {"chargeType": "flat", "costTotal": "10"},
            [("recurring", "3.3333333333", "10")],
        ),  # one price, whatever the quantity
        (
            {"type": "rebate", "quantity": None, "cost": None, "costTotal": "-6"},
            [("credit", "-6", "-6")],
        ),  # a lump
        ({"type": "one-time", "cost": None}, [("one_time", "6", "6")]),
        (
            {"type": "one-time", "cost": None, "chargeType": "flat", "costTotal": "10"},
            [("one_time", "3.3333333333", "10")],
        ),
        # the term tells what the type does not
        ({"term": "One-Time"}, [("one_time", "2", "6")]),
        ({"term": "One-time"}, [("one_time", "2", "6")]),
        ({"term": "Activation", "type": "prorate"}, [("one_time", "2", "6")]),
        ({"term": "Rebate", "cost": "-2", "costTotal": "-6"}, [("credit", "-2", "-6")]),
        ({"term": "Trial", "cost": "0", "costTotal": "0"}, [("recurring", "0", "0")]),
        ({"term": "2 Year"}, [("recurring", "2", "6")]),
    ],
)
def test_every_kind_of_item_has_its_category(
    changes: dict[str, Any], expected: list[tuple[str, ...]]
) -> None:
    rows = mapped("vendor_charges", {**ITEM, **changes})
    assert [(row["charge_category"], row["unit_cost"], row["amount"]) for row in rows] == expected


@pytest.mark.parametrize(
    ("changes", "sales_tax", "expected"),
    [
        # the vendor's own example: tax stands beside what is due, and no bill's total of amounts due has it
        ({"amountDue": "6", "salesTax": "0.5"}, "apart", [("recurring", "6"), ("tax", "0.5")]),
        ({"salesTax": "0.5"}, "apart", [("recurring", "6"), ("tax", "0.5")]),
        # where the bill's total has it all the same
        ({"amountDue": "6", "salesTax": "0.5"}, "included", [("recurring", "6"), ("adjustment", "0.5")]),
        (
            {"amountDue": "6.5", "salesTax": "0.5"},
            "apart",
            [("recurring", "6"), ("adjustment", "0.5")],
        ),  # 6 + 0.5 is due
        ({"amountDue": "6.5", "salesTax": "0.5"}, "included", [("recurring", "6"), ("adjustment", "0.5")]),
        (
            {"amountDue": "-6.5", "salesTax": "-0.5", "costTotal": "-6"},
            "apart",
            [("recurring", "-6"), ("adjustment", "-0.5")],
        ),
        (
            {"amountDue": "6.75"},
            "apart",
            [("recurring", "6"), ("adjustment", "0.75")],
        ),  # billed on behalf, for a fee
        # tax and fee: 6 + 0.5 + 0.75 is due; 6 + 0.75, the fee, so that the tax stands beside it; 7 - 6 = 0.5
        # + 0.5
        (
            {"amountDue": "7.25", "salesTax": "0.5", "billingFee": "0.75"},
            "apart",
            [("recurring", "6"), ("adjustment", "0.5"), ("adjustment", "0.75")],
        ),
        (
            {"amountDue": "6.75", "salesTax": "0.5", "billingFee": "0.75"},
            "apart",
            [("recurring", "6"), ("tax", "0.5"), ("adjustment", "0.75")],
        ),
        (
            {"amountDue": "7", "salesTax": "0.5"},
            "apart",
            [("recurring", "6"), ("adjustment", "0.5"), ("adjustment", "0.5")],
        ),
        # a rest that is too small to hold the tax, or goes the other way
        (
            {"amountDue": "6.25", "salesTax": "0.5"},
            "apart",
            [("recurring", "6"), ("tax", "0.5"), ("adjustment", "0.25")],
        ),
        (
            {"amountDue": "5", "salesTax": "0.5"},
            "apart",
            [("recurring", "6"), ("tax", "0.5"), ("adjustment", "-1")],
        ),
    ],
)
def test_what_is_due_is_the_sum_of_all_lines_but_tax_and_no_tax_is_in_two_of_them(
    changes: dict[str, str], sales_tax: str, expected: list[tuple[str, str]]
) -> None:
    rows = mapped("vendor_charges", {**ITEM, **changes}, sales_tax=sales_tax)
    assert [(row["charge_category"], row["amount"]) for row in rows] == expected
    tied = sum(Decimal(str(row["amount"])) for row in rows if row["charge_category"] != "tax")
    due = Decimal(changes.get("amountDue", ITEM["costTotal"]))
    assert tied == (due + Decimal("0.5") if sales_tax == "included" and due == 6 else due)
    # tax and fee of one amount are no duplicate of each other (contract, DUPLICATE_VENDOR_CHARGE: all but the
    # identifiers)
    assert len(
        {tuple(value for name, value in sorted(row.items()) if name != "line_id") for row in rows}
    ) == len(rows)


def unit_days(rows: list[dict[str, str | None]]) -> Decimal:
    days = [
        date.fromisoformat(str(row["charge_period_end"]))
        - date.fromisoformat(str(row["charge_period_start"]))
        for row in rows
    ]
    return sum(
        (Decimal(str(row["quantity"])) * each.days for row, each in zip(rows, days, strict=True)), Decimal(0)
    )


@pytest.mark.parametrize(
    "refund",
    [
        {"quantity": "3", "cost": "2.58", "costTotal": "-7.74"},
        {"quantity": "3", "cost": "-2.58", "costTotal": "-7.74"},
        {"quantity": "-3", "cost": "2.58", "costTotal": "-7.74"},
        {"quantity": "3", "costTotal": "-7.74", "chargeType": "flat", "cost": None},
    ],
)
def test_a_refund_takes_seats_away_however_its_sign_is_written(refund: dict[str, Any]) -> None:
    month = mapped("vendor_charges", {**ITEM, "quantity": "10", "cost": "5", "costTotal": "50"})
    back = mapped("vendor_charges", {**ITEM, "type": "prorate", "startPeriod": "2026-10-16", **refund})
    assert [(row["quantity"], row["unit_cost"], row["amount"]) for row in back] == [("-3", "2.58", "-7.74")]
    assert unit_days(month + back) == 262  # 10 seats for 15 days, 7 for 16; 10 for 31 without the refund


def test_a_credit_of_money_takes_no_seats_away() -> None:
    changes = {"type": "service-credit", "cost": "2", "costTotal": "-6"}
    assert [row["quantity"] for row in mapped("vendor_charges", {**ITEM, **changes})] == ["3"]


@pytest.mark.parametrize("lacking", ["quantity", "cost"])
def test_seats_are_never_made_up(lacking: str) -> None:
    with pytest.raises(MappingError, match=f"{lacking} is missing"):
        mapped("vendor_charges", {**ITEM, lacking: None})


def test_absurd_numbers_are_refused_and_long_ones_keep_their_digits() -> None:
    long = "123456789012345.123456789012345678"  # more digits than decimal arithmetic keeps by default
    amount = "12345678901234567890.123456789012"
    assert mapped("vendor_charges", {**ITEM, "costTotal": amount})[0]["amount"] == amount
    invoice = {
        "id": INVOICE,
        "invoiceDate": "2026-10-05",
        "currencyCode": "USD",
        "carriedBalance": "0.000000000000000001",
    }
    assert (
        mapped("vendor_invoices", {**invoice, "total": long})[0]["invoice_total"]
        == "123456789012345.123456789012345677"
    )
    with pytest.raises(MappingError, match="more digits"):
        mapped("vendor_charges", {**ITEM, "costTotal": "9" * 61})


def test_a_kind_of_item_that_nobody_documents_is_refused_by_name() -> None:
    with pytest.raises(MappingError, match="is no item type Pax8 documents") as caught:
        mapped("vendor_charges", {**ITEM, "type": "gift"})
    assert (caught.value.column, caught.value.value) == ("type", "gift")


def test_numbers_of_more_places_than_are_kept_are_rounded() -> None:
    long = {"type": "prorate", "cost": "4.137931034482759", "costTotal": "12.4137931034482759"}
    (row,) = mapped("vendor_charges", {**ITEM, **long})
    assert (row["quantity"], row["unit_cost"], row["amount"]) == ("3", "4.1379310345", "12.413793103448")
    due = {"amountDue": "12.5000000000000004", "salesTax": None}
    rows = mapped("vendor_charges", {**ITEM, **long, **due})
    assert [(row["charge_category"], row["unit_cost"], row["amount"]) for row in rows][1:] == [
        ("adjustment", "0.0862068966", "0.086206896552")
    ]
    (row,) = mapped("vendor_charges", {**ITEM, "term": "Arrears", "quantity": "3.0000005"})
    assert row["quantity"] == "3.000001"

"""HaloPSA: what a line of an invoice says.

Belongs here: once or again and again, days, seats, amounts, what an invoice says of itself. Does not: lines
of recurring invoices (``test_agreement_lines``).
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.exact_numbers import BINARY
from connectors.mapping import MappingError
from tests.connectors.sources.halopsa.books import ALDER, DOCUMENT, E3, LINE, mapped


def billed(
    settings: dict[str, str] | None = None, **changes: str | None
) -> tuple[list[dict[str, Any]], list[str]]:
    return mapped("invoice_lines", LINE, settings, **changes)


def test_a_line_of_a_recurring_invoice() -> None:
    changes = {"item_shortdescription": "Office 365 E3", "document__duedate": "2026-10-31T00:00:00"}
    [row], noted = billed(**changes)
    assert row == {
        "invoice_line_id": "7001", "invoice_id": "INV-1", "client_id": ALDER, "product_code": E3,
        "quantity": "12", "unit_price": "30", "amount": "360", "currency": "GBP",
        "service_period_start": "2026-10-01", "service_period_end": "2026-11-01",
        "agreement_line_id": "24963", "charge_category": "recurring", "description": "Office 365 E3",
        "invoice_date": "2026-10-01", "due_date": "2026-10-31",
    }  # fmt: skip
    assert noted == []


@pytest.mark.parametrize(
    ("changes", "category", "agreement_line"),
    [
        ({"recurring_invoice_id": "-94"}, "recurring", "24963"),
        ({"recurring_invoice_id": "-1"}, "recurring", "24963"),  # it names a line of one
        ({"recurring_invoice_line_id": "0"}, "recurring", None),
        ({"recurring_invoice_id": "-1", "recurring_invoice_line_id": "0"}, "one_time", None),
        ({"recurring_invoice_id": "0", "recurring_invoice_line_id": None}, "one_time", None),
        ({"recurring_invoice_id": None, "recurring_invoice_line_id": None}, "one_time", None),
        ({"onetimecharge": "true"}, "one_time", None),
        ({"_itemid": "1"}, "one_time", None),
    ],
)
def test_what_is_recurring(changes: dict[str, str | None], category: str, agreement_line: str | None) -> None:
    [row], _ = billed(**changes)
    assert (row["charge_category"], row["agreement_line_id"]) == (category, agreement_line)
    assert row["product_code"] == ("no-item" if changes.get("_itemid") == "1" else E3)


@pytest.mark.parametrize(
    "changes",
    [
        {"document__voided": "true"},
        {"isgroupdesc": "true"},
        {"isinactive": "true"},
        {"_itemid": None, "qty_order": "0", "net_amount": "0"},
    ],
)
def test_what_bills_nothing(changes: dict[str, str | None]) -> None:
    assert billed(**changes) == ([], [])


def test_a_line_of_negative_money_takes_seats_away() -> None:
    for quantity, price in (("2", "30"), ("2", "-30"), ("-2", "30")):
        [row], _ = billed(qty_order=quantity, unit_price=price, net_amount="-60")
        assert (row["quantity"], row["unit_price"], row["amount"]) == ("-2", "30", "-60")


def test_a_moment_counts_on_its_day_where_the_msp_is() -> None:
    def dated(text: str, zone: str) -> str:
        return str(billed({"time_zone": zone}, document__invoice_date=text)[0][0]["invoice_date"])

    # summer time ends in London on 25 October 2026, in New York on 1 November
    assert dated("2026-09-30T23:00:00", "Europe/London") == "2026-10-01"
    assert dated("2026-10-31T23:59:59.987", "Europe/London") == "2026-10-31"
    assert dated("2026-10-01T00:00:00", "America/New_York") == "2026-10-01"
    assert dated("2026-11-01T03:59:00", "America/New_York") == "2026-10-31"
    assert dated("2026-10-31T23:00:00Z", "UTC") == "2026-10-31"
    for zone in ("Nowhere", "../London", "Europe"):
        with pytest.raises(MappingError, match="is no time zone"):
            dated("2026-10-01", zone)


def test_credit_notes_are_noted_and_one_above_zero_is_rejected() -> None:
    credit = {"net_amount": "-60", "document__total": "-72.0", "document__creditlinkedtoinvoiceid": "5001"}
    assert billed(**credit)[1] == ["are of credit notes: they count in the month of their note"]
    assert billed(**credit, onetimecharge="true")[1] == []
    with pytest.raises(MappingError, match="above zero, and of a document that credits an invoice"):
        billed(document__creditlinkedtoinvoiceid="5001")
    assert billed(document__creditlinkedtoinvoiceid="0")[1] == []


# 360.00 for 12 seats and 3 months is 10.00 a month each
def test_an_invoice_for_several_months_has_the_price_of_one() -> None:
    [row], noted = billed(document__period_end_date="2026-12-31T00:00:00")
    assert (row["unit_price"], row["amount"], row["service_period_end"]) == ("10", "360", "2027-01-01")
    assert noted == []


def test_days_that_are_no_whole_months_and_lines_that_are_pro_rata_are_noted() -> None:
    [row], noted = billed(document__period_start_date="2026-10-12T00:00:00")
    assert (row["service_period_start"], row["unit_price"]) == ("2026-10-12", "30")
    assert noted == ["are for days that are no whole months: their price counts as that of a month"]
    assert billed(pro_rata_line_id="5")[1] == [
        "are pro rata and name no days: they count for the whole period of their invoice"
    ]
    assert billed(pro_rata_line_id="0")[1] == []


@pytest.mark.parametrize(("dated", "day"), [("month_before", "2026-09-28"), ("month_after", "2026-11-02")])
def test_an_invoice_without_a_period_is_for_the_month_fetched(dated: str, day: str) -> None:
    changes = {"document__period_start_date": "1899-12-30T00:00:00", "document__invoice_date": day}
    [row], noted = billed({"dated": dated}, **changes)
    assert (row["service_period_start"], row["service_period_end"]) == ("2026-10-01", "2026-11-01")
    assert row["invoice_date"] == day
    assert noted == ["are recurring and of invoices that name no period: they count for the month fetched"]
    assert billed({"dated": dated}, **changes, onetimecharge="true")[1] == []


@pytest.mark.parametrize(
    ("net", "places", "amount"),
    [("37.125", "2", "37.13"), ("-37.125", "2", "-37.13"), ("0.30000000000000004", "2", "0.3"),
     ("37.125", None, "37.125"), ("37.125", "3", "37.125"), ("37.6", "0", "38"),
     ("0.12345678901", "9", "0.12345678901")],
)  # fmt: skip
def test_an_amount_has_the_places_of_its_invoice(net: str, places: str | None, amount: str) -> None:
    [row], noted = billed(net_amount=net, decimalplacesforinvoices=places)
    assert row["amount"] == amount
    assert bool(noted) == (row["amount"] != net)


def test_the_number_that_people_know_comes_before_the_vendor_s_own() -> None:
    assert [billed(document__invoicenumber=text)[0][0]["invoice_id"] for text in ("A-7", "0", "", None)] == [
        "A-7", "5001", "5001", "5001",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"document__invoice_date": "1899-12-30T00:00:00"}, "is no date; give the invoice one"),
        ({"document__invoice_date": None}, "is no date; give the invoice one"),
        ({"document__invoice_date": "soon"}, "is not a date"),
        ({"document__invoice_date": "2026-11-01"}, "is not in the month that was asked for"),
        ({"document__client_id": None}, "document.client_id is missing"),
        ({"net_amount": "much"}, "is not a number"),
        ({"qty_order": None}, "qty_order is missing"),
        ({"id": None}, "id is missing"),
    ],
)
def test_a_line_that_cannot_be_counted_is_rejected(changes: dict[str, str | None], problem: str) -> None:
    with pytest.raises(MappingError, match=problem):
        billed(**changes)


def test_an_invoice_without_lines_must_be_of_nothing() -> None:
    assert mapped("invoice_lines", DOCUMENT, _item=None, document__total="0.0") == ([], [])
    with pytest.raises(MappingError, match=r"is empty, though the invoice is not of 0\.00"):
        mapped("invoice_lines", DOCUMENT, _item=None)


@pytest.mark.parametrize(
    ("revenue", "tally", "is_noted"),
    [("360", "360.004", False), ("360", "359.99", True), ("360", "0", True), (None, "0", False)],
)
def test_lines_that_do_not_make_the_net_sum_of_their_invoice_are_noted(
    revenue: str | None, tally: str, is_noted: bool
) -> None:
    rows, noted = mapped("invoice_lines", DOCUMENT, _item=None, document__revenue=revenue, _tally=tally)
    assert rows == [] and bool(noted) == is_noted


def test_what_binary_arithmetic_left_behind_a_number_is_no_part_of_it() -> None:
    changes = {"qty_order": "3.0000000000000004", "unit_price": "33.300000000000004"}
    [row], noted = billed(**changes, net_amount="99.89999999999999")
    assert (row["quantity"], row["unit_price"], row["amount"]) == ("3", "33.3", "99.9")
    assert noted == [BINARY]

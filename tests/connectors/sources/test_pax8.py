"""Pax8: the conformance suite, and what is peculiar to it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.mapping import MappingError, Native, Reading
from connectors.sources.pax8 import PAX8
from connectors.testing.conformance import SourceConformance, fetch_with, ordered
from connectors.testing.server import serving
from connectors.testing.vendors.pax8 import FakePax8
from tests.connectors.sources.referee import complaints_about, judged, specification

ALDER, BRIGHT = "cc0ac255-7c0b-4123-ac8d-a6c280b85eae", "19e83ea9-41a1-43fc-91a1-6fee03337d91"
E3, DEFENDER = "de4ff8a5-e836-4412-89e7-03236c0641c4", "1810aea9-0c95-421d-a77a-7ebccdfa2f6c"
ENDED = "7597a0fd-f0ec-4547-8a20-fd2d3f311a5c"
INVOICE, SECOND = "17029935-36b0-4f0f-9d5e-c8af04f7b57a", "57328a3c-6e95-493c-ad2f-e33b896378c7"


def charge(
    number: int,
    invoice: str,
    customer: str,
    sku: str,
    quantity: str,
    cost: str,
    amount: str,
    kind: str = "subscription",
) -> dict[str, str]:
    return {
        "line_id": f"aaaaaaaa-0000-4000-8000-{number:012d}",
        "invoice_id": invoice,
        "vendor_customer_id": customer,
        "vendor_customer_name": "Alder & Sons" if customer == ALDER else "Bright Ltd",
        "sku_id": sku,
        "sku_name": "Office E3" if sku == E3 else "Defender",
        "subscription_id": f"bbbbbbbb-0000-4000-8000-{number:012d}",
        "charge_category": "one_time" if kind == "one-time" else "recurring",
        "charge_type": kind,
        "term": "Monthly",
        "quantity": quantity,
        "unit_cost": cost,
        "amount": amount,
        "currency": "USD",
        "charge_period_start": "2026-10-01",
        "charge_period_end": "2026-11-01",
    }


BOOKS = {
    "vendor_invoices": [
        {"invoice_id": INVOICE, "invoice_date": "2026-10-05", "currency": "USD", "invoice_total": "354.5"},
        {"invoice_id": SECOND, "invoice_date": "2026-10-31", "currency": "USD", "invoice_total": "7.25"},
    ],
    "vendor_charges": [
        charge(1, INVOICE, ALDER, E3, "11", "22.5", "247.5"),
        charge(2, INVOICE, BRIGHT, E3, "4", "22.5", "90"),
        charge(3, INVOICE, BRIGHT, DEFENDER, "4", "3", "12"),
        charge(4, INVOICE, ALDER, DEFENDER, "1", "5", "5", "one-time"),
        charge(5, SECOND, ALDER, DEFENDER, "2", "3.625", "7.25"),
    ],
    "license_counts": [
        {
            "vendor_customer_id": customer,
            "sku_id": sku,
            "as_of_date": "2026-10-14",
            "entitled_quantity": quantity,
        }
        for customer, sku, quantity in (
            (ALDER, E3, "11"),
            (BRIGHT, E3, "4"),
            (BRIGHT, DEFENDER, "4"),
            (ALDER, DEFENDER, "2.5"),
            (ALDER, ENDED, "0"),
        )
    ],
}


class TestPax8(SourceConformance):
    spec, vendor, books, hostile = PAX8, FakePax8, BOOKS, "vendor_charges"


def example(name: str) -> Any:
    return json.loads(
        specification(f"pax8/examples/{name}.json").read_text(encoding="utf-8"),
        parse_float=str,
        parse_int=str,
    )


def mapped(dataset: str, record: dict[str, Any], **settings: str) -> list[dict[str, str | None]]:
    native = Native(
        {name: value for name, value in record.items() if value is not None}, PAX8.complete(settings)
    )
    return [dict(row) for row in PAX8.feed(dataset).mapper(native)]


def test_the_vendors_own_example_of_an_invoice_item_maps_to_its_cost_and_its_tax() -> None:
    [item] = example("invoice-items")["content"]
    charge, tax = mapped(
        "vendor_charges", {**item, "_copy": "0", "invoice.id": INVOICE, "invoice.invoiceDate": "2019-04-05"}
    )
    # 11 seats at 2500 are the 27500 that the MSP owes; the customer's price of 50000 (whose total does not
    # fit its subTotal) is not read
    assert (charge["quantity"], charge["unit_cost"], charge["amount"]) == ("11", "2500", "27500")
    assert charge["charge_category"] == "recurring"
    assert (charge["charge_period_start"], charge["charge_period_end"]) == ("2019-04-01", "2019-05-01")
    assert (tax["charge_category"], tax["amount"], tax["invoice_id"]) == ("tax", "2200", INVOICE)
    assert (
        tax["line_id"] == f"{charge['line_id']}-tax" and len(str(charge["line_id"])) == 32
    )  # the example has no id


def test_items_without_id_that_equal_each_other_stay_two() -> None:
    [item] = example("invoice-items")["content"]
    both = [
        mapped("vendor_charges", {**item, "_copy": copy, "invoice.id": INVOICE})[0] for copy in ("0", "1")
    ]
    assert both[0]["line_id"] != both[1]["line_id"]


def test_the_vendors_own_examples_of_invoices_and_subscriptions_load() -> None:
    [row] = mapped("vendor_invoices", example("invoice-0"))
    # 17432960 with 17204372.33 carried over from before
    assert (row["invoice_date"], row["currency"], row["invoice_total"]) == ("2020-09-01", "USD", "228587.67")
    [whole] = mapped("vendor_invoices", example("invoice-0"), carried_balance="apart")
    assert whole["invoice_total"] == "17432960"
    # ten, of which one is void
    assert (
        len([row for each in example("invoices-paged")["content"] for row in mapped("vendor_invoices", each)])
        == 9
    )
    subscriptions = [
        {**each, "_fetched_on": "2026-10-14"} for each in example("subscriptions-paged")["content"]
    ]
    rows = [row for each in subscriptions for row in mapped("license_counts", each)]
    # those that wait to be provisioned are none yet; those that wait to be cancelled still are
    assert {each["status"] for each in subscriptions} >= {"PendingAutomated", "PendingCancel"}
    provisioned = [
        each["quantity"] for each in subscriptions if each["status"] in ("Active", "PendingCancel", "Trial")
    ]
    assert [row["entitled_quantity"] for row in rows] == provisioned


@pytest.mark.parametrize(
    ("start", "end", "rule", "expected"),
    [
        (
            "2019-04-01",
            "2019-05-01",
            "by_example",
            "2019-05-01",
        ),  # the first example of the vendor: exclusive
        ("2025-02-01", "2025-02-28", "by_example", "2025-03-01"),  # the second: inclusive
        ("2026-10-14", "2026-11-14", "by_example", "2026-11-14"),  # an anniversary
        ("2026-10-14", "2026-10-31", "by_example", "2026-11-01"),
        ("2026-10-14", "2026-10-14", "by_example", "2026-10-15"),  # one day
        ("2019-04-01", "2019-05-01", "inclusive", "2019-05-02"),
        ("2025-02-01", "2025-02-28", "exclusive", "2025-02-28"),
    ],
)
def test_both_of_the_vendors_ways_to_end_a_period_are_understood(
    start: str, end: str, rule: str, expected: str
) -> None:
    record = {**ITEM, "startPeriod": start, "endPeriod": end}
    assert mapped("vendor_charges", record, period_end=rule)[0]["charge_period_end"] == expected


ITEM = {
    "id": "aaaaaaaa-0000-4000-8000-000000000001",
    "type": "subscription",
    "invoice.id": INVOICE,
    "companyId": ALDER,
    "productId": E3,
    "quantity": "3",
    "cost": "2",
    "costTotal": "6",
    "currencyCode": "USD",
    "startPeriod": "2026-10-01",
    "endPeriod": "2026-10-31",
}


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


BILL = {"id": INVOICE, "invoiceDate": "2026-10-05", "total": "6", "currencyCode": "USD"}


@pytest.mark.parametrize(
    ("status", "counts"),
    [("Unpaid", 1), ("Paid", 1), ("Carried", 1), ("Nothing Due", 1), (None, 1), ("Void", 0), ("Credited", 0)],
)
def test_an_invoice_that_was_voided_or_credited_in_full_is_no_bill_and_has_no_items(
    status: str | None, counts: int
) -> None:
    assert len(mapped("vendor_invoices", {**BILL, "status": status})) == counts
    assert len(mapped("vendor_charges", {**ITEM, "invoice.status": status})) == counts


def test_a_status_that_nobody_documents_is_refused_by_name() -> None:
    for dataset, record, column in (
        ("vendor_invoices", {**BILL, "status": "Written Off"}, "status"),
        ("vendor_charges", {**ITEM, "invoice.status": "Written Off"}, "invoice.status"),
        ("license_counts", {**SUBSCRIPTION, "status": "Written Off"}, "status"),
    ):
        with pytest.raises(MappingError, match="is no status Pax8 documents") as caught:
            mapped(dataset, record)
        assert (caught.value.column, caught.value.value) == (column, "Written Off")


def test_a_void_invoice_leaves_neither_total_nor_lines(tmp_path: Path) -> None:
    vendor = FakePax8(BOOKS)
    vendor.statuses[SECOND] = "Void"
    with serving(vendor) as server:
        invoices, charges = (
            fetch_with(PAX8, vendor, vendor.settings(server.url), dataset, tmp_path)[1]
            for dataset in ("vendor_invoices", "vendor_charges")
        )
    assert [row["invoice_id"] for row in invoices] == [INVOICE]
    assert [row["invoice_id"] for row in charges] == [INVOICE] * 4


SUBSCRIPTION = {"companyId": ALDER, "productId": E3, "quantity": "3", "_fetched_on": "2026-10-14"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "Active"}, ["3"]),
        ({"status": "Activated"}, ["3"]),
        ({"status": "PendingCancel", "endDate": "2026-10-01"}, ["3"]),  # to be taken away, and not yet
        ({"status": "Trial"}, ["3"]),
        ({"status": "Trial", "endDate": "2026-10-14T08:30:00Z"}, ["3"]),  # its last day
        ({"status": "Trial", "endDate": "2026-10-13"}, ["0"]),  # over, by its end date
        ({"status": "Trial", "endDate": "2026-08-12"}, []),
        ({"status": "Cancelled"}, ["0"]),  # nobody says since when
        ({"status": "Cancelled", "endDate": "2026-10-09T08:30:00Z"}, ["0"]),
        ({"status": "Cancelled", "endDate": "2027-03-01"}, ["0"]),  # ahead of its time
        ({"status": "Cancelled", "endDate": "2026-08-13"}, ["0"]),  # 18 + 30 + 14 = 62 days ago
        ({"status": "Cancelled", "endDate": "2026-08-12"}, []),  # 63
        (
            {"status": "Cancelled", "endDate": "2026-08-12", "updatedDate": "2026-10-02T03:12:14.453-0300"},
            ["0"],
        ),  # taken away late
        ({"status": "Cancelled", "updatedDate": "2026-08-12"}, []),
        ({"status": "Converted", "endDate": "2026-10-09"}, ["0"]),
        ({"status": "Converted", "endDate": "2026-08-12"}, []),
        ({"status": "PendingManual"}, []),
        ({"status": "PendingAutomated"}, []),
        ({"status": "PendingActivation"}, []),
        ({"status": "WaitingForDetails"}, []),
    ],
)
def test_a_subscription_that_ended_counts_0_for_a_while_instead_of_what_it_had(
    changes: dict[str, str], expected: list[str]
) -> None:
    rows = mapped("license_counts", {**SUBSCRIPTION, **changes})
    assert [row["entitled_quantity"] for row in rows] == expected
    assert {row["as_of_date"] for row in rows} <= {"2026-10-14"}


def test_subscriptions_that_wait_for_seats_are_told_of() -> None:
    reading = Reading()
    for status in ("PendingManual", "WaitingForDetails", "Active"):
        list(
            PAX8.feed("license_counts").mapper(
                Native({**SUBSCRIPTION, "status": status}, PAX8.complete({}), reading)
            )
        )
    assert reading.remarks == {"wait to be provisioned and count no seats": 2}


@pytest.mark.parametrize(
    ("dated", "expected"),
    [
        ("month_before", ["2026-09-30"]),
        ("same_month", ["2026-10-01", "2026-10-31"]),
        ("month_after", ["2026-11-01", "2026-11-30"]),
    ],
)
def test_a_months_invoices_are_those_dated_where_the_setting_says(
    dated: str, expected: list[str], tmp_path: Path
) -> None:
    days = ("2026-08-31", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01")
    invoices = [
        {
            **BOOKS["vendor_invoices"][0],
            "invoice_id": f"{n:08d}-0000-4000-8000-000000000000",
            "invoice_date": day,
        }
        for n, day in enumerate(days)
    ]
    charges = [
        {**BOOKS["vendor_charges"][0], "line_id": row["invoice_id"], "invoice_id": row["invoice_id"]}
        for row in invoices
    ]
    vendor = FakePax8({"vendor_invoices": invoices, "vendor_charges": charges})
    with serving(vendor) as server:
        settings = {**vendor.settings(server.url), "dated": dated}
        rows = fetch_with(PAX8, vendor, settings, "vendor_invoices", tmp_path)[1]
        lines = fetch_with(PAX8, vendor, settings, "vendor_charges", tmp_path)[1]
    assert [row["invoice_date"] for row in rows] == expected
    assert [line["invoice_id"] for line in lines] == [row["invoice_id"] for row in rows]


@pytest.mark.parametrize(
    ("dated", "expected"),
    [("same_month", "2026-11-03"), ("month_after", "2026-10-01"), ("month_before", "2026-12-01")],
)
def test_an_item_without_days_is_of_the_month_that_its_invoice_is_for(dated: str, expected: str) -> None:
    record = {**ITEM, "startPeriod": None, "endPeriod": None, "invoice.invoiceDate": "2026-11-03"}
    [row] = mapped("vendor_charges", record, dated=dated)
    assert (row["charge_period_start"], row["charge_period_end"]) == (expected, expected)
    [row] = mapped("vendor_charges", {**ITEM, "invoice.invoiceDate": "2026-11-03"}, dated=dated)
    assert row["charge_period_start"] == "2026-10-01"  # its own


@pytest.mark.parametrize("lacking", ["quantity", "cost"])
def test_seats_are_never_made_up(lacking: str) -> None:
    with pytest.raises(MappingError, match=f"{lacking} is missing"):
        mapped("vendor_charges", {**ITEM, lacking: None})


def test_absurd_numbers_are_refused_and_long_ones_keep_their_digits() -> None:
    long = "123456789012345.123456789012345678"  # more digits than decimal arithmetic keeps by default
    assert mapped("vendor_charges", {**ITEM, "costTotal": long})[0]["amount"] == long
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


def test_the_document_finds_no_fault_with_either_side(tmp_path: Path) -> None:
    document = specification("pax8/pax8-partner-endpoints-openapi.json")
    vendor = FakePax8(BOOKS)
    with serving(vendor) as server, judged(document, vendor, "/v1") as judge:
        settings = {**vendor.settings(server.url), "base_url": judge.url}
        for dataset in PAX8.datasets:
            _, rows = fetch_with(PAX8, vendor, settings, dataset, tmp_path)
            assert ordered(rows) == ordered(BOOKS[dataset])
        assert judge.violations == []
        # the judge is awake: a page size over the documented maximum is a violation of the request
        assert "422" in complaints_about(judge, "/invoices?size=201", Authorization="Bearer x")[0]

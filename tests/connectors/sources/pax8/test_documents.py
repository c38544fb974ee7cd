"""Pax8: invoices and subscriptions as wholes.

Belongs here: statuses, months, and what is still counted. Does not: single items (``test_items``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.mapping import MappingError, Native, Reading
from connectors.sources.pax8 import PAX8
from connectors.testing.fetching import fetch_with
from connectors.testing.server import serving
from connectors.testing.vendors.pax8 import FakePax8
from tests.connectors.sources.pax8.books import ALDER, BOOKS, E3, INVOICE, ITEM, SECOND, mapped

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
    record = {
        **ITEM, "type": "one-time", "startPeriod": None, "endPeriod": None,
        "invoice.invoiceDate": "2026-11-03",
    }  # fmt: skip
    [row] = mapped("vendor_charges", record, dated=dated)
    assert (row["charge_period_start"], row["charge_period_end"]) == (expected, expected)
    [row] = mapped("vendor_charges", {**ITEM, "invoice.invoiceDate": "2026-11-03"}, dated=dated)
    assert row["charge_period_start"] == "2026-10-01"  # its own


@pytest.mark.parametrize(
    ("dated", "expected"),
    [
        ("same_month", ("2026-11-01", "2026-12-01")),
        ("month_after", ("2026-10-01", "2026-11-01")),
        ("month_before", ("2026-12-01", "2027-01-01")),
    ],
)
def test_seats_without_days_are_for_all_of_the_month_that_their_invoice_is_for_and_are_told(
    dated: str, expected: tuple[str, str]
) -> None:
    # in a period of no days they would be no seats
    fields = {**ITEM, "startPeriod": None, "endPeriod": None, "invoice.invoiceDate": "2026-11-03"}
    reading = Reading()
    native = Native(
        {name: value for name, value in fields.items() if value}, PAX8.complete({"dated": dated}), reading
    )
    [row] = PAX8.feed("vendor_charges").mapper(native)
    assert (row["charge_period_start"], row["charge_period_end"]) == expected
    assert list(reading.remarks) == [
        "are recurring and name no period: they count for the month that their invoice is for"
    ]


@pytest.mark.parametrize("missing", ["startPeriod", "endPeriod"])
def test_seats_of_half_a_period_are_rejected(missing: str) -> None:
    with pytest.raises(MappingError, match=f"{missing} is missing"):
        mapped("vendor_charges", {**ITEM, missing: None, "invoice.invoiceDate": "2026-11-03"})
    [row] = mapped("vendor_charges", {**ITEM, "term": "Arrears", "endPeriod": None})
    assert (row["charge_category"], row["charge_period_end"]) == ("usage", "2026-10-01")

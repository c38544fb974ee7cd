"""Pax8: the conformance suite, and what is peculiar to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.distributors.pax8 import PAX8
from connectors.native import MappingError, Native
from connectors.testing.conformance import SourceConformance, fetch_with, ordered
from connectors.testing.server import serving
from connectors.testing.vendors.pax8 import FakePax8

from .referee import complaints_about, judged, specification

ALDER, BRIGHT = "cc0ac255-7c0b-4123-ac8d-a6c280b85eae", "19e83ea9-41a1-43fc-91a1-6fee03337d91"
E3, DEFENDER = "de4ff8a5-e836-4412-89e7-03236c0641c4", "1810aea9-0c95-421d-a77a-7ebccdfa2f6c"
INVOICE, SECOND = "17029935-36b0-4f0f-9d5e-c8af04f7b57a", "57328a3c-6e95-493c-ad2f-e33b896378c7"


def charge(
    number: int, invoice: str, customer: str, sku: str, quantity: str, cost: str, amount: str, kind: str = "subscription"
) -> dict[str, str]:
    return {
        "line_id": f"aaaaaaaa-0000-4000-8000-{number:012d}", "invoice_id": invoice, "vendor_customer_id": customer,
        "vendor_customer_name": "Alder & Sons" if customer == ALDER else "Bright Ltd", "sku_id": sku,
        "sku_name": "Office E3" if sku == E3 else "Defender", "subscription_id": f"bbbbbbbb-0000-4000-8000-{number:012d}",
        "charge_category": "one_time" if kind == "one-time" else "recurring", "charge_type": kind, "term": "Monthly",
        "quantity": quantity, "unit_cost": cost, "amount": amount, "currency": "USD",
        "charge_period_start": "2026-10-01", "charge_period_end": "2026-11-01",
    }  # fmt: skip


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
        {"vendor_customer_id": customer, "sku_id": sku, "as_of_date": "2026-10-14", "entitled_quantity": quantity}
        for customer, sku, quantity in ((ALDER, E3, "11"), (BRIGHT, E3, "4"), (BRIGHT, DEFENDER, "4"), (ALDER, DEFENDER, "2.5"))
    ],
}


class TestPax8(SourceConformance):
    spec, vendor, books, hostile = PAX8, FakePax8, BOOKS, "vendor_charges"


def example(name: str) -> Any:
    return json.loads(specification(f"pax8/examples/{name}.json").read_text(encoding="utf-8"), parse_float=str, parse_int=str)


def mapped(dataset: str, record: dict[str, Any], **settings: str) -> list[dict[str, str | None]]:
    native = Native({name: value for name, value in record.items() if value is not None}, PAX8.complete(settings))
    return [dict(row) for row in PAX8.feed(dataset).mapper(native)]


def test_the_vendors_own_example_of_an_invoice_item_maps_to_its_cost_and_its_tax() -> None:
    [item] = example("invoice-items")["content"]
    charge, tax = mapped("vendor_charges", {**item, "_copy": "0", "invoice.id": INVOICE, "invoice.invoiceDate": "2019-04-05"})
    # 11 seats at 2500 are the 27500 that the MSP owes; the customer's price of 50000 (whose total does not fit its subTotal) is not read
    assert (charge["quantity"], charge["unit_cost"], charge["amount"]) == ("11", "2500", "27500")
    assert charge["charge_category"] == "recurring"
    assert (charge["charge_period_start"], charge["charge_period_end"]) == ("2019-04-01", "2019-05-01")
    assert (tax["charge_category"], tax["amount"], tax["invoice_id"]) == ("tax", "2200", INVOICE)
    assert tax["line_id"] == f"{charge['line_id']}-tax" and len(str(charge["line_id"])) == 32  # the example has no id


def test_items_without_id_that_equal_each_other_stay_two() -> None:
    [item] = example("invoice-items")["content"]
    both = [mapped("vendor_charges", {**item, "_copy": copy, "invoice.id": INVOICE})[0] for copy in ("0", "1")]
    assert both[0]["line_id"] != both[1]["line_id"]


def test_the_vendors_own_examples_of_invoices_and_subscriptions_load() -> None:
    [row] = mapped("vendor_invoices", example("invoice-0"))
    # 17432960 with 17204372.33 carried over from before
    assert (row["invoice_date"], row["currency"], row["invoice_total"]) == ("2020-09-01", "USD", "228587.67")
    [whole] = mapped("vendor_invoices", example("invoice-0"), carried_balance="apart")
    assert whole["invoice_total"] == "17432960"
    assert len([row for each in example("invoices-paged")["content"] for row in mapped("vendor_invoices", each)]) > 1
    subscriptions = [{**each, "_fetched_on": "2026-10-14"} for each in example("subscriptions-paged")["content"]]
    rows = [row for each in subscriptions for row in mapped("license_counts", each)]
    # those that wait to be provisioned are none yet; those that wait to be cancelled still are
    assert {each["status"] for each in subscriptions} >= {"PendingAutomated", "PendingCancel"}
    provisioned = [each["quantity"] for each in subscriptions if each["status"] in ("Active", "PendingCancel", "Trial")]
    assert [row["entitled_quantity"] for row in rows] == provisioned


@pytest.mark.parametrize(
    ("start", "end", "rule", "expected"),
    [
        ("2019-04-01", "2019-05-01", "by_example", "2019-05-01"),  # the first example of the vendor: exclusive
        ("2025-02-01", "2025-02-28", "by_example", "2025-03-01"),  # the second: inclusive
        ("2026-10-14", "2026-11-14", "by_example", "2026-11-14"),  # an anniversary
        ("2026-10-14", "2026-10-31", "by_example", "2026-11-01"),
        ("2026-10-14", "2026-10-14", "by_example", "2026-10-15"),  # one day
        ("2019-04-01", "2019-05-01", "inclusive", "2019-05-02"),
        ("2025-02-01", "2025-02-28", "exclusive", "2025-02-28"),
    ],
)
def test_both_of_the_vendors_ways_to_end_a_period_are_understood(start: str, end: str, rule: str, expected: str) -> None:
    record = {**ITEM, "startPeriod": start, "endPeriod": end}
    assert mapped("vendor_charges", record, period_end=rule)[0]["charge_period_end"] == expected


ITEM = {
    "id": "aaaaaaaa-0000-4000-8000-000000000001", "type": "subscription", "invoice.id": INVOICE, "companyId": ALDER, "productId": E3,
    "quantity": "3", "cost": "2", "costTotal": "6", "currencyCode": "USD", "startPeriod": "2026-10-01", "endPeriod": "2026-10-31",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("recurring", "2", "6")]),
        ({"type": "prorate"}, [("recurring", "2", "6")]),
        ({"term": "Arrears"}, [("usage", "2", "6")]),
        ({"type": "one-time"}, [("one_time", "2", "6")]),
        ({"type": "service-credit", "cost": "-2", "costTotal": "-6"}, [("credit", "-2", "-6")]),
        ({"chargeType": "flat", "costTotal": "10"}, [("recurring", "3.3333333333", "10")]),  # one price, whatever the quantity
        ({"amountDue": "6", "salesTax": "0.5"}, [("recurring", "2", "6"), ("tax", "0.5", "0.5")]),
        ({"amountDue": "6.5", "salesTax": "0.5"}, [("recurring", "2", "6"), ("tax", "0.5", "0.5")]),  # the tax is in what is due
        ({"amountDue": "6.75"}, [("recurring", "2", "6"), ("adjustment", "0.75", "0.75")]),  # billed on behalf, for a fee
    ],
)
def test_every_kind_of_item_has_its_category_and_adds_up_to_what_is_due(changes: dict[str, str], expected: list[tuple[str, ...]]) -> None:
    rows = mapped("vendor_charges", {**ITEM, **changes})
    assert [(row["charge_category"], row["unit_cost"], row["amount"]) for row in rows] == expected


def test_absurd_numbers_are_refused_and_long_ones_keep_their_digits() -> None:
    long = "123456789012345.123456789012345678"  # more digits than decimal arithmetic keeps by default
    assert mapped("vendor_charges", {**ITEM, "costTotal": long})[0]["amount"] == long
    invoice = {"id": INVOICE, "invoiceDate": "2026-10-05", "currencyCode": "USD", "carriedBalance": "0.000000000000000001"}
    assert mapped("vendor_invoices", {**invoice, "total": long})[0]["invoice_total"] == "123456789012345.123456789012345677"
    with pytest.raises(MappingError, match="more digits"):
        mapped("vendor_charges", {**ITEM, "costTotal": "9" * 61})


def test_a_kind_of_item_that_nobody_documents_is_refused_by_name() -> None:
    with pytest.raises(MappingError, match="is no item type Pax8 documents") as caught:
        mapped("vendor_charges", {**ITEM, "type": "gift"})
    assert (caught.value.column, caught.value.value) == ("type", "gift")


def test_prism_finds_no_fault_with_either_side(tmp_path: Path) -> None:
    document = specification("pax8/pax8-partner-endpoints-openapi.json")
    vendor = FakePax8(BOOKS)
    with serving(vendor) as server, judged(document, f"{server.url}/v1", tmp_path) as judge:
        settings = {**vendor.settings(server.url), "base_url": judge.url}
        for dataset in PAX8.datasets:
            _, rows = fetch_with(PAX8, vendor, settings, dataset, tmp_path)
            assert ordered(rows) == ordered(BOOKS[dataset])
        assert judge.violations == []
        # the judge is awake: a page size over the documented maximum is a violation of the request
        assert "422" in complaints_about(judge, "/invoices?size=201", Authorization="Bearer x")[0]

"""Pax8: the conformance suite, and the vendor's own examples.

Belongs here: what the vendor publishes of its answers. Does not: items of an invoice (``test_items``),
invoices and subscriptions (``test_documents``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.pax8 import PAX8
from connectors.testing.conformance import SourceConformance
from connectors.testing.fetching import fetch_with, ordered
from connectors.testing.server import serving
from connectors.testing.vendors.pax8 import FakePax8
from tests.connectors.sources.pax8.books import BESIDE, BOOKS, INVOICE, ITEM, mapped
from tests.connectors.sources.referee import complaints_about, judged, specification


class TestPax8(SourceConformance):
    spec, vendor, books, hostile = PAX8, FakePax8, BOOKS, "vendor_charges"
    beside = BESIDE


def example(name: str) -> Any:
    return json.loads(
        specification(f"pax8/examples/{name}.json").read_text(encoding="utf-8"),
        parse_float=str,
        parse_int=str,
    )


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
        # an anniversary on the 31st, in months that have none: a month each, and no day twice
        ("2026-10-31", "2026-11-30", "by_example", "2026-11-30"),
        ("2027-01-31", "2027-02-28", "by_example", "2027-02-28"),
        ("2027-02-28", "2027-03-31", "by_example", "2027-03-31"),
        ("2028-02-29", "2029-02-28", "by_example", "2029-02-28"),
        ("2027-01-31", "2027-02-27", "by_example", "2027-02-28"),
        ("2026-10-30", "2026-11-30", "by_example", "2026-11-30"),
        ("2026-10-31", "2026-10-31", "by_example", "2026-11-01"),  # one day
        ("2019-04-01", "2019-05-01", "inclusive", "2019-05-02"),
        ("2025-02-01", "2025-02-28", "exclusive", "2025-02-28"),
    ],
)
def test_both_of_the_vendors_ways_to_end_a_period_are_understood(
    start: str, end: str, rule: str, expected: str
) -> None:
    record = {**ITEM, "startPeriod": start, "endPeriod": end}
    assert mapped("vendor_charges", record, period_end=rule)[0]["charge_period_end"] == expected


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

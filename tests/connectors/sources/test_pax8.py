"""Pax8: the conformance suite, and what is peculiar to it."""

from __future__ import annotations

from pathlib import Path

from connectors.distributors.pax8 import PAX8
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

"""Books of a HaloPSA as the tests change them, and what comes out of them.

Belongs here: records and fetches that several test files share. Does not: expectations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.fetch_feed import Fetched
from connectors.mapping import Native, Reading
from connectors.sources.halopsa.declaration import HALOPSA
from connectors.testing.fetching import Rows, fetch
from connectors.testing.vendors.halopsa import FakeHaloPSA

ALDER, BRIGHT, CEDAR, DUNE = "12", "31", "47", "50"
E3, EDR, HELP = "783", "1394", "1402"


def agreed(
    number: str, agreement: str, client: str, item: str, quantity: str, price: str, start: str, end: str = ""
) -> dict[str, str]:
    return {
        "agreement_line_id": number, "agreement_id": agreement, "client_id": client, "product_code": item,
        "quantity": quantity, "unit_price": price, "currency": "EUR" if client == BRIGHT else "GBP",
        "effective_start": start, "effective_end": end,
    }  # fmt: skip


def billed(
    number: str, invoice: str, client: str, item: str, quantity: str, price: str, amount: str,
    agreed: str = "", month: str = "10", dated: str = "2026-10-01",
) -> dict[str, str]:  # fmt: skip
    ends = {"09": "2026-10-01", "10": "2026-11-01", "11": "2026-12-01"}
    return {
        "invoice_line_id": number, "invoice_id": invoice, "client_id": client, "product_code": item,
        "quantity": quantity, "unit_price": price, "amount": amount,
        "currency": "EUR" if client == BRIGHT else "GBP", "service_period_start": f"2026-{month}-01",
        "service_period_end": ends[month], "agreement_line_id": agreed,
        "charge_category": "recurring" if agreed else "one_time", "description": f"line {number}",
        "invoice_date": dated, "due_date": "2026-12-15",
    }  # fmt: skip


def sold(code: str, name: str, price: str = "", backed: bool = True) -> dict[str, str]:
    row = {"product_code": code, "product_name": name, "vendor_backed": "true" if backed else "false"}
    return {**row, "default_unit_price": price, "currency": "GBP"} if price else row


BOOKS = {
    "clients": [
        {"client_id": ALDER, "client_name": "Alder & Sons", "status": "active"},
        {"client_id": BRIGHT, "client_name": "Bright Ltd", "status": "active"},
        {"client_id": CEDAR, "client_name": "Cedar Trust", "status": "active"},
        {"client_id": DUNE, "client_name": "Dune (gone)", "status": "inactive"},
        {"client_id": "51", "client_name": "Elm & Oak", "status": "active"},
    ],
    "products": [
        sold("no-item", "Lines without an item", backed=False),
        sold(E3, "Office 365 E3", "30"),
        sold(EDR, "Endpoint protection", "4.125"),
        sold(HELP, "Help desk, per person", "45.5", backed=False),
        sold("1500", "Cables"),
        sold("1501", "Firewall"),
    ],
    "agreements": [
        agreed("24963", "-94", ALDER, E3, "12", "30", "2026-01-01"),
        agreed("24964", "-94", ALDER, EDR, "20", "4.125", "2026-02-15", "2026-10-11"),
        agreed("24965", "-94", ALDER, HELP, "12", "45.5", "2025-01-01"),
        agreed("24970", "-95", BRIGHT, E3, "2.5", "28", "2026-10-01"),
        agreed("24971", "-96", CEDAR, E3, "3", "30", "2026-10-01"),
        agreed("24972", "-97", DUNE, EDR, "1", "4.125", "2026-10-01"),
        agreed("24973", "-98", "51", EDR, "9", "4.125", "2026-10-01"),
    ],
    "invoice_lines": [
        billed("7001", "INV-1", ALDER, E3, "12", "30", "360", "24963"),
        billed("7002", "INV-1", ALDER, EDR, "20", "4.125", "82.5", "24964"),
        billed("7003", "INV-1", ALDER, HELP, "12", "45.5", "546", "24965"),
        billed("7004", "INV-1", ALDER, "no-item", "3", "80", "240"),
        billed("7005", "INV-2", BRIGHT, E3, "2.5", "28", "70", "24970", dated="2026-10-31"),
        billed("7006", "INV-3", CEDAR, E3, "-1", "30", "-30", "24971"),
        billed("7007", "INV-4", CEDAR, "1500", "2", "9.99", "19.98", dated="2026-10-15"),
        billed("7008", "INV-5", "51", EDR, "9", "4.125", "37.13", "24973"),
    ],
}  # fmt: skip
BESIDE = {
    "invoice_lines": [
        billed("6999", "INV-0", ALDER, E3, "7", "1", "7", "24963", "09", "2026-09-30"),
        billed("7999", "INV-9", ALDER, E3, "7", "1", "7", "24963", "11", "2026-11-01"),
    ]
}

DOCUMENT = {
    "document.id": "5001", "document.invoicenumber": "INV-1", "document.client_id": ALDER,
    "document.currency_code": "1", "document.currency_conversion_rate": "1.0", "document.total": "432.0",
    "document.invoice_date": "2026-10-01T00:00:00", "document.period_start_date": "2026-10-01T00:00:00",
    "document.period_end_date": "2026-10-31T00:00:00", "_period": "2026-10", "_item": "1",
}  # fmt: skip
LINE = {
    **DOCUMENT, "id": "7001", "_itemid": E3, "qty_order": "12.0", "unit_price": "30.0", "net_amount": "360.0",
    "recurring_invoice_id": "-94", "recurring_invoice_line_id": "24963",
}  # fmt: skip
AGREED = {
    **LINE, "document.id": "-94", "document.period": "2", "id": "24963", "recurring_invoice_id": "-1",
    "recurring_invoice_line_id": "0",
}  # fmt: skip
SETTINGS = {"instance": "acme", "currencies": "GBP, 2=EUR"}


def mapped(
    dataset: str, record: dict[str, str], settings: dict[str, str] | None = None, **changes: str | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the canonical rows of a record with changes (``document__x`` is ``document.x``), and what is
    noted of it.
    """
    changed = {name.replace("__", "."): value for name, value in changes.items()}
    fields = {name: value for name, value in {**record, **changed}.items() if value is not None}
    reading = Reading()
    native = Native(fields, HALOPSA.complete({**SETTINGS, **(settings or {})}), reading)
    rows = [dict(row) for row in HALOPSA.feed(dataset).mapper(native)]
    return rows, list(reading.remarks.elements())


def fetched(vendor: FakeHaloPSA, dataset: str, folder: Path) -> tuple[Fetched, Rows]:
    return fetch(HALOPSA, vendor, dataset, folder)

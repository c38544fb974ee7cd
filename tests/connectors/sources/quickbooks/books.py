"""Books of a QuickBooks Online company as the tests change them, and what comes out of them.

Belongs here: records and fetches that several test files share. Does not: expectations.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS
from connectors.fetch_feed import facts, open_walk, write_feed
from connectors.registry import CONNECTORS
from connectors.sources.quickbooks.online import QUICKBOOKS
from connectors.testing.fetching import TODAY, opened
from connectors.testing.server import serving
from connectors.testing.vendors.quickbooks import FakeQuickBooks


def line(
    identity: str,
    invoice: str,
    client: str,
    item: str,
    quantity: str,
    price: str,
    amount: str,
    currency: str = "USD",
    month: tuple[str, str] = ("2026-10-01", "2026-11-01"),
) -> dict[str, str]:
    return {
        "invoice_line_id": identity,
        "invoice_id": invoice,
        "client_id": client,
        "product_code": item,
        "quantity": quantity,
        "unit_price": price,
        "amount": amount,
        "currency": currency,
        "service_period_start": month[0],
        "service_period_end": month[1],
        "charge_category": "one_time" if item == "no-item" else "recurring",
    }


BOOKS = {
    "clients": [
        {"client_id": "1", "client_name": "Alder & Sons", "status": "active"},
        {"client_id": "2", "client_name": "Bright Ltd", "status": "active"},
        {"client_id": "58", "client_name": "Bright Ltd:North site", "status": "active"},
        {"client_id": "7", "client_name": "Dune (deleted)", "status": "inactive"},
    ],
    "products": [
        {"product_code": "no-item", "product_name": "Lines without an item", "vendor_backed": "false"},
        {
            "product_code": "19",
            "product_name": "Licences:Office E3",
            "default_unit_price": "33.1234",
            "currency": "USD",
        },
        {
            "product_code": "20",
            "product_name": "Endpoint protection",
            "default_unit_price": "4.5",
            "currency": "USD",
        },
        {"product_code": "21", "product_name": "Without a price"},
        {"product_code": "22", "product_name": "Hours", "default_unit_price": "120", "currency": "USD"},
    ],
    "invoice_lines": [
        line("130-1", "1040", "1", "19", "11", "33.1234", "364.36"),
        line("130-2", "1040", "1", "20", "11", "4.5", "49.5"),
        line("131-1", "1041", "2", "19", "4.5", "33.1234", "149.06"),
        line("131-2", "1041", "2", "no-item", "-1", "10", "-10"),  # a discount on the whole invoice
        line("132-1", "1042", "2", "no-item", "1", "12.5", "12.5"),  # shipping
        line("133-1", "1043", "1", "20", "1", "4.5", "4.5", "EUR"),
        line("134-1", "1044", "58", "20", "4", "4.5", "18"),
        line("credit-140-1", "1060", "2", "20", "-1", "4.5", "-4.5"),
        line("credit-140-2", "1060", "2", "20", "-1", "4.5", "-4.5"),
    ],
}

_SEPTEMBER, _NOVEMBER = ("2026-09-01", "2026-10-01"), ("2026-11-01", "2026-12-01")
BESIDE = {
    "invoice_lines": [
        line("120-1", "1031", "1", "20", "2", "4.5", "9", month=_SEPTEMBER),  # of 30 September
        line("150-1", "1050", "1", "20", "3", "4.5", "13.5", month=_NOVEMBER),  # of 1 November
        line("credit-121-1", "1033", "1", "20", "-1", "4.5", "-4.5", month=_SEPTEMBER),
        line("credit-151-1", "1052", "1", "20", "-1", "4.5", "-4.5", month=_NOVEMBER),
    ]
}


def got(
    folder: Path,
    vendor: FakeQuickBooks,
    dataset: str = "invoice_lines",
    period: str = "2026-10",
    **settings: str,
) -> tuple[list[dict[str, Any]], list[Any], list[str]]:
    """Rows as they come, faults and warnings: fetched with settings beside the fake vendor's own."""
    with serving(vendor) as server:
        known = QUICKBOOKS.complete({**vendor.settings(server.url), **settings})
        path = folder / "landed.jsonl.gz"
        with opened(QUICKBOOKS, vendor, known) as client:
            known_facts = facts(known, date.fromisoformat(f"{period}-01"), TODAY)
            write_feed(path, open_walk(client, QUICKBOOKS, known_facts), QUICKBOOKS.feed(dataset))
    records = CONNECTORS["quickbooks"].open(path, DATASETS[dataset], known)
    rows = [
        {name: value for name, value in row.items() if not name.startswith("_")}
        for batch in records.batches()
        for row in batch.to_pylist()
    ]
    return rows, records.faults, records.warnings


def sold(item: str | None, amount: float | None, identity: str | None = "1", **detail: Any) -> dict[str, Any]:
    """A line of an item; None leaves a field out."""
    found = {"ItemRef": None if item is None else {"value": item}, **detail}
    line = {"Id": identity, "Amount": amount, "DetailType": "SalesItemLineDetail"}
    return {
        **{name: value for name, value in line.items() if value is not None},
        "SalesItemLineDetail": {name: value for name, value in found.items() if value is not None},
    }


def of_lines(
    *lines: dict[str, Any], total: float, tax: float = 0, memo: bool = False, **fields: Any
) -> FakeQuickBooks:
    """A QuickBooks of one document of these lines, with its total and tax as it states them."""
    vendor = FakeQuickBooks({**BOOKS, "invoice_lines": [BOOKS["invoice_lines"][-1 if memo else 0]]})
    document = vendor.entities["CreditMemo" if memo else "Invoice"][0]
    document |= {"Line": list(lines), "TotalAmt": total, "TxnTaxDetail": {"TotalTax": tax}, **fields}
    return vendor


def money(rows: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    return [(row["product_code"], row["quantity"], row["unit_price"], row["amount"]) for row in rows]

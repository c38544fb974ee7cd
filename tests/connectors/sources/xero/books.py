"""Books of a Xero organisation as the tests change them, and what comes out of them.

Belongs here: records and fetches that several test files share. Does not: expectations.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS
from connectors.fetch_feed import facts, open_walk, write_feed
from connectors.registry import CONNECTORS
from connectors.sources.xero import XERO
from connectors.testing.fetching import TODAY, opened
from connectors.testing.server import serving
from connectors.testing.vendors.xero import FakeXero

ALDER, BRIGHT = "a3675fc4-f8dd-4f03-ba5b-f1870566bcd7", "430fa14a-f945-44d3-9f97-5df5e28441b8"


NOTE = "249f15fa-f2a7-4acc-8769-0984103f2225"


def line(
    number: int,
    invoice: str,
    client: str,
    item: str,
    quantity: str,
    price: str,
    amount: str,
    currency: str = "NZD",
) -> dict[str, str]:
    is_credit = quantity.startswith("-")
    return {
        "invoice_line_id": f"{NOTE}-{number}" if is_credit else f"aaaaaaaa-0000-4000-8000-{number:012d}",
        "invoice_id": invoice,
        "client_id": client,
        "product_code": item,
        "quantity": quantity,
        "unit_price": price,
        "amount": amount,
        "currency": currency,
        "service_period_start": "2026-10-01",
        "service_period_end": "2026-11-01",
        "charge_category": "one_time" if item == "no-item" else "recurring",
    }


BOOKS = {
    "clients": [
        {"client_id": ALDER, "client_name": "Alder & Sons", "status": "active"},
        {"client_id": BRIGHT, "client_name": "Bright Ltd", "status": "active"},
        {
            "client_id": "5cc8cf28-567e-4d43-b287-687cfcaec47c",
            "client_name": "Cedar Trust",
            "status": "active",
        },
        {
            "client_id": "3ec601ad-eddc-4ccb-a8ac-736e88293b1b",
            "client_name": "Dune (gone)",
            "status": "inactive",
        },
    ],
    "products": [
        {"product_code": "no-item", "product_name": "Lines without an item", "vendor_backed": "false"},
        {
            "product_code": "M365-E3",
            "product_name": "Office E3",
            "default_unit_price": "33.1234",
            "currency": "NZD",
        },
        {
            "product_code": "EDR",
            "product_name": "Endpoint protection",
            "default_unit_price": "4.5",
            "currency": "NZD",
        },
        {"product_code": "MISC", "product_name": "Without a price"},
    ],
    "invoice_lines": [
        line(1, "INV-0101", ALDER, "M365-E3", "11", "33.1234", "364.36"),
        line(2, "INV-0101", ALDER, "EDR", "11", "4.5", "49.5"),
        line(3, "INV-0102", BRIGHT, "M365-E3", "4.5", "33.1234", "149.06"),
        line(4, "INV-0103", BRIGHT, "no-item", "2.5", "120", "300"),
        line(5, "INV-0104", ALDER, "EDR", "1", "4.5", "4.5", "USD"),
        line(6, "INV-0105", BRIGHT, "EDR", "4", "4.5", "18"),
        line(1, "CN-0007", BRIGHT, "EDR", "-1", "4.5", "-4.5"),
        # an equal line: no LineItemID tells it from the first
        line(2, "CN-0007", BRIGHT, "EDR", "-1", "4.5", "-4.5"),
    ],
}


def got(
    folder: Path, vendor: FakeXero, dataset: str = "invoice_lines", period: str = "2026-10", **settings: str
) -> tuple[list[dict[str, Any]], list[Any]]:
    """Rows as they come, and faults: fetched with settings beside the fake vendor's own."""
    with serving(vendor) as server:
        known = XERO.complete({**vendor.settings(server.url), **settings})
        path = folder / "landed.jsonl.gz"
        with opened(XERO, vendor, known) as client:
            known_facts = facts(known, date.fromisoformat(f"{period}-01"), TODAY)
            write_feed(path, open_walk(client, XERO, known_facts), XERO.feed(dataset))
        records = CONNECTORS["xero"].open(path, DATASETS[dataset], known)
        rows = [row for batch in records.batches() for row in batch.to_pylist()]
        return [
            {name: value for name, value in row.items() if not name.startswith("_")} for row in rows
        ], records.faults


def of_one_line(types: str | None = None, note: bool = False, **fields: Any) -> FakeXero:
    """A Xero of one document of one line, with these fields changed; None takes one away."""
    vendor = FakeXero({**BOOKS, "invoice_lines": [BOOKS["invoice_lines"][6 if note else 1]]})
    document = (vendor.credit_notes if note else vendor.invoices)[0]
    document["LineAmountTypes"] = types or document["LineAmountTypes"]
    document["LineItems"][0] |= fields
    document["LineItems"][0] = {
        name: value for name, value in document["LineItems"][0].items() if value is not None
    }
    return vendor


def money(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(row["quantity"], row["unit_price"], row["amount"]) for row in rows]


def landed(line: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("Quantity", "UnitAmount", "LineAmount"), line, strict=True))

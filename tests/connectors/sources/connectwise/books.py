"""Books of a ConnectWise PSA as the tests change them, and what comes out of them.

Belongs here: records and fetches that several test files share. Does not: expectations.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.datasets import DATASETS
from connectors.registry import connector_of
from connectors.sources.connectwise import CONNECTWISE
from connectors.testing.fetching import Rows, fetch, fetch_with
from connectors.testing.server import Asked, Reply, serving
from connectors.testing.vendors.connectwise import FakeConnectWise


def agreed(
    number: int,
    agreement: str,
    client: str,
    product: str,
    quantity: str,
    price: str,
    start: str,
    end: str = "",
) -> dict[str, str]:
    return {
        "agreement_line_id": str(number),
        "agreement_id": agreement,
        "client_id": client,
        "product_code": product,
        "quantity": quantity,
        "unit_price": price,
        "currency": "EUR" if client == "Alder" else "USD",
        "effective_start": start,
        "effective_end": end,
    }


def billed(
    number: str, invoice: str, client: str, product: str, quantity: str, price: str, amount: str, kind: str
) -> dict[str, str]:
    return {
        "invoice_line_id": number,
        "invoice_id": invoice,
        "client_id": client,
        "product_code": product,
        "quantity": quantity,
        "unit_price": price,
        "amount": amount,
        "currency": "EUR" if client == "Alder" else "USD",
        "charge_category": kind,
        "service_period_start": "2026-10-01",
        "service_period_end": "2026-11-01",
    }


def product(code: str, name: str, own: bool = False, price: str = "") -> dict[str, str]:
    return {
        "product_code": code,
        "product_name": name,
        "vendor_backed": "false" if own else "true",
        "default_unit_price": price,
        "currency": "USD",
    }


BOOKS = {
    "clients": [
        {"client_id": "Alder", "client_name": "Alder & Sons", "status": "active"},
        {"client_id": "Bright", "client_name": "Bright Ltd", "status": "active"},
        {"client_id": "Cedar", "client_name": "Cedar", "status": "inactive"},
        {"client_id": "Dogwood", "client_name": "Dogwood Inc", "status": "active"},
    ],
    "products": [
        product("O365-E3", "Office 365 E3", price="30"),
        product("EDR", "Endpoint protection", price="4.125"),
        product("HELPDESK", "Help token_endpoint, per person", own=True, price="45.5"),
        product("OTHER", "Lookup the products", own=True),
    ],
    "agreements": [
        agreed(9001, "501", "Alder", "O365-E3", "12", "30", "2026-01-01"),
        agreed(9002, "501", "Alder", "EDR", "20", "4.125", "2026-02-15", "2026-10-11"),
        agreed(9003, "501", "Alder", "HELPDESK", "12", "45.5", "2025-01-01"),
        agreed(9004, "501", "Alder", "EDR", "22", "4.125", "2026-10-11"),
        agreed(9005, "502", "Bright", "O365-E3", "2.5", "28", "2026-10-01"),
    ],
    "invoice_lines": [
        billed("7001", "3301", "Alder", "O365-E3", "12", "30", "360", "recurring"),
        billed("7002", "3301", "Alder", "EDR", "10", "4.125", "41.25", "recurring"),
        billed("7003", "3301", "Alder", "EDR", "12", "4.125", "49.5", "recurring"),
        billed("7004", "3301", "Alder", "HELPDESK", "12", "45.5", "546", "recurring"),
        billed("3301-rest", "3301", "Alder", "OTHER", "1", "100", "100", "one_time"),
        billed("7005", "3302", "Bright", "O365-E3", "2.5", "28", "70", "recurring"),
        billed("7006", "3303", "Bright", "EDR", "1", "199.9", "199.9", "one_time"),
        billed("3303-rest", "3303", "Bright", "OTHER", "1", "-12.34", "-12.34", "one_time"),
    ],
}


def landed(
    folder: Path, dataset: str, patches: dict[tuple[str, int], dict[str, Any]], **settings: str
) -> Rows:
    """Fetch a dataset after changing the vendor's records."""
    vendor = FakeConnectWise(BOOKS)
    vendor.patches = patches
    with serving(vendor) as server:
        vendor.address = server.url
        return fetch_with(CONNECTWISE, vendor, {**vendor.settings(server.url), **settings}, dataset, folder)[
            1
        ]


def faults(
    folder: Path, dataset: str, patches: dict[tuple[str, int], dict[str, Any]], **settings: str
) -> list[tuple[str, str | None]]:
    """Fetch a dataset after changing the vendor's records, and return the columns and values that are
    rejected.
    """
    with pytest.raises(AssertionError):
        landed(folder, dataset, patches, **settings)
    known = CONNECTWISE.complete({**FakeConnectWise(BOOKS).settings("http://127.0.0.1"), **settings})
    file = connector_of(CONNECTWISE).open(folder / f"{dataset}.jsonl.gz", DATASETS[dataset], known)
    assert list(file.batches())
    return [(str(fault.column), fault.value) for fault in file.faults]


def on_retry(folder: Path, patches: dict[tuple[str, int], dict[str, Any]], **settings: str) -> list[str]:
    """Fetch the lines of invoices after changing the vendor's records, and return what people are told of
    them.
    """
    landed(folder, "invoice_lines", patches, **settings)
    known = CONNECTWISE.complete({**FakeConnectWise(BOOKS).settings("http://127.0.0.1"), **settings})
    file = connector_of(CONNECTWISE).open(folder / "invoice_lines.jsonl.gz", DATASETS["invoice_lines"], known)
    assert list(file.batches())
    return [warning for warning in file.warnings if "passed over" not in warning]


def of(rows: Rows, name: str, value: str) -> dict[str, str]:
    (found,) = [row for row in rows if row[name] == value]
    return found


def tampered(folder: Path, dataset: str, path: str, old: bytes, new: bytes, link: bool = True) -> Rows:
    """Fetch a dataset while answers about a path are changed on their way."""
    vendor = FakeConnectWise(BOOKS)

    def app(asked: Asked) -> Reply:
        reply = vendor(asked)
        if not asked.path.endswith(path):
            return reply
        headers = (
            reply.headers
            if link
            else {name: value for name, value in reply.headers.items() if name != "Link"}
        )
        return replace(reply, body=reply.body.replace(old, new), headers=headers)

    return fetch(CONNECTWISE, vendor, dataset, folder, app)[1]


# --- prorated lines: the days that a price proves. October has 31 days, September 30.

Patch = dict[str, Any]


OCTOBER = ("2026-10-01", "2026-11-01")


def shown(rows: Rows, number: str = "7005") -> dict[str, tuple[str, ...]]:
    """Seats, price, amount, days and agreement line of a product's lines."""
    return {
        row["invoice_line_id"].removeprefix(number): (
            row["quantity"],
            row["unit_price"],
            row["amount"],
            row["service_period_start"],
            row["service_period_end"],
            row.get("agreement_line_id", ""),
        )
        for row in rows
        if row["invoice_line_id"].split("-")[0] == number
    }


def addition(seats: float, price: float, start: str, last: str = "") -> Patch:
    ends = {"cancelledDate": f"{last}T00:00:00Z"} if last else {}
    return {"billedQuantity": seats, "unitPrice": price, "effectiveDate": f"{start}T00:00:00Z", **ends}


def line(seats: float, price: float, amount: float) -> Patch:
    return {"quantity": seats, "price": price, "extPrice": amount}


PRORATED: dict[str, tuple[Patch, Patch, dict[str, tuple[str, ...]]]] = {
    # 22 x (16/30 + 1) = 33.733; 2 x 22 are for October, what is left of 67.46 for the 16 days before
    "since the cycle before": (
        addition(2, 22, "2026-09-15"),
        line(2, 33.73, 67.46),
        {
            "": ("2", "22", "44", *OCTOBER, "9005"),
            "-before": ("2", "22", "23.46", "2026-09-15", "2026-10-01", "9005"),
        },
    ),
    # 22 x 17/31 = 12.0645
    "since the middle of the month": (
        addition(2, 22, "2026-10-15"),
        line(2, 12.06, 24.13),
        {"": ("2", "22", "24.13", "2026-10-15", "2026-11-01", "9005")},
    ),
    # 10 x 9/31 = 2.9032
    "until the middle of the month": (
        addition(4, 10, "2026-01-01", "2026-10-09"),
        line(4, 2.9, 11.6),
        {"": ("4", "10", "11.6", "2026-10-01", "2026-10-10", "9005")},
    ),
    # 10 x 10/31 = 3.2258, rounded up: 12.90 of 4 seats are 12.92
    "some days of the month": (
        addition(4, 10, "2026-10-05", "2026-10-14"),
        line(4, 3.23, 12.92),
        {
            "": ("4", "10", "12.9", "2026-10-05", "2026-10-15", "9005"),
            "-rounding": ("1", "0.02", "0.02", *OCTOBER, ""),
        },
    ),
    # 10 x 10/30 = 3.333
    "some days of the month before": (
        addition(4, 10, "2026-09-10", "2026-09-19"),
        line(4, 3.33, 13.32),
        {"": ("4", "10", "13.32", "2026-09-10", "2026-09-20", "9005")},
    ),
    # 10 x (16/30 + 9/31) = 8.2366; 4 x 10 x 9/31 = 11.6129
    "from one month into the next": (
        addition(4, 10, "2026-09-15", "2026-10-09"),
        line(4, 8.23, 32.92),
        {
            "": ("4", "10", "11.61", "2026-10-01", "2026-10-10", "9005"),
            "-before": ("4", "10", "21.31", "2026-09-15", "2026-10-01", "9005"),
        },
    ),
    # 10 x (30/30 + 1) = 20: a whole cycle back, and no more
    "since the start of the cycle before": (
        addition(4, 10, "2026-09-01"),
        line(4, 20, 80),
        {
            "": ("4", "10", "40", *OCTOBER, "9005"),
            "-before": ("4", "10", "40", "2026-09-01", "2026-10-01", "9005"),
        },
    ),
    # 22 x 17/31 = 12.0645, cut to 12.06: of 50 seats 603.23 are 603
    "many seats": (
        addition(50, 22, "2026-10-15"),
        line(50, 12.06, 603),
        {
            "": ("50", "22", "603.23", "2026-10-15", "2026-11-01", "9005"),
            "-rounding": ("1", "-0.23", "-0.23", *OCTOBER, ""),
        },
    ),
    "the whole price of a part of the month": (
        addition(4, 10, "2026-10-10"),
        line(4, 10, 40),
        {"": ("4", "10", "40", *OCTOBER, "")},
    ),
    "the whole price of other seats": (
        addition(4, 10, "2026-01-01"),
        line(3, 10, 30),
        {"": ("3", "10", "30", *OCTOBER, "")},
    ),
}


def october(added: Patch, product: Patch, **more: Patch) -> dict[tuple[str, int], Patch]:
    """Patches of Bright's addition, of the line for it, and more by kind."""
    numbers = {"agreements": 502, "invoices": 3302}
    return {
        ("additions", 9005): added,
        ("products", 7005): product,
        **{(kind, numbers[kind]): patch for kind, patch in more.items()},
    }

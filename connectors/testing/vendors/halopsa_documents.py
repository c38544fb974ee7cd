"""HaloPSA's documents as its fake sends them, made of canonical books."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from connectors.testing.vendor import json_number

Document = dict[str, Any]
Row = Mapping[str, str]

PORTAL_KEY = "canary-halopsa-portal-secret-51aa"
"""What a client's record holds besides its name."""
NEVER = "1899-12-30T00:00:00"
_CURRENCIES = {"GBP": (1, 1.0), "EUR": (2, 1.17)}
_FIRST_INVOICE = 5001


def client(row: Row) -> Document:
    """Return a client."""
    return {
        "id": int(row["client_id"]),
        "name": row["client_name"],
        "toplevel_id": 3,
        "inactive": row.get("status") == "inactive",
        "api_access_clientsecret": PORTAL_KEY,
        "isnhserveremaildefault": False,
        "calldate": NEVER,
    }


def item(row: Row) -> Document:
    """Return a product as an item."""
    price = json_number(row["default_unit_price"]) if row.get("default_unit_price") else 0.0
    return {
        "id": int(row["product_code"]),
        "name": row["product_name"],
        "assetgroup_name": "Services" if row["vendor_backed"] == "false" else "Cloud",
        "baseprice": 1.0 if price else 0.0,
        "recurringprice": price,
        "isrecurringitem": True,
        "item_default_billing_period": 2,
        "costprice": 0.5,
    }


def recurring_invoices(rows: Sequence[Row]) -> list[Document]:
    """Return agreement lines as recurring invoices, one for each agreement."""
    return [_recurring(number, list(group)) for number, group in _by(rows, "agreement_id")]


def _recurring(number: str, rows: list[Row]) -> Document:
    return {
        **_head(
            int(number), rows, _sum(Decimal(row["quantity"]) * Decimal(row["unit_price"]) for row in rows)
        ),
        "invoicenumber": "0",
        "disabled": False,
        "is_recurring_invoice": True,
        "period": 2,
        "period_start_date": "2026-10-01T00:00:00",
        "period_end_date": "2026-10-31T00:00:00",
        "nextcreationdate": "2026-11-01T00:00:00",
        "lines": [
            {
                **_line(row, Decimal(row["quantity"]) * Decimal(row["unit_price"])),
                "id": int(row["agreement_line_id"]),
                "recurring_invoice_id": -1,
                "recurring_invoice_line_id": 0,
                "startdate": f"{row['effective_start']}T00:00:00",
                "enddate": _last(row["effective_end"]) if row.get("effective_end") else NEVER,
            }
            for row in rows
        ],
    }


def invoices(rows: Sequence[Row]) -> list[Document]:
    """Return invoice lines as invoices."""
    return [
        _invoice(_FIRST_INVOICE + place, list(group))
        for place, (_, group) in enumerate(_by(rows, "invoice_id"))
    ]


def _invoice(number: int, rows: list[Row]) -> Document:
    first = rows[0]
    return {
        **_head(number, rows, _sum(Decimal(row["amount"]) for row in rows)),
        "invoicenumber": first["invoice_id"],
        "invoice_date": f"{first['invoice_date']}T00:00:00",
        "duedate": f"{first['due_date']}T00:00:00",
        "period_start_date": f"{first['service_period_start']}T00:00:00",
        "period_end_date": _last(first["service_period_end"]),
        "voided": False,
        "is_recurring_invoice": False,
        "lines": [
            {
                **_line(row, Decimal(row["amount"])),
                "id": int(row["invoice_line_id"]),
                "recurring_invoice_id": -94 if row["charge_category"] == "recurring" else -1,
                "recurring_invoice_line_id": int(row.get("agreement_line_id") or 0),
                "item_shortdescription": row["description"],
                "ticket_id": -1,
            }
            for row in rows
        ],
    }


def _head(number: int, rows: list[Row], net: Decimal) -> Document:
    code, rate = _CURRENCIES[rows[0]["currency"]]
    return {
        "id": number,
        "client_id": int(rows[0]["client_id"]),
        "client_name": "as in the clients",
        "original_client_id": 0,
        "currency": "a sign",
        "currency_code": code,
        "currency_conversion_rate": rate,
        "revenue": json_number(net),
        "tax_total": json_number(net / 5),
        "total": json_number(net * 6 / 5),
        "datesent": NEVER,
    }


def _line(row: Row, net: Decimal) -> Document:
    """Return what lines of both kinds have. A line that takes seats away has a quantity above zero."""
    return {
        "_itemid": 1 if row["product_code"] == "no-item" else int(row["product_code"]),
        "qty_order": json_number(abs(Decimal(row["quantity"]))),
        "unit_price": json_number(row["unit_price"]),
        "net_amount": json_number(net),
        "tax_amount": json_number(net / 5),
        "discount_perc": 0.0,
        "isinactive": False,
        "isgroupdesc": False,
        "onetimecharge": False,
        "original_client_id": int(row["client_id"]),
        "decimalplacesforinvoices": 2,
        "quantity_users": [],
    }


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0))


def _last(end: str) -> str:
    return f"{date.fromisoformat(end) - timedelta(1)}T00:00:00"


def _by(rows: Sequence[Row], name: str) -> Any:
    return groupby(sorted(rows, key=lambda row: row[name]), key=lambda row: row[name])

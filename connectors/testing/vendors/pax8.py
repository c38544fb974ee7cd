"""A Pax8 of our own, from its OpenAPI documents: JSON token request, pages from 0,
items beneath their invoice.

What belongs here: the vendor's words for canonical books. It shares nothing with ``connectors.sources.pax8``.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, TokenDesk, json_number

_TYPES = {
    "recurring": "subscription",
    "usage": "subscription",
    "one_time": "one-time",
    "credit": "service-credit",
}


class FakePax8(FakeVendor):
    """Invoices, their items, and subscriptions. Identifiers in the books must be UUIDs, as the vendor's are.

    ``statuses`` says what became of an invoice, by its identifier; none else is paid yet. A subscription
    without seats is a cancelled one.
    """

    credentials = {"client_id": "canary-pax8-id-5f1c", "client_secret": "canary-pax8-secret-9b7e"}
    promised = {
        "GET /v1/invoices": ("id", "invoiceDate", "total", "currencyCode"),
        "GET /v1/invoices/([^/]+)/items": ("type", "costTotal"),
        "GET /v1/subscriptions": ("id", "companyId", "productId", "quantity", "status"),
    }
    totals = dict.fromkeys(promised, "totalElements")

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self.statuses: dict[str, str] = {}
        self.tokens = TokenDesk(
            {**self.credentials, "audience": "https://api.pax8.com", "grant_type": "client_credentials"},
            as_json=True,
        )
        self.routes = [
            ("POST /v1/token", lambda asked, _: self.tokens.answer(asked)),
            ("GET /v1/invoices", self._invoices),
            ("GET /v1/invoices/([^/]+)/items", self._items),
            ("GET /v1/subscriptions", self._subscriptions),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {"base_url": f"{url}/v1", "token_url": f"{url}/v1/token"}

    def is_token_request(self, asked: Asked) -> bool:
        """See ``FakeVendor``."""
        return asked.path == "/v1/token"

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``."""
        return None if self.tokens.is_good(asked) else _error(401, "UNAUTHORIZED", "Unauthorized")

    def _invoices(self, asked: Asked, _: re.Match[str]) -> Reply:
        first, last = (
            asked.query.get("invoiceDateRangeStart", ""),
            asked.query.get("invoiceDateRangeEnd", "9999"),
        )
        found = [row for row in self.books.get("vendor_invoices", ()) if first <= row["invoice_date"] <= last]
        return self._paged(
            asked,
            [
                {
                    "id": row["invoice_id"],
                    "invoiceDate": row["invoice_date"],
                    "dueDate": row["invoice_date"],
                    "balance": 0,
                    "carriedBalance": 0,
                    "total": json_number(row["invoice_total"]),
                    "currencyCode": row["currency"],
                    "partnerName": "An MSP",
                    "status": self.statuses.get(row["invoice_id"], "Unpaid"),
                }
                for row in found
            ],
        )

    def _items(self, asked: Asked, found: re.Match[str]) -> Reply:
        if found[1] not in {row["invoice_id"] for row in self.books.get("vendor_invoices", ())}:
            return _error(404, "NOT_FOUND", "Invalid invoice id")
        return self._paged(
            asked,
            [_item(row) for row in self.books.get("vendor_charges", ()) if row["invoice_id"] == found[1]],
        )

    def _subscriptions(self, asked: Asked, _: re.Match[str]) -> Reply:
        rows = self.books.get("license_counts", ())
        return self._paged(
            asked,
            [
                {
                    "id": f"00000000-0000-4000-8000-{number:012d}",
                    "companyId": row["vendor_customer_id"],
                    "productId": row["sku_id"],
                    "startDate": "2025-01-01T08:30:00Z",
                    "createdDate": "2024-12-03T00:00:00Z",
                    "billingStart": "2025-01-01",
                    "price": 15.5,
                    "currencyCode": "USD",
                    "billingTerm": "Monthly",
                    **_state(row),
                }
                for number, row in enumerate(rows)
            ],
        )

    def _paged(self, asked: Asked, rows: list[dict[str, Any]]) -> Reply:
        size = min(int(asked.query.get("size", "10")), 200, self.page)
        number = int(asked.query.get("page", "0"))
        pages = -(-len(rows) // size)
        page = {"size": size, "totalElements": len(rows), "totalPages": pages, "number": number}
        return Reply.json({"content": rows[number * size : (number + 1) * size], "page": page})


def _item(row: Any) -> dict[str, Any]:
    item = {
        "id": row["line_id"],
        "purchaseOrderNumber": "N/A",
        "type": _TYPES[row["charge_category"]],
        "companyId": row["vendor_customer_id"],
        "companyName": row["vendor_customer_name"],
        "startPeriod": row["charge_period_start"],
        "endPeriod": _last_day(row),
        "quantity": json_number(row["quantity"]),
        "unitOfMeasure": "User",
        "term": row["term"],
        "sku": "PAX-233-ukw0-9092",
        "description": row["sku_name"],
        "chargeType": "per",
        "price": 999,
        "subTotal": 999,
        "cost": json_number(row["unit_cost"]),
        "costTotal": json_number(row["amount"]),
        "total": 999,
        "productId": row["sku_id"],
        "productName": row["sku_name"],
        "amountDue": json_number(row["amount"]),
        "currencyCode": row["currency"],
        "subscriptionId": row["subscription_id"],
    }
    return {name: value for name, value in item.items() if value is not None}


def _state(row: Any) -> dict[str, Any]:
    """The seats of a subscription: a cancelled one keeps those it had."""
    if seats := json_number(row["entitled_quantity"]):
        return {"status": "Active", "quantity": seats}
    return {"status": "Cancelled", "quantity": 7, "endDate": f"{row['as_of_date']}T08:30:00Z"}


def _last_day(row: Any) -> str:
    """The vendor's second way of ending a period: with its last day."""
    return str(date.fromordinal(date.fromisoformat(row["charge_period_end"]).toordinal() - 1))


def _error(status: int, kind: str, message: str) -> Reply:
    return Reply.json(
        {"type": kind, "message": message, "instance": "/v1", "status": status, "details": []}, status
    )

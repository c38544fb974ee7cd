"""A Sherweb of our own, from its OpenAPI documents: all charges of a billing period in one answer.

What belongs here: the vendor's words for canonical books. It shares nothing with
``connectors.sources.sherweb``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, TokenDesk, json_number

_KINDS = {"recurring": "Recurring", "usage": "Usage", "one_time": "Setup"}


class FakeSherweb(FakeVendor):
    """Charges. Customers in the books are UUIDs; charges count in the month of their invoice, which is that
    of their period. A charge of the books without an invoice is not billed yet.
    """

    credentials = {
        "client_id": "canary-sherweb-id-5f10",
        "client_secret": "canary-sherweb-secret-77c2",
        "subscription_key": "canary-sherweb-key-90ab",
    }
    promised = {
        "GET /distributor/v1/billing/payable-charges": (
            *("chargeType", "billingCycleType", "periodFrom", "periodTo"),
            *("quantity", "subTotal", "isBilled"),
        )
    }

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self.tokens = TokenDesk(
            {
                "client_id": self.credentials["client_id"],
                "client_secret": self.credentials["client_secret"],
                "scope": "distributor",
                "grant_type": "client_credentials",
            }
        )
        self.routes = [
            ("POST /auth/oidc/connect/token", lambda asked, _: self.tokens.answer(asked)),
            ("GET /distributor/v1/billing/payable-charges", lambda asked, _: self._charges(asked)),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {
            "base_url": f"{url}/distributor/v1",
            "token_url": f"{url}/auth/oidc/connect/token",
            "customer_tag": "CustomerId",
            "customer_name_tag": "CustomerDisplayName",
        }

    def is_token_request(self, asked: Asked) -> bool:
        """See ``FakeVendor``."""
        return asked.path == "/auth/oidc/connect/token"

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``."""
        is_known = asked.headers.get("ocp-apim-subscription-key") == self.credentials["subscription_key"]
        if is_known and self.tokens.is_good(asked):
            return None
        return Reply.json({"statusCode": 401, "message": "Access denied."}, 401)

    def _charges(self, asked: Asked) -> Reply:
        first = date.fromisoformat(asked.query["date"]).replace(day=1)
        last = (first + timedelta(31)).replace(day=1) - timedelta(1)
        rows = [
            row
            for row in self.books.get("vendor_charges", ())
            if row["charge_period_start"][:7] == str(first)[:7]
        ]
        # an empty list is nullable, and sent as null
        charges = [charge(row) for row in rows] or None
        return Reply.json({"periodFrom": str(first), "periodTo": str(last), "charges": charges})


def charge(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a charge as the vendor tells it."""
    tags = {
        "CustomerId": row["vendor_customer_id"].upper(),
        "CustomerDisplayName": row["vendor_customer_name"],
    }
    told: dict[str, Any] = {
        "productId": "cccccccc-0000-4000-8000-000000000001",
        "productName": row["sku_name"],
        "sku": row["sku_id"],
        "chargeId": "dddddddd-0000-4000-8000-000000000001",
        "chargeName": row["charge_type"],
        "chargeType": _KINDS[row["charge_category"]],
        "billingCycleType": row["term"],
        "periodFrom": row["charge_period_start"],
        "periodTo": str(date.fromisoformat(row["charge_period_end"]) - timedelta(1)),
        "quantity": json_number(abs(Decimal(row["quantity"]))),
        "listPrice": 99.99,
        "netPrice": 88.88,
        "netPriceProrated": json_number(row["unit_cost"]),
        "subTotal": json_number(row["amount"]),
        "currency": row["currency"],
        "isBilled": bool(row["invoice_id"]),
        "isProratable": True,
        "deductions": [],
        "fees": [],
        "taxes": [{"name": "GST", "appliedRate": 5}],
        "tags": [{"name": name, "value": value} for name, value in tags.items()],
    }
    if row["invoice_id"]:
        told["invoice"] = {"number": row["invoice_id"], "date": row["charge_period_start"]}
    return told

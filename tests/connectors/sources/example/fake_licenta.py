"""A Licenta of our own, from its document."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor


class FakeLicenta(FakeVendor):
    """Charges of a month, a page at a time."""

    credentials = {"api_key": "canary-licenta-key-71d0"}
    totals = {"GET /v1/charges": "total"}
    promised = {"GET /v1/charges": ("id", "invoice", "total")}

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self.routes = [("GET /v1/charges", lambda asked, _: self._charges(asked))]

    def settings(self, url: str) -> dict[str, str]:
        return {"base_url": url}

    def refused(self, asked: Asked) -> Reply | None:
        return (
            None
            if asked.headers.get("x-api-key") == self.credentials["api_key"]
            else Reply.json({"error": "no key"}, 401)
        )

    def _charges(self, asked: Asked) -> Reply:
        rows = [
            row
            for row in self.books.get("vendor_charges", ())
            if row["charge_period_start"] <= asked.query["to"]
        ]
        size, page = min(int(asked.query["pageSize"]), self.page), int(asked.query["page"])
        return Reply.json(
            {"charges": [_charge(row) for row in rows[(page - 1) * size : page * size]], "total": len(rows)}
        )


def _charge(row: Any) -> dict[str, Any]:
    return {
        "id": row["line_id"],
        "invoice": row["invoice_id"],
        "customer": {"id": row["vendor_customer_id"]},
        "sku": row["sku_id"],
        "kind": {"recurring": "licence", "one_time": "setup"}[row["charge_category"]],
        "seats": int(row["quantity"]),
        "price": float(row["unit_cost"]),
        "total": float(row["amount"]),
        "currency": row["currency"],
        "from": row["charge_period_start"],
        "to": str(date.fromisoformat(row["charge_period_end"]) - timedelta(days=1)),
    }

"""A HaloPSA of our own, from its OpenAPI document, and from public clients where that is silent: lists with a
count, pages only where they are asked for, lines in the single record only.

What belongs here: routes, paging and who may ask. It shares nothing with ``connectors.sources.halopsa``.
Tests may change the documents it holds (``clients``, ``items``, ``recurring``, ``invoices``) before they are
asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, TokenDesk
from connectors.testing.vendors.halopsa_documents import (
    PORTAL_KEY,
    Document,
    client,
    invoices,
    item,
    recurring_invoices,
)

_DEFAULT = 50


class FakeHaloPSA(FakeVendor):
    """Clients, items, recurring invoices and invoices. In the books, identifiers are whole numbers, those of
    agreements below zero.
    """

    credentials = {"client_id": "canary-halopsa-id-3e10", "client_secret": "canary-halopsa-secret-8b52"}
    signatures = (PORTAL_KEY,)
    totals = {
        f"GET /api/{name}": "record_count" for name in ("Client", "Item", "RecurringInvoice", "Invoice")
    }
    promised = {
        "GET /api/Client": ("id",),
        "GET /api/Item": ("id",),
        "GET /api/RecurringInvoice": ("id", "total"),
        "GET /api/Invoice": ("id", "total"),
        "GET /api/RecurringInvoice/(-?[0-9]+)": (),
        "GET /api/Invoice/(-?[0-9]+)": (),
    }

    def __init__(self, books: Books) -> None:
        """Open the doors."""
        super().__init__(books)
        self.tokens = TokenDesk({**self.credentials, "grant_type": "client_credentials", "scope": "all"})
        self.clients = [client(row) for row in books.get("clients", ())]
        self.items = [item(row) for row in books.get("products", ()) if row["product_code"] != "no-item"]
        self.recurring = recurring_invoices(books.get("agreements", ()))
        self.invoices = invoices(books.get("invoice_lines", ()))
        self.routes = [
            ("POST /auth/token", lambda asked, _: self._token(asked)),
            ("GET /api/Client", lambda asked, _: _listed(asked, "clients", self.clients, self.page)),
            ("GET /api/Item", lambda asked, _: _listed(asked, "items", self.items, self.page)),
            (
                "GET /api/RecurringInvoice",
                lambda asked, _: _listed(asked, "invoices", self.recurring, self.page),
            ),
            ("GET /api/Invoice", lambda asked, _: _listed(asked, "invoices", self.invoices, self.page)),
            ("GET /api/RecurringInvoice/(-?[0-9]+)", lambda _, found: _one(self.recurring, found)),
            ("GET /api/Invoice/(-?[0-9]+)", lambda _, found: _one(self.invoices, found)),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {
            "instance": "acme",
            "base_url": f"{url}/api",
            "token_url": f"{url}/auth/token?tenant=acme",
            "currencies": "GBP, 2=EUR",
            "own_groups": "Services",
        }

    def is_token_request(self, asked: Asked) -> bool:
        """See ``FakeVendor``."""
        return asked.path == "/auth/token"

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``."""
        return None if self.tokens.is_good(asked) else Reply.json({"error": "unauthorized"}, 401)

    def _token(self, asked: Asked) -> Reply:
        if asked.query.get("tenant") != "acme":
            return Reply.json({"error": "invalid_tenant"}, 400)
        return self.tokens.answer(asked)


def _listed(asked: Asked, name: str, documents: Sequence[Document], most: int) -> Reply:
    """Answer with a page; without ``pageinate`` with the first records, whatever page is asked for."""
    found = [
        {field: value for field, value in each.items() if field != "lines"}
        for each in sorted(documents, key=lambda each: int(each["id"]))
        if asked.query.get("includeinactive") == "true" or not each.get("inactive")
    ]
    if asked.query.get("pageinate") != "true":
        return Reply.json({"record_count": len(found), name: found[:_DEFAULT]})
    size, number = min(int(asked.query["page_size"]), most), int(asked.query["page_no"])
    return Reply.json({"record_count": len(found), name: found[(number - 1) * size : number * size]})


def _one(documents: Sequence[Document], found: re.Match[str]) -> Reply:
    for each in documents:
        if each["id"] == int(found[1]):
            return Reply.json(each)
    return Reply.json({"error": "not found"}, 404)

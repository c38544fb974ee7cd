"""A Xero of our own, from its OpenAPI document: Basic token request, ``where`` expressions, lines on pages
only, dates in milliseconds.

What belongs here: the vendor's words for canonical books. It shares nothing with ``connectors.sources.xero``.
Tests may change the documents it holds (``contacts``, ``items``, ``invoices``, ``credit_notes``,
``organisations``) before they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, TokenDesk
from connectors.testing.vendors.xero_documents import (
    NO_ITEM,
    Document,
    contact,
    credit_note,
    day,
    documents,
    invoice,
    item,
    organisation,
    rounded,
)

TENANT = "45e4708e-d862-4111-ab3a-dd8cd03913e1"
_SCOPE = "accounting.contacts.read accounting.settings.read accounting.invoices.read"
_OF_DOCUMENTS = ("Type", "Status", "Date", "CurrencyCode", "Contact.ContactID")
_CONDITION = re.compile(r'(\w+)\s*(==|>=|<)\s*(?:"(\w+)"|DateTime\((\d{4}),\s*(\d{2}),\s*(\d{2})\))')


class FakeXero(FakeVendor):
    """Contacts, items, invoices and credit notes. Clients and invoice lines in the books must be UUIDs, as
    the vendor's are.

    Lines of a negative quantity are those of credit notes: their id is the note's and their place in it.
    """

    credentials = {"client_id": "canary-xero-id-7d20", "client_secret": "canary-xero-secret-41ce"}
    totals = {f"GET /api.xro/2.0/{name}": "itemCount" for name in ("Contacts", "Invoices", "CreditNotes")}
    promised = {
        "GET /api.xro/2.0/Organisation": ("OrganisationID", "BaseCurrency"),
        "GET /api.xro/2.0/Contacts": ("ContactID", "Name"),
        "GET /api.xro/2.0/Items": ("Code",),
        "GET /api.xro/2.0/Invoices": ("InvoiceID", *_OF_DOCUMENTS),
        "GET /api.xro/2.0/CreditNotes": ("CreditNoteID", *_OF_DOCUMENTS),
    }

    def __init__(self, books: Books) -> None:
        """Open the doors; without books there is not even an organisation."""
        super().__init__(books)
        self.tokens = TokenDesk(
            {"grant_type": "client_credentials", "scope": _SCOPE},
            basic=":".join(self.credentials.values()),
            lifetime=1800,
        )
        self.organisations: list[Document] = [organisation()] if books else []
        self.contacts = [contact(row) for row in books.get("clients", ())]
        self.items = [item(row) for row in books.get("products", ()) if row["product_code"] != NO_ITEM]
        lines = books.get("invoice_lines", ())
        self.invoices = documents([row for row in lines if Decimal(row["quantity"]) > 0], invoice)
        self.credit_notes = documents([row for row in lines if Decimal(row["quantity"]) < 0], credit_note)
        self.routes = [
            ("POST /connect/token", lambda asked, _: self.tokens.answer(asked)),
            ("GET /api.xro/2.0/Organisation", lambda asked, _: _told({"Organisations": self.organisations})),
            ("GET /api.xro/2.0/Contacts", lambda asked, _: self._paged(asked, "Contacts", self.contacts)),
            (
                "GET /api.xro/2.0/Items",
                lambda asked, _: _told({"Items": [_priced(asked, item) for item in self.items]}),
            ),
            ("GET /api.xro/2.0/Invoices", lambda asked, _: self._paged(asked, "Invoices", self.invoices)),
            (
                "GET /api.xro/2.0/CreditNotes",
                lambda asked, _: self._paged(asked, "CreditNotes", self.credit_notes),
            ),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {"base_url": f"{url}/api.xro/2.0", "token_url": f"{url}/connect/token", "tenant_id": TENANT}

    def is_token_request(self, asked: Asked) -> bool:
        """See ``FakeVendor``."""
        return asked.path == "/connect/token"

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``. The connection is a custom one: it needs no tenant, and knows one only."""
        if not self.tokens.is_good(asked):
            return _problem(401, "Unauthorized", "TokenExpired: token expired")
        is_known = asked.headers.get("xero-tenant-id", TENANT) == TENANT
        return None if is_known else _problem(403, "Forbidden", "AuthenticationUnsuccessful")

    def _paged(self, asked: Asked, name: str, documents: Sequence[Document]) -> Reply:
        """Answer as the vendor does: a page with lines, or without ``page`` everything and no lines."""
        try:
            holds = _conditions(asked.query.get("where", ""))
        except ValueError as error:
            return _problem(400, "QueryParseException", str(error))
        statuses = (
            asked.query["Statuses"].split(",") if name == "Invoices" and "Statuses" in asked.query else None
        )
        found = [
            each for each in documents if holds(each) and (statuses is None or each["Status"] in statuses)
        ]
        if name == "Contacts" and asked.query.get("includeArchived") != "true":
            found = [each for each in found if each["ContactStatus"] == "ACTIVE"]
        if key := asked.query.get("order", "").removesuffix(" ASC"):
            found.sort(key=lambda each: str(each[key]))
        if "page" not in asked.query:
            return _told(
                {name: [{**each, "LineItems": []} if "LineItems" in each else each for each in found]}
            )
        size, number = min(int(asked.query.get("pageSize", "100")), 1000, self.page), int(asked.query["page"])
        pagination = {
            "page": number,
            "pageSize": size,
            "pageCount": -(-len(found) // size),
            "itemCount": len(found),
        }
        return _told(
            {
                "pagination": pagination,
                name: [_priced(asked, each) for each in found[(number - 1) * size : number * size]],
            }
        )


def _conditions(where: str) -> Callable[[Document], bool]:
    """The conditions of a ``where`` expression; an expression beyond the few known here is an error, as a
    wrong one is there.
    """
    tests: list[Callable[[Document], bool]] = []
    for text in where.split(" AND ") if where else ():
        if not (found := _CONDITION.fullmatch(text.strip())):
            raise ValueError(f"no viable alternative at input '{text[:40]}'")
        tests.append(_condition(found))
    return lambda each: all(test(each) for test in tests)


def _condition(found: re.Match[str]) -> Callable[[Document], bool]:
    name, sign, word = found[1], found[2], found[3]
    if word is not None:
        return lambda each: bool(each[name] == word)
    limit = date(int(found[4]), int(found[5]), int(found[6]))
    return lambda each: {
        "==": day(each[name]) == limit,
        ">=": day(each[name]) >= limit,
        "<": day(each[name]) < limit,
    }[sign]


def _priced(asked: Asked, document: Document) -> Document:
    """The document with prices of two decimal places, unless four were asked for."""
    if asked.query.get("unitdp") == "4":
        return document
    found = dict(document)
    if "LineItems" in found:
        found["LineItems"] = [
            {**line, "UnitAmount": rounded(line["UnitAmount"])} for line in found["LineItems"]
        ]
    if found.get("SalesDetails"):
        found["SalesDetails"] = {
            **found["SalesDetails"],
            "UnitPrice": rounded(found["SalesDetails"]["UnitPrice"]),
        }
    return found


def _told(body: Document) -> Reply:
    return Reply.json(
        {
            "Id": "900c500b-e83c-4ce2-902a-b8ba04751748",
            "Status": "OK",
            "ProviderName": "An app",
            "DateTimeUTC": "/Date(1552326816230)/",
            **body,
        }
    )


def _problem(status: int, kind: str, message: str) -> Reply:
    return Reply.json({"Type": kind, "Title": kind, "Status": status, "Detail": message}, status)

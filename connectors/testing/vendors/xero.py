"""A Xero of our own, from its OpenAPI document: Basic token request, ``where`` expressions, lines on pages
only, dates in milliseconds.

Belongs here: the vendor's words for canonical books. It shares nothing with ``connectors.sources.xero``.
Tests may change the documents it holds (``contacts``, ``items``, ``invoices``, ``credit_notes``,
``organisations``) before they are asked for.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, TokenDesk

Document = dict[str, Any]

TENANT = "45e4708e-d862-4111-ab3a-dd8cd03913e1"
NO_ITEM = "no-item"
"""How the books call the product of lines that name no item."""
_SCOPE = "accounting.contacts.read accounting.settings.read accounting.invoices.read"
_CONDITION = re.compile(r'(\w+)\s*(==|>=|<)\s*(?:"(\w+)"|DateTime\((\d{4}),\s*(\d{2}),\s*(\d{2})\))')


class FakeXero(FakeVendor):
    """Contacts, items, invoices and credit notes. Clients and invoice lines in the books must be UUIDs, as
    the vendor's are.

    Lines of a negative quantity are those of credit notes: their id is the note's and their place in it.
    """

    credentials = {"client_id": "canary-xero-id-7d20", "client_secret": "canary-xero-secret-41ce"}

    def __init__(self, books: Books) -> None:
        """Open the doors; without books there is not even an organisation."""
        super().__init__(books)
        self.tokens = TokenDesk(
            {"grant_type": "client_credentials", "scope": _SCOPE},
            basic=":".join(self.credentials.values()),
            lifetime=1800,
        )
        self.organisations: list[Document] = [_organisation()] if books else []
        self.contacts = [_contact(row) for row in books.get("clients", ())]
        self.items = [_item(row) for row in books.get("products", ()) if row["product_code"] != NO_ITEM]
        lines = books.get("invoice_lines", ())
        self.invoices = _documents([row for row in lines if Decimal(row["quantity"]) > 0], _invoice)
        self.credit_notes = _documents([row for row in lines if Decimal(row["quantity"]) < 0], _credit_note)
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
        "==": _day(each[name]) == limit,
        ">=": _day(each[name]) >= limit,
        "<": _day(each[name]) < limit,
    }[sign]


def _organisation() -> Document:
    return {
        "Name": "An MSP",
        "LegalName": "An MSP",
        "Version": "NZ",
        "BaseCurrency": "NZD",
        "CountryCode": "NZ",
        "OrganisationStatus": "ACTIVE",
        "DefaultSalesTax": "Tax Exclusive",
        "CreatedDateUTC": "/Date(1455827393000)/",
        "Timezone": "NEWZEALANDSTANDARDTIME",
        "OrganisationID": "b2c885a9-4bb9-4a00-9b6e-6c2bf60b1a2b",
        "Addresses": [],
        "Phones": [],
        "PaymentTerms": {},
    }


def _contact(row: Any) -> Document:
    status = "ARCHIVED" if row.get("status") == "inactive" else "ACTIVE"
    return {
        "ContactID": row["client_id"],
        "ContactStatus": status,
        "Name": row["client_name"],
        "EmailAddress": "",
        "BankAccountDetails": "",
        "Addresses": [{"AddressType": "STREET", "City": "", "Country": ""}],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "UpdatedDateUTC": "/Date(1503348544227+0000)/",
        "IsSupplier": False,
        "IsCustomer": True,
        "HasValidationErrors": False,
    }


def _item(row: Any) -> Document:
    price = (
        {"UnitPrice": _number(row["default_unit_price"]), "AccountCode": "200"}
        if row.get("default_unit_price")
        else {}
    )
    return {
        "ItemID": _uuid(row["product_code"]),
        "Code": row["product_code"],
        "Name": row["product_name"],
        "Description": "as sold",
        "UpdatedDateUTC": "/Date(1551981476267+0000)/",
        "PurchaseDetails": {},
        "SalesDetails": price,
        "IsTrackedAsInventory": False,
        "IsSold": True,
        "IsPurchased": True,
    }


def _documents(rows: Sequence[Any], make: Callable[[str, list[Any], int], Document]) -> list[Document]:
    """Documents by number, dated on the first and the last day of the month in turns."""
    groups = groupby(
        sorted(rows, key=lambda row: str(row["invoice_id"])), key=lambda row: str(row["invoice_id"])
    )
    return [make(number, list(group), place) for place, (number, group) in enumerate(groups)]


def _invoice(number: str, rows: list[Any], place: int) -> Document:
    return {
        "Type": "ACCREC",
        "InvoiceID": _uuid(number),
        "InvoiceNumber": number,
        "Reference": "",
        "AmountDue": 0.0,
        "AmountPaid": 0.0,
        "SentToContact": True,
        "IsDiscounted": False,
        **_head(rows, place),
        "DueDate": _ticks(date(2026, 12, 20)),
        "LineItems": [{"LineItemID": row["invoice_line_id"], **_line(row, 1)} for row in rows],
    }


def _credit_note(number: str, rows: list[Any], place: int) -> Document:
    note = rows[0]["invoice_line_id"].rpartition("-")[0]
    return {
        "Type": "ACCRECCREDIT",
        "CreditNoteID": note,
        "ID": note,
        "CreditNoteNumber": number,
        "RemainingCredit": 0.0,
        "Allocations": [],
        **_head(rows, place),
        "LineItems": [_line(row, -1) for row in rows],
    }


def _head(rows: list[Any], place: int) -> Document:
    last = date.fromisoformat(rows[0]["service_period_end"]) - timedelta(1)
    day = last if place % 2 else date.fromisoformat(rows[0]["service_period_start"])
    total = abs(sum((Decimal(row["amount"]) for row in rows), Decimal(0)))
    return {
        "Payments": [],
        "CurrencyRate": 1.0,
        "HasErrors": False,
        "HasAttachments": False,
        "Status": "PAID" if place % 2 else "AUTHORISED",
        "Contact": {
            "ContactID": rows[0]["client_id"],
            "Name": "as in the contacts",
            "Addresses": [],
            "Phones": [],
            "ContactGroups": [],
        },
        "DateString": f"{day}T00:00:00",
        "Date": _ticks(day),
        "LineAmountTypes": "Exclusive",
        "SubTotal": float(total),
        "TotalTax": float(total * 15 / 100),
        "Total": float(total * 115 / 100),
        "UpdatedDateUTC": "/Date(1541176290160+0000)/",
        "CurrencyCode": rows[0]["currency"],
    }


def _line(row: Any, sign: int) -> Document:
    amount = sign * Decimal(row["amount"])
    item = {
        "ItemCode": row["product_code"],
        "Item": {"Code": row["product_code"], "ItemID": _uuid(row["product_code"])},
    }
    return {
        "Description": "a line",
        "UnitAmount": _number(row["unit_price"]),
        "TaxType": "OUTPUT2",
        "TaxAmount": float(amount * 15 / 100),
        "LineAmount": _number(str(amount)),
        "AccountCode": "200",
        "Tracking": [{"Name": "Region", "Option": "North"}],
        "Quantity": _number(str(sign * Decimal(row["quantity"]))),
        **({} if row["product_code"] == NO_ITEM else item),
    }


def _priced(asked: Asked, document: Document) -> Document:
    """The document with prices of two decimal places, unless four were asked for."""
    if asked.query.get("unitdp") == "4":
        return document
    found = dict(document)
    if "LineItems" in found:
        found["LineItems"] = [
            {**line, "UnitAmount": _rounded(line["UnitAmount"])} for line in found["LineItems"]
        ]
    if found.get("SalesDetails"):
        found["SalesDetails"] = {
            **found["SalesDetails"],
            "UnitPrice": _rounded(found["SalesDetails"]["UnitPrice"]),
        }
    return found


def _rounded(number: float) -> float:
    return float(Decimal(str(number)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _ticks(day: date) -> str:
    return f"/Date({int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000}+0000)/"


def _day(ticks: str) -> date:
    return datetime.fromtimestamp(int(ticks[6:-7]) / 1000, UTC).date()


def _uuid(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))


def _number(text: str) -> float | int:
    """A JSON number: what vendors send. Values in the books are short enough to survive it."""
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


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

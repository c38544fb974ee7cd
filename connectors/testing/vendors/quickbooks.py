"""A QuickBooks Online of our own, from Intuit's guides and public answers: refresh tokens that change at each
use, the query language, and Faults.

What belongs here: the vendor's words for canonical books. It shares nothing with
``connectors.sources.quickbooks``. Tests may change the records it holds (``entities``) before they are asked
for.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from connectors.testing.server import Asked, Reply
from connectors.testing.vendor import Books, FakeVendor, TokenDesk, basic_header
from connectors.testing.vendors.quickbooks_documents import (
    NO_ITEM,
    Document,
    credit_memo,
    customer,
    documents,
    invoice,
    item,
    preferences,
)

REALM = "9130347798120106"
_QUERY = f"GET /v3/company/{REALM}/query"
_DOCUMENT = ("Id", "TxnDate", "TotalAmt", "CustomerRef.value")
_STATEMENT = re.compile(
    r"select (?P<what>\*|count\(\*\)) from (?P<entity>\w+)(?: where (?P<where>.+?))?"
    r"(?: orderby (?P<order>\w+))?(?: startposition (?P<start>\d+))?(?: maxresults (?P<most>\d+))?"
)
_CONDITION = re.compile(r"(\w+) (>=|<=|<|>|=) '([^']*)'")


@dataclass
class RefreshDesk(TokenDesk):
    """A token endpoint that gives another refresh token with each access token. It takes the last one it
    gave, and the one before until the last is used: whoever lost an answer may ask again.
    """

    refresh: list[str] = field(default_factory=lambda: ["canary-quickbooks-refresh-0"])
    _good: int = 0

    def answer(self, asked: Asked) -> Reply:
        """See ``TokenDesk``."""
        sent = asked.form()
        token = sent.pop("refresh_token", "")
        if asked.headers.get("authorization") != basic_header(self.basic) or sent != dict(self.expected):
            return Reply.json({"error": "invalid_client"}, 401)
        if asked.headers.get("accept") != "application/json":
            return Reply.json({"error": "invalid_request"}, 400)
        if token not in self.refresh[self._good :]:
            return Reply.json({"error": "invalid_grant", "error_description": "Token invalid"}, 400)
        self._good = self.refresh.index(token)
        self.given.append(f"token-number-{len(self.given) + 1}")
        self.refresh.append(f"canary-quickbooks-refresh-{len(self.refresh)}")
        return Reply.json(
            {
                "token_type": "bearer",
                "access_token": self.given[-1],
                "expires_in": self.lifetime,
                "refresh_token": self.refresh[-1],
                "x_refresh_token_expires_in": 8726400,
            }
        )


class FakeQuickBooks(FakeVendor):
    """Customers, items, invoices and credit memos by the query endpoint. Lines whose id begins with
    ``credit-`` are those of credit memos.
    """

    credentials = {"client_id": "canary-quickbooks-id-3f1a", "client_secret": "canary-quickbooks-secret-88e0"}
    totals = {f"{_QUERY} {name}": "totalCount" for name in ("Customer", "Item", "Invoice", "CreditMemo")}
    promised = {
        f"{_QUERY} Preferences": ("CurrencyPrefs.HomeCurrency.value",),
        f"{_QUERY} Customer": ("Id", "DisplayName"),
        f"{_QUERY} Item": ("Id", "Name", "Type"),
        f"{_QUERY} Invoice": _DOCUMENT,
        f"{_QUERY} CreditMemo": _DOCUMENT,
    }

    def __init__(self, books: Books) -> None:
        """Open the doors; without books there is not even a company."""
        super().__init__(books)
        self.tokens = RefreshDesk(
            {"grant_type": "refresh_token"}, basic=":".join(self.credentials.values()), lifetime=3600
        )
        self.signatures = self.tokens.refresh
        folder = tempfile.mkdtemp()
        weakref.finalize(self, shutil.rmtree, folder)
        self.token_file = Path(folder, "refresh-token")
        self.token_file.write_text(self.tokens.refresh[0])
        self.token_file.chmod(0o600)
        rows = books.get("invoice_lines", ())
        memos = [row for row in rows if row["invoice_line_id"].startswith("credit-")]
        self.entities: dict[str, list[Document]] = {
            "Preferences": [preferences()] if books else [],
            "Customer": [customer(row) for row in books.get("clients", ())],
            "Item": [item(row) for row in books.get("products", ()) if row["product_code"] != NO_ITEM],
            "Invoice": documents([row for row in rows if row not in memos], invoice),
            "CreditMemo": documents(memos, credit_memo),
        }
        self.routes = [
            ("POST /oauth2/v1/tokens/bearer", lambda asked, _: self.tokens.answer(asked)),
            (_QUERY, lambda asked, _: self._selected(asked)),
        ]

    def settings(self, url: str) -> dict[str, str]:
        """See ``FakeVendor``."""
        return {
            "base_url": url,
            "token_url": f"{url}/oauth2/v1/tokens/bearer",
            "realm_id": REALM,
            "token_file": str(self.token_file),
        }

    def route(self, asked: Asked) -> str | None:
        """See ``FakeVendor``. All is asked for in one place: a route here is an entity of it."""
        found = super().route(asked)
        statement = _STATEMENT.fullmatch(asked.query.get("query", ""))
        return f"{found} {statement['entity']}" if found == _QUERY and statement else found

    def is_token_request(self, asked: Asked) -> bool:
        """See ``FakeVendor``."""
        return asked.path.startswith("/oauth2/")

    def refused(self, asked: Asked) -> Reply | None:
        """See ``FakeVendor``. Answers are XML unless JSON is asked for."""
        if not self.tokens.is_good(asked):
            return gateway_fault(
                401, "3200", "AUTHENTICATION", "message=AuthenticationFailed; errorCode=003200"
            )
        if "application/json" not in asked.headers.get("accept", ""):
            return Reply(200, b'<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"/>')
        if asked.query.get("minorversion") != "75":
            return fault(400, "2020", "ValidationFault", "Required param missing", "minorversion")
        return None

    def _selected(self, asked: Asked) -> Reply:
        found = _STATEMENT.fullmatch(asked.query.get("query", ""))
        if not found or found["entity"] not in self.entities:
            return fault(
                400, "4000", "ValidationFault", "Error parsing query", "QueryParserError: no such entity"
            )
        try:
            holds = _conditions(found["where"] or "")
        except ValueError as error:
            return fault(400, "4000", "ValidationFault", "Error parsing query", f"QueryParserError: {error}")
        entity, whole = found["entity"], self.entities[found["entity"]]
        rows = [each for each in whole if holds(each)]
        if found["what"] == "count(*)":
            return _told({"totalCount": len(rows)})
        if found["order"]:
            rows.sort(key=lambda each: str(each[str(found["order"])]))
        start, most = int(found["start"] or 1), min(int(found["most"] or 100), 1000, self.page)
        page = rows[start - 1 : start - 1 + most]
        return _told({entity: page, "startPosition": start, "maxResults": len(page)} if page else {})


def _conditions(where: str) -> Callable[[Document], bool]:
    """The conditions of a statement; one beyond the few known here is an error, as a wrong one is there. What
    is not active is left out unless it is asked for.
    """
    tests: list[Callable[[Document], bool]] = []
    is_every = False
    for text in where.split(" and ") if where else ():
        if text == "Active in (true, false)":
            is_every = True
        elif found := _CONDITION.fullmatch(text):
            tests.append(_condition(found))
        else:
            raise ValueError(f"Encountered: {text[:40]}")
    return lambda each: (is_every or each.get("Active", True)) and all(test(each) for test in tests)


def _condition(found: re.Match[str]) -> Callable[[Document], bool]:
    name, sign, value = found[1], found[2], found[3]
    signs: dict[str, Callable[[str], bool]] = {
        ">=": lambda text: text >= value,
        "<=": lambda text: text <= value,
        ">": lambda text: text > value,
        "<": lambda text: text < value,
        "=": lambda text: text == value,
    }
    return lambda each: signs[sign](str(each[name]))


def fault(status: int, code: str, kind: str, message: str, detail: str) -> Reply:
    """Return an error as the interface writes it."""
    error = {"Message": message, "Detail": detail, "code": code, "element": ""}
    return Reply.json(
        {"Fault": {"Error": [error], "type": kind}, "time": "2026-10-14T09:17:31.892-07:00"}, status
    )


def gateway_fault(status: int, code: str, kind: str, message: str) -> Reply:
    """Return an error as the gateway before it writes it."""
    error = {"message": message, "detail": None, "code": code, "element": None}
    return Reply.json(
        {"warnings": None, "intuitObject": None, "fault": {"error": [error], "type": kind}, "report": None},
        status,
    )


def _told(response: Document) -> Reply:
    return Reply.json({"QueryResponse": response, "time": "2026-10-14T09:17:31.892-07:00"})

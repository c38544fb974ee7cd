"""Which clients and products of a month have no words of the accounting system yet, most money first.

What belongs here: finding them, and a proposal where one name matches. What does not: writing a row
(``accept``).

A client's contact is proposed from the contacts that a source of an accounting system landed, by name; where
there is none, it is the client's name as landed. Accounts and tax rates are landed by nobody: a product is
proposed those of a product that has a row and nearly its name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from mbr_pipeline.mapping_help.match_clients import Clients
from mbr_pipeline.mapping_help.match_products import Products
from mbr_pipeline.mapping_help.suggest import Candidate, Unmapped, answer
from mbr_pipeline.mapping_help.unmapped import table_rows
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.rules import load_words
from mbr_pipeline.workspace.workspace import Workspace

Kind = Literal["client", "product"]

FILE_OF: dict[Kind, str] = {"client": "contacts", "product": "accounting"}
"""The file of words of each kind."""

ID_OF: dict[Kind, str] = {"client": "client_id", "product": "product_code"}

_ACCOUNTING_SYSTEMS = ("xero", "quickbooks")
"""The connectors whose clients are an accounting system's contacts."""


@dataclass(frozen=True)
class Lacking:
    """A client or product without a row.

    Attributes:
        kind: Which of the two.
        id: Its id.
        name: As landed; empty where it has none.
        money: Σ of its invoice lines landed in the month, by currency; empty where it has none yet.
        proposal: The cells that are proposed, by column; empty where nothing is.
        because: Why they are, or why nothing is.
    """

    kind: Kind
    id: str
    name: str
    money: tuple[tuple[str, Decimal], ...] = ()
    proposal: Mapping[str, str] = field(default_factory=dict)
    because: str = ""


def lacking(workspace: Workspace, month: MonthPaths, threshold: int) -> list[Lacking]:
    """Return what invoices of the month need words for and have none: what has invoice lines, and what may
    get some by a correction.

    Raises:
        MbrError: The month was never run.
        ConfigError: A file of words is wrong.
    """
    words = load_words(workspace.paths.root, month.msp_id)
    keys = table_rows(month, "fct_reconciliation", columns=["client_id", "product_code"])
    lines = table_rows(
        month,
        "fct_line_dispositions",
        columns=["client_id", "product_code", "currency", "amount"],
        filters=[("leg", "=", "invoice")],
    )
    contacts = _Contacts(workspace, month, words["contacts"])
    accounts = _Accounts(month, words["accounting"], threshold)
    found = [
        contacts.proposed(client_id, money, threshold)
        for client_id, money in _money("client_id", keys, lines).items()
        if client_id not in contacts.known
    ]
    found += [
        accounts.proposed(product_code, money)
        for product_code, money in _money("product_code", keys, lines).items()
        if product_code not in accounts.known
    ]
    return sorted(found, key=_most_money_first)


def _money(
    column: str, keys: Iterable[Mapping[str, Any]], lines: Iterable[Mapping[str, Any]]
) -> dict[str, tuple[tuple[str, Decimal], ...]]:
    totals: dict[str, dict[str, Decimal]] = {row[column]: {} for row in keys if row[column]}
    for row in lines:
        of_currency = totals.setdefault(row[column], defaultdict(Decimal))
        of_currency[row["currency"]] = of_currency.get(row["currency"], Decimal(0)) + row["amount"]
    return {name: tuple(sorted(by.items())) for name, by in totals.items()}


def _most_money_first(one: Lacking) -> tuple[Any, ...]:
    """Order by money within a currency; currencies are never compared. What has no line yet comes last."""
    currency, amount = one.money[0] if one.money else ("", Decimal(0))
    return not one.money, currency, -amount, one.kind, one.id


class _Contacts:
    """Names of clients, and those that an accounting system has."""

    def __init__(self, workspace: Workspace, month: MonthPaths, rows: Iterable[Mapping[str, Any]]) -> None:
        self.known = {row["client_id"]: row["contact_name"] for row in rows}
        self._taken = {_folded(name): client for client, name in self.known.items()}
        landed = table_rows(month, "dim_client", columns=["client_id", "client_name", "source"])
        self._names = {row["client_id"]: row["client_name"] or "" for row in landed}
        self._called = Counter(_folded(name) for name in self._names.values() if name)
        sources = workspace.msp(month.msp_id).sources
        systems = {name for name, source in sources.items() if source.connector in _ACCOUNTING_SYSTEMS}
        own = [row for row in landed if row["source"] in systems and row["client_name"]]
        self._own = {row["client_id"]: str(row["source"]) for row in own}
        self._matching = Clients(Candidate(row["client_id"], row["client_name"]) for row in own)

    def proposed(self, client_id: str, money: tuple[tuple[str, Decimal], ...], threshold: int) -> Lacking:
        name = self._names.get(client_id, "")
        contact, because = self._contact(client_id, name, threshold)
        if contact and (other := self._taken.get(_folded(contact))):
            contact, because = "", f"“{contact}” is the contact of {other} already"
        return Lacking(
            "client", client_id, name, money, {"contact_name": contact} if contact else {}, because
        )

    def _contact(self, client_id: str, name: str, threshold: int) -> tuple[str, str]:
        if not name:
            return "", "it is landed without a name"
        if client_id in self._own:
            return name, f"{self._own[client_id]} calls it so"
        if self._own:
            found = answer(self._matching.score(Unmapped("", client_id, (name,))), threshold, "contact")
            if not found.suggestions:
                return "", found.doubt
            best = found.suggestions[0]
            return best.name, f"{best.because}, a contact of {self._own[best.id]}"
        if self._called[_folded(name)] > 1:
            return "", f"{self._called[_folded(name)]} clients are called so"
        return name, "its name as landed; no accounting system's contacts are landed"


class _Accounts:
    """Products that have a row, by name."""

    def __init__(self, month: MonthPaths, rows: Iterable[Mapping[str, Any]], threshold: int) -> None:
        self.known = {row["product_code"]: row for row in rows}
        landed = table_rows(month, "dim_product", columns=["product_code", "product_name"])
        self._names = {row["product_code"]: row["product_name"] or "" for row in landed}
        self._threshold = threshold
        self._matching = Products(Candidate(code, self._names.get(code, "")) for code in self.known)

    def proposed(self, product_code: str, money: tuple[tuple[str, Decimal], ...]) -> Lacking:
        name = self._names.get(product_code, "")
        if not self.known:
            return Lacking("product", product_code, name, money, {}, "no product has a row yet")
        asked = Unmapped("", product_code, (name,) if name else ())
        found = answer(self._matching.score(asked), self._threshold, "product with a row")
        if not found.suggestions:
            return Lacking("product", product_code, name, money, {}, found.doubt)
        best = found.suggestions[0]
        row = self.known[best.id]
        cells = {"account_code": row["account_code"], "tax_type": row["tax_type"]}
        return Lacking("product", product_code, name, money, cells, f"{best.because}: those of {best.id}")


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())

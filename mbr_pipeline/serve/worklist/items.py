"""A month's findings as the worklist shows them: what each is, its money, and how it stands now.

What belongs here: reading, choosing, ordering and grouping them. What does not: whether a decision fits
(``mbr_pipeline.decide``), and pages (``views``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mbr_pipeline.decide.as_seen import Seen
from mbr_pipeline.decide.audited import AuditedMonth, Row, audited, tables_of
from mbr_pipeline.decide.decisions import impact_of
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.exception_codes import meaning_of, place_of, remedy_of
from mbr_pipeline.recompute.decisions.chain import Ruling
from mbr_pipeline.recompute.decisions.states import Case
from mbr_pipeline.report.text import exact_sum
from mbr_pipeline.report.vocabulary import DIRECTIONS, UNMAPPED_CODES
from mbr_pipeline.serve.worklist.asked import NONE, PAGE, Asked
from mbr_pipeline.workspace.paths import MonthPaths

AT_COST = "priced_at_cost"
_TITLES = {each.column: each.title for each in DIRECTIONS} | {AT_COST: "At cost"}


@dataclass(frozen=True)
class Amount:
    """Money of one direction and currency; never added to another's."""

    title: str
    amount: Decimal
    currency: str | None


@dataclass(frozen=True)
class Item:
    """One finding, as it stands now."""

    row: Row
    case: Case
    client: str | None
    product: str | None
    is_stale: bool

    @property
    def id(self) -> str:
        """Its exception_id."""
        return str(self.row["exception_id"])

    @property
    def code(self) -> str:
        """Its exception_code."""
        return str(self.row["exception_code"])

    @property
    def title(self) -> str:
        """What its code means, in one sentence."""
        return meaning_of(self.code) or self.code

    @cached_property
    def sentence(self) -> str:
        """What happened, with its figures: its explanation without what clears it and without records, which
        the page shows elsewhere.
        """
        text = str(self.row["explanation"])
        for end in (remedy_of(self.code), "Records: "):
            at = text.rfind(f" {end}") if end else -1
            if at > 0:
                return text[:at]
        return text

    @property
    def money(self) -> list[Amount]:
        """Its impact, or what it costs while it is not mapped; nothing where there is no money in it."""
        return [
            Amount(title, self.row[column], self.row["currency"])
            for column, title in _TITLES.items()
            if self.row[column]
        ]

    @cached_property
    def impact(self) -> Decimal:
        """The one amount that it is weighed by."""
        return impact_of(self.row)

    @property
    def decided(self) -> Ruling | None:
        """The decision in force on it."""
        return self.case.decided

    @property
    def pending(self) -> Ruling | None:
        """The decision on it that waits for a second person."""
        return self.case.pending

    @property
    def is_cleared(self) -> bool:
        """Whether it cleared by itself."""
        return str(self.row["status"]) == "auto_cleared"

    @property
    def is_to_do(self) -> bool:
        """Whether somebody must still decide or confirm."""
        return self.decided is None and not self.is_cleared

    @property
    def holds(self) -> bool:
        """Whether it keeps its client's invoice back."""
        return bool(self.row["blocking"]) and self.decided is None

    @property
    def waits_for_a_run(self) -> bool:
        """Whether it was decided, or a decision taken back, since the last run."""
        return (str(self.row["status"]) == "decided") is not (self.decided is not None)

    @property
    def seen(self) -> str:
        """How it stands, for a form to carry."""
        return Seen.of(self.row, self.case).text

    def names(self, words: Sequence[str]) -> bool:
        """Whether it has all these words."""
        about = (self.row[name] for name in _SEARCHED)
        text = " ".join(str(part) for part in (*about, self.client, self.product) if part).casefold()
        return all(word in text for word in words)


_SEARCHED = (
    "explanation", "exception_code", "exception_id", "client_id", "product_code", "source",
    "vendor_customer_id", "sku_id", "invoice_id", "line_id", "currency",
)  # fmt: skip


@dataclass(frozen=True)
class Worklist:
    """All findings of a month's last audit.

    Attributes:
        month: What was read.
        entries: Its MSP's chain, by the ten fields.
        items: Most money first, what is not mapped before everything.
        clients: Names by id.
        products: Names by code.
        released: Clients that were released.
    """

    month: AuditedMonth
    entries: Sequence[Mapping[str, Any]]
    items: Sequence[Item]
    clients: Mapping[str, str]
    products: Mapping[str, str]
    released: set[str]

    def asked(self, asked: Asked) -> list[Item]:
        """Return the findings that are asked for, in the order asked for: all pages of them."""
        words = asked.q.casefold().split()
        chosen = [
            item
            for item in self.items
            if (asked.show == "all" or item.is_to_do == (asked.show == "todo"))
            and (asked.show != "decided" or item.decided is not None)
            and asked.code in ("", item.code)
            and _is(asked.client, item.row["client_id"])
            and _is(asked.product, item.row["product_code"])
            and _is(asked.source, item.row["source"])
            and (not words or item.names(words))
        ]
        if asked.sort != "money":
            chosen.sort(key=lambda item: self._sorted_by(asked.sort, item))
        return chosen

    def _sorted_by(self, what: str, item: Item) -> tuple[bool, Any, str]:
        if what == "code":
            return False, place_of(item.code), ""
        client_id = item.row["client_id"]
        return client_id is None, (item.client or client_id or "").casefold(), client_id or ""


def read(month: MonthPaths) -> Worklist | None:
    """Read a month's findings with what is decided on them now; None where it was never audited."""
    tables = audited(month)
    folder = tables_of(month)
    if tables is None or folder is None:
        return None
    entries = [entry.fields() for entry in chain(month.workspace, month.msp_id)]
    judged = tables.judged(entries)
    stale = {row["exception_id"] for row in judged.rows if row["state"] == "stale"}
    clients = _names(folder / "dim_client.parquet", "client_id", "client_name")
    products = _names(folder / "dim_product.parquet", "product_code", "product_name")
    cases = {case.exception_id: case for case in judged.cases}
    items = [
        Item(
            row,
            cases[exception_id],
            clients.get(row["client_id"] or ""),
            products.get(row["product_code"] or ""),
            exception_id in stale and cases[exception_id].decided is None,
        )
        for exception_id, row in tables.exceptions.items()
    ]
    return Worklist(tables, entries, _by_money(items), clients, products, judged.released)


def _names(path: Path, key: str, name: str) -> dict[str, str]:
    table = pq.read_table(path, columns=[key, name])
    pairs = zip(table.column(key).to_pylist(), table.column(name).to_pylist(), strict=True)
    return {each: text for each, text in pairs if each and text}


def _by_money(items: Iterable[Item]) -> list[Item]:
    """Order findings: what is not mapped first; then by currency, that of most findings first, for amounts of
    two currencies have no order.
    """
    found = list(items)
    counts = Counter(item.row["currency"] or "" for item in found if item.impact)

    def place(item: Item) -> tuple[Any, ...]:
        currency = item.row["currency"] or ""
        return (
            item.code not in UNMAPPED_CODES,
            not item.impact,
            -counts[currency],
            currency,
            -item.impact,
            not item.row["blocking"],
            place_of(item.code),
            item.row["client_id"] or "",
            item.id,
        )

    return sorted(found, key=place)


def _is(wanted: str, there: str | None) -> bool:
    return not wanted or (there or NONE) == wanted


@dataclass(frozen=True)
class Group:
    """Findings of one client, code or source; ``items`` are those of one page."""

    key: str
    title: str | None
    count: int
    money: list[Amount]
    items: list[Item]


def grouped(items: Sequence[Item], asked: Asked) -> list[Group]:
    """Return the groups of which the page asked for shows something, in the order of their first findings.

    Without a group asked for, all are one.
    """
    by_key: dict[str, list[Item]] = {}
    for item in items:
        by_key.setdefault(_key(item, asked.by), []).append(item)
    first, found, at = (asked.page - 1) * PAGE, list[Group](), 0
    for key, all_of_it in by_key.items():
        shown = all_of_it[max(0, first - at) : max(0, first + PAGE - at)]
        at += len(all_of_it)
        if shown:
            found.append(
                Group(key, _title(all_of_it[0], asked.by), len(all_of_it), money_of(all_of_it), shown)
            )
    return found


def money_of(items: Iterable[Item]) -> list[Amount]:
    """Add up by direction and currency."""
    found: dict[tuple[str | None, str], list[Decimal]] = {}
    for item in items:
        for each in item.money:
            found.setdefault((each.currency, each.title), []).append(each.amount)
    order = list(_TITLES.values())
    return [
        Amount(title, exact_sum(amounts), currency)
        for (currency, title), amounts in sorted(
            found.items(), key=lambda pair: (pair[0][0] or "", order.index(pair[0][1]))
        )
    ]


def _key(item: Item, by: str) -> str:
    if not by:
        return ""
    column = {"client": "client_id", "code": "exception_code", "source": "source"}[by]
    return item.row[column] or NONE


def _title(item: Item, by: str) -> str | None:
    return {"": None, "client": item.client, "code": item.title, "source": None}[by]

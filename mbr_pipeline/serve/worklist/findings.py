"""A month's findings as its last audit left them: what each is, its words and its money.

What belongs here: reading them, once while the tables are the same, and their order. What does not: what is
decided on them (``items``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from mbr_pipeline.decide.audited import AuditedMonth, Row, audited, tables_of
from mbr_pipeline.decide.decisions import impact_of
from mbr_pipeline.exception_codes import meaning_of, place_of, remedy_of
from mbr_pipeline.report.vocabulary import DIRECTIONS, UNMAPPED_CODES
from mbr_pipeline.storage.kept import Kept
from mbr_pipeline.storage.parquet import table_of
from mbr_pipeline.workspace.paths import MonthPaths

TITLES = {each.column: each.title for each in DIRECTIONS} | {"priced_at_cost": "At cost"}
"""What money columns are called, in their order."""


@dataclass(frozen=True)
class Amount:
    """Money of one direction and currency; never added to another's."""

    title: str
    amount: Decimal
    currency: str | None


@dataclass(frozen=True)
class Finding:
    """One finding; ``client`` and ``product`` are names, None where they are not known."""

    row: Row
    client: str | None
    product: str | None

    @cached_property
    def id(self) -> str:
        """Its exception_id."""
        return str(self.row["exception_id"])

    @cached_property
    def code(self) -> str:
        """Its exception_code."""
        return str(self.row["exception_code"])

    @property
    def title(self) -> str:
        """What its code means, in one sentence."""
        return meaning_of(self.code) or self.code

    @property
    def remedy(self) -> str:
        """What clears it, in one sentence; empty where nothing must."""
        return remedy_of(self.code)

    @cached_property
    def sentence(self) -> str:
        """What happened, with its figures: its explanation without what clears it and without records, which
        the page shows elsewhere.
        """
        text = str(self.row["explanation"])
        for end in (self.remedy, "Records: "):
            at = text.rfind(f" {end}") if end else -1
            if at > 0:
                return text[:at]
        return text

    @cached_property
    def money(self) -> list[Amount]:
        """Its impact, or what it costs while it is not mapped; nothing where there is no money in it."""
        return [
            Amount(title, self.row[column], self.row["currency"])
            for column, title in TITLES.items()
            if self.row[column]
        ]

    @cached_property
    def impact(self) -> Decimal:
        """The one amount that it is weighed by."""
        return impact_of(self.row)

    @cached_property
    def is_cleared(self) -> bool:
        """Whether it cleared by itself."""
        return str(self.row["status"]) == "auto_cleared"

    def has_words(self, words: Sequence[str]) -> bool:
        """Whether all these words, in small letters, are in it."""
        return all(word in self._words for word in words)

    @cached_property
    def _words(self) -> str:
        about = (self.row[name] for name in _SEARCHED)
        return " ".join(str(part) for part in (*about, self.client, self.product) if part).casefold()


_SEARCHED = (
    "explanation", "exception_code", "exception_id", "client_id", "product_code", "source",
    "vendor_customer_id", "sku_id", "invoice_id", "line_id", "currency",
)  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """All of a month.

    Attributes:
        month: The tables they are of.
        rows: Most money first, what is not mapped before everything.
        clients: Names by id.
        products: Names by code.
    """

    month: AuditedMonth
    rows: Sequence[Finding]
    clients: Mapping[str, str]
    products: Mapping[str, str]

    @cached_property
    def counted(self) -> Mapping[str, Mapping[str | None, int]]:
        """How many there are of each client, code, product and source, by the name of the column."""
        columns = ("client_id", "exception_code", "product_code", "source")
        return {name: Counter(each.row[name] for each in self.rows) for name in columns}


_KEPT = Kept[Findings](8)


def findings(month: MonthPaths) -> Findings | None:
    """Read a month's findings; None where it was never audited."""
    tables, folder = audited(month), tables_of(month)
    if tables is None or folder is None:
        return None
    names = ("fct_exceptions", "dim_client", "dim_product")
    return _KEPT.get([folder / f"{name}.parquet" for name in names], lambda: _findings(tables, folder))


def _findings(tables: AuditedMonth, folder: Path) -> Findings:
    clients = _names(folder / "dim_client.parquet", "client_id", "client_name")
    products = _names(folder / "dim_product.parquet", "product_code", "product_name")
    rows = (
        Finding(row, clients.get(row["client_id"] or ""), products.get(row["product_code"] or ""))
        for row in tables.exceptions.values()
    )
    return Findings(tables, _by_money(rows), clients, products)


def _names(path: Path, key: str, name: str) -> dict[str, str]:
    table = table_of(path, columns=[key, name])
    pairs = zip(table.column(key).to_pylist(), table.column(name).to_pylist(), strict=True)
    return {each: text for each, text in pairs if each and text}


def _by_money(rows: Iterable[Finding]) -> list[Finding]:
    """Order findings: what is not mapped first; then by currency, that of most findings first, for amounts of
    two currencies have no order.
    """
    found = list(rows)
    counts = Counter(each.row["currency"] or "" for each in found if each.impact)

    def place(each: Finding) -> tuple[Any, ...]:
        currency = each.row["currency"] or ""
        return (
            each.code not in UNMAPPED_CODES,
            not each.impact,
            -counts[currency],
            currency,
            -each.impact,
            not each.row["blocking"],
            place_of(each.code),
            each.row["client_id"] or "",
            each.id,
        )

    return sorted(found, key=place)

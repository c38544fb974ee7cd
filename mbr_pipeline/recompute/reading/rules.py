"""What the operator wrote: ``mbr.yml`` and the four rule files, with their look-ups (contract §2).

What belongs here: configuration, read independently. What does not: what systems sent (``inputs``).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml

from connectors.registry import CONNECTORS
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.recompute.reading.policies import Policies, read_policies
from mbr_pipeline.recompute.reading.schema import read_date, read_decimal
from mbr_pipeline.recompute.reading.words import (
    CLIENT_WORDS,
    PRODUCT_WORDS,
    check_word,
    in_one_case,
    is_id,
)


@dataclass(frozen=True)
class SourceReader:
    """The connector that reads a source's files, with its complete settings."""

    connector: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Dated:
    """A rule row valid on ``[valid_from, valid_to)``; ``scope`` is what it is about, with a
    blank term as ``None``.
    """

    line: int
    valid_from: date
    valid_to: date
    scope: tuple[str | None, ...]

    def valid_on(self, day: date) -> bool:
        """Say whether the row holds on a day."""
        return self.valid_from <= day < self.valid_to

    def valid_within(self, start: date, end: date) -> bool:
        """Say whether the row holds on any day of ``[start, end)``."""
        return max(self.valid_from, start) < min(self.valid_to, end)


@dataclass(frozen=True)
class CustomerRule(Dated):
    """client_map: scope is (source, vendor_customer_id)."""

    client_id: str


@dataclass(frozen=True)
class SkuRule(Dated):
    """sku_map: scope is (source, sku_id, term)."""

    product_code: str
    units_per: Decimal


@dataclass(frozen=True)
class CostRule(Dated):
    """cost_list: scope is (source, sku_id, term, currency)."""

    unit_cost: Decimal


@dataclass(frozen=True)
class Metering:
    """metering.csv for one product; ``basis`` and ``line`` are ``None`` where the file says nothing."""

    basis: str | None = None
    minimum_quantity: Decimal = Decimal(0)
    markup_pct: Decimal = Decimal(0)
    margin_floor_pct: Decimal | None = None
    count_source: str | None = None
    line: int | None = None


T = TypeVar("T", bound=Dated)


@dataclass
class Rules:
    """Everything configured for one MSP; ``connectors`` has the sources that are read by
    another connector than ``canonical``, ``replacing`` those whose later file stands for the earlier ones.
    """

    sources: dict[str, list[str]]
    policies: Policies
    connectors: dict[str, SourceReader] = field(default_factory=dict)
    replacing: frozenset[str] = frozenset()
    customers: list[CustomerRule] = field(default_factory=list)
    skus: list[SkuRule] = field(default_factory=list)
    costs: list[CostRule] = field(default_factory=list)
    metering: dict[str, Metering] = field(default_factory=dict)
    _by_scope: dict[tuple[type[Dated], tuple[str | None, ...]], list[Dated]] = field(default_factory=dict)
    _by_client: dict[str, list[CustomerRule]] = field(default_factory=dict)
    _by_product: dict[str, list[SkuRule]] = field(default_factory=dict)
    _by_sku: dict[tuple[str | None, ...], list[CostRule]] = field(default_factory=dict)

    def index(self) -> None:
        """Arrange the dated rules by what they are looked up by, once all are read; refuse two that
        are valid at once.

        Raises:
            ConfigError: Two rows of one scope share a day.
        """
        for row in (*self.customers, *self.skus, *self.costs):
            others = self._by_scope.setdefault((type(row), row.scope), [])
            for other in others:
                if row.valid_within(other.valid_from, other.valid_to):
                    kind = {CustomerRule: "client_map", SkuRule: "sku_map", CostRule: "cost_list"}[type(row)]
                    raise ConfigError(f"{kind}.csv lines {other.line} and {row.line} are valid at once")
            others.append(row)
        for customer in self.customers:
            self._by_client.setdefault(customer.client_id, []).append(customer)
        for sku in self.skus:
            self._by_product.setdefault(sku.product_code, []).append(sku)
        for cost in self.costs:
            self._by_sku.setdefault(cost.scope[:3], []).append(cost)

    def _valid(self, kind: type[T], scope: tuple[str | None, ...], day: date) -> T | None:
        rows = self._by_scope.get((kind, scope), [])
        return next((row for row in rows if isinstance(row, kind) and row.valid_on(day)), None)

    def declares(self, dataset: str) -> list[str]:
        """List the sources that declare a dataset."""
        return sorted(source for source, datasets in self.sources.items() if dataset in datasets)

    def client_of(self, source: str, vendor_customer_id: str, day: date) -> CustomerRule | None:
        """Map a vendor's customer on a day."""
        return self._valid(CustomerRule, (source, vendor_customer_id), day)

    def sku_of(self, source: str, sku_id: str, term: str | None, day: date) -> SkuRule | None:
        """Map a SKU on a day: the row of exactly this term, else the one with a blank term."""
        rule = self._valid(SkuRule, (source, sku_id, term), day)
        return rule or self._valid(SkuRule, (source, sku_id, None), day)

    def cost_of(
        self, source: str, sku_id: str, term: str | None, currency: str, day: date
    ) -> CostRule | None:
        """Give the cost list's row, a cost per full month: the one of exactly this term, else the one
        with a blank term.
        """
        rule = self._valid(CostRule, (source, sku_id, term, currency), day)
        return rule or self._valid(CostRule, (source, sku_id, None, currency), day)

    def listed_currencies(self, source: str, sku_id: str, day: date) -> list[str]:
        """List the currencies in which a SKU has a blank-term cost on a day, alphabetically."""
        rows = (row for row in self._by_sku.get((source, sku_id, None), []) if row.valid_on(day))
        return sorted(str(row.scope[3]) for row in rows)

    def sources_of(self, product_code: str) -> list[str]:
        """List the sources with any sku_map row for a product, whenever it is valid."""
        return sorted({str(row.scope[0]) for row in self._by_product.get(product_code, ())})

    def sources_naming(self, product_code: str, start: date, end: date) -> set[str]:
        """List the sources with a sku_map row for a product that is valid on a day of ``[start, end)``."""
        rows = self._by_product.get(product_code, ())
        return {str(row.scope[0]) for row in rows if row.valid_within(start, end)}

    def customers_of(self, client_id: str, day: date) -> set[tuple[str | None, ...]]:
        """List (source, vendor_customer_id) of every row that gives a client a customer on a day."""
        return {row.scope for row in self._by_client.get(client_id, []) if row.valid_on(day)}

    def sources_knowing(self, client_id: str, start: date, end: date) -> set[str]:
        """List the sources with a client_map row for a client that is valid on a day of ``[start, end)``."""
        rows = self._by_client.get(client_id, ())
        return {str(row.scope[0]) for row in rows if row.valid_within(start, end)}


def read_rules(workspace: Path, msp_id: str) -> Rules:
    """Read mbr.yml and the rule files of one MSP.

    Raises:
        ConfigError: mbr.yml does not know the MSP, or two rule rows are valid at once for one thing.
    """
    # Every scalar stays the text the operator wrote, so no percentage passes through binary floating point.
    text = (workspace / "mbr.yml").read_text("utf-8-sig")
    settings: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds texts only
    msp = (settings.get("msps") or {}).get(msp_id)
    if msp is None:
        raise ConfigError(f"mbr.yml does not name the MSP {msp_id!r}")
    sources = {name: list(source["datasets"]) for name, source in msp["sources"].items()}
    policies = read_policies(settings.get("policies") or {})
    replacing = frozenset(name for name, item in msp["sources"].items() if item.get("files") == "replace")
    rules = Rules(sources, policies, _connectors(msp["sources"]), replacing)
    folder = workspace / "rules" / msp_id
    for line, row in _rows(folder / "client_map.csv"):
        scope = (row["source"], row["vendor_customer_id"])
        client = check_word(str(row["client_id"]), CLIENT_WORDS, f"client_map.csv line {line}, client_id")
        rules.customers.append(CustomerRule(line, *_validity(row), scope, client))
    for line, row in _rows(folder / "sku_map.csv"):
        scope_sku = (row["source"], row["sku_id"], row.get("term"))
        code = check_word(str(row["product_code"]), PRODUCT_WORDS, f"sku_map.csv line {line}, product_code")
        units = _quantity(row.get("units_per"), "1")
        if units <= 0:
            raise ConfigError(f"sku_map.csv line {line}, units_per: {units} is not above zero")
        rules.skus.append(SkuRule(line, *_validity(row), scope_sku, code, units))
    for line, row in _rows(folder / "cost_list.csv"):
        scope_cost = (row["source"], row["sku_id"], row.get("term"), row["currency"])
        price = read_decimal(str(row["unit_cost"]), 10, 15)
        rules.costs.append(CostRule(line, *_validity(row), scope_cost, price))
    rules.index()
    rules.metering = _metering(folder / "metering.csv")
    return rules


def _connectors(sources: dict[str, dict[str, Any]]) -> dict[str, SourceReader]:
    found: dict[str, SourceReader] = {}
    for name, source in sources.items():
        connector = source.get("connector", "canonical")
        if connector not in CONNECTORS:
            raise ConfigError(f"mbr.yml: source {name}: connector {connector!r} is unknown")
        if connector != "canonical":
            try:
                settings = CONNECTORS[connector].check(source.get("settings") or {})
            except ValueError as error:
                raise ConfigError(f"mbr.yml: source {name}: {error}") from error
            found[name] = SourceReader(connector, dict(settings))
    return found


def _metering(path: Path) -> dict[str, Metering]:
    found: dict[str, Metering] = {}
    for line, row in _rows(path):
        product = str(row["product_code"])
        if product in found:
            raise ConfigError(f"metering.csv line {line}: {product!r} has two rows")
        floor = row.get("margin_floor_pct")
        found[product] = Metering(
            row.get("basis"),
            _quantity(row.get("minimum_quantity"), "0"),
            Decimal(row.get("markup_pct") or "0"),
            None if floor is None else Decimal(floor),
            row.get("count_source"),
            line,
        )
    return found


def _rows(path: Path) -> list[tuple[int, dict[str, str | None]]]:
    if not path.exists():
        return []
    reader = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    found: list[tuple[int, dict[str, str | None]]] = []
    for row in reader:
        found.append((reader.line_num, {name: _cell(name, text) for name, text in row.items()}))
    return found


def _cell(name: str | None, text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    return in_one_case(text) if name and is_id(name) else text


def _quantity(text: str | None, default: str) -> Decimal:
    return read_decimal(text or default, 6, 12)


def _validity(row: dict[str, str | None]) -> tuple[date, date]:
    start, end = row.get("valid_from"), row.get("valid_to")
    first = read_date(start) if start else date.min
    last = read_date(end) if end else date.max
    if last < first:
        raise ConfigError(f"a rule for {list(row.values())} ends before it starts")
    return first, last

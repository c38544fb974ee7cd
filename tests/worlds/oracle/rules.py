"""What the operator wrote: ``mbr.yml`` and the four rule files of contract §2, with their look-ups.

Belongs here: configuration. What systems sent is read in ``inputs``.
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

from tests.worlds.oracle.schema import read_date, read_decimal


class ConfigurationError(ValueError):
    """The workspace is configured in a way the contract forbids (exit code 2)."""


@dataclass(frozen=True)
class Policies:
    """The ``policies`` of mbr.yml."""

    materiality: Decimal = Decimal("0.00")
    rounding_tolerance: Decimal = Decimal(1)
    min_coverage_pct: Decimal = Decimal(0)


@dataclass(frozen=True)
class Dated:
    """A rule row valid on ``[valid_from, valid_to)``; ``scope`` is what it is about, with a blank term as
    ``None``.
    """

    line: int
    valid_from: date
    valid_to: date
    scope: tuple[str | None, ...]

    def valid_on(self, day: date) -> bool:
        """Say whether the row holds on a day."""
        return self.valid_from <= day < self.valid_to


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
    """metering.csv for one product; ``basis`` is ``None`` where the file says nothing."""

    basis: str | None = None
    minimum_quantity: Decimal = Decimal(0)
    markup_pct: Decimal = Decimal(0)
    margin_floor_pct: Decimal | None = None
    count_source: str | None = None


T = TypeVar("T", bound=Dated)


@dataclass
class Rules:
    """Everything configured for one MSP."""

    sources: dict[str, list[str]]
    policies: Policies
    customers: list[CustomerRule] = field(default_factory=list)
    skus: list[SkuRule] = field(default_factory=list)
    costs: list[CostRule] = field(default_factory=list)
    metering: dict[str, Metering] = field(default_factory=dict)
    _by_scope: dict[tuple[type[Dated], tuple[str | None, ...]], list[Dated]] = field(default_factory=dict)

    def index(self) -> None:
        """Arrange the dated rules by scope, once all are read; refuse two that are valid at once.

        Raises:
            ConfigurationError: Two rows of one scope share a day.
        """
        for row in (*self.customers, *self.skus, *self.costs):
            others = self._by_scope.setdefault((type(row), row.scope), [])
            for other in others:
                if max(row.valid_from, other.valid_from) < min(row.valid_to, other.valid_to):
                    kind = {CustomerRule: "client_map", SkuRule: "sku_map", CostRule: "cost_list"}[type(row)]
                    raise ConfigurationError(
                        f"{kind}.csv lines {other.line} and {row.line} are valid at once"
                    )
            others.append(row)

    def _valid(self, kind: type[T], scope: tuple[str | None, ...], day: date) -> T | None:
        rows = self._by_scope.get((kind, scope), [])
        return next((row for row in rows if isinstance(row, kind) and row.valid_on(day)), None)

    def declares(self, dataset: str) -> list[str]:
        """List the sources that declare a dataset."""
        return sorted(source for source, datasets in self.sources.items() if dataset in datasets)

    def client_of(self, source: str, vendor_customer_id: str, day: date) -> str | None:
        """Map a vendor's customer on a day."""
        rule = self._valid(CustomerRule, (source, vendor_customer_id), day)
        return rule.client_id if rule else None

    def sku_of(self, source: str, sku_id: str, term: str | None, day: date) -> SkuRule | None:
        """Map a SKU on a day: the row of exactly this term, else the one with a blank term."""
        rule = self._valid(SkuRule, (source, sku_id, term), day)
        return rule or self._valid(SkuRule, (source, sku_id, None), day)

    def cost_of(self, source: str, sku_id: str, term: str | None, currency: str, day: date) -> Decimal | None:
        """Give the listed unit cost per full month: the row of exactly this term, else the one with a blank
        term.
        """
        rule = self._valid(CostRule, (source, sku_id, term, currency), day)
        rule = rule or self._valid(CostRule, (source, sku_id, None, currency), day)
        return rule.unit_cost if rule else None

    def listed_currencies(self, source: str, sku_id: str, day: date) -> list[str]:
        """List the currencies in which a SKU has a blank-term cost on a day, alphabetically."""
        rows = (row for row in self.costs if row.scope[:3] == (source, sku_id, None) and row.valid_on(day))
        return sorted(str(row.scope[3]) for row in rows)

    def sources_of(self, product_code: str) -> list[str]:
        """List the sources with any sku_map row for a product, whenever it is valid."""
        return sorted({str(row.scope[0]) for row in self.skus if row.product_code == product_code})


def read_rules(workspace: Path, msp_id: str) -> Rules:
    """Read mbr.yml and the rule files of one MSP.

    Raises:
        ConfigurationError: mbr.yml does not know the MSP, or two rule rows are valid at once for one thing.
    """
    # Every scalar stays the text the operator wrote, so no percentage passes through binary floating point.
    settings: dict[str, Any] = yaml.load((workspace / "mbr.yml").read_text("utf-8"), Loader=yaml.BaseLoader)
    msp = (settings.get("msps") or {}).get(msp_id)
    if msp is None:
        raise ConfigurationError(f"mbr.yml does not name the MSP {msp_id!r}")
    sources = {name: list(source["datasets"]) for name, source in msp["sources"].items()}
    policies = Policies(**{name: Decimal(value) for name, value in (settings.get("policies") or {}).items()})
    rules = Rules(sources, policies)
    folder = workspace / "rules" / msp_id
    for line, row in _rows(folder / "client_map.csv"):
        scope = (row["source"], row["vendor_customer_id"])
        rules.customers.append(CustomerRule(line, *_validity(row), scope, str(row["client_id"])))
    for line, row in _rows(folder / "sku_map.csv"):
        scope_sku = (row["source"], row["sku_id"], row.get("term"))
        units = _quantity(row.get("units_per"), "1")
        rules.skus.append(SkuRule(line, *_validity(row), scope_sku, str(row["product_code"]), units))
    for line, row in _rows(folder / "cost_list.csv"):
        scope_cost = (row["source"], row["sku_id"], row.get("term"), row["currency"])
        price = read_decimal(str(row["unit_cost"]), 10, 15)
        rules.costs.append(CostRule(line, *_validity(row), scope_cost, price))
    rules.index()
    rules.metering = _metering(folder / "metering.csv")
    return rules


def _metering(path: Path) -> dict[str, Metering]:
    found: dict[str, Metering] = {}
    for line, row in _rows(path):
        product = str(row["product_code"])
        if product in found:
            raise ConfigurationError(f"metering.csv line {line}: {product!r} has two rows")
        floor = row.get("margin_floor_pct")
        found[product] = Metering(
            row.get("basis"),
            _quantity(row.get("minimum_quantity"), "0"),
            Decimal(row.get("markup_pct") or "0"),
            None if floor is None else Decimal(floor),
            row.get("count_source"),
        )
    return found


def _rows(path: Path) -> list[tuple[int, dict[str, str | None]]]:
    if not path.exists():
        return []
    reader = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    found: list[tuple[int, dict[str, str | None]]] = []
    for row in reader:
        found.append(
            (reader.line_num, {name: text if text and text.strip() else None for name, text in row.items()})
        )
    return found


def _quantity(text: str | None, default: str) -> Decimal:
    return read_decimal(text or default, 6, 12)


def _validity(row: dict[str, str | None]) -> tuple[date, date]:
    start, end = row.get("valid_from"), row.get("valid_to")
    first = read_date(start) if start else date.min
    last = read_date(end) if end else date.max
    if last < first:
        raise ConfigurationError(f"a rule for {list(row.values())} ends before it starts")
    return first, last

"""Reads a written world back from disk, knowing nothing of how it was written.

For tests of the generator: typed records, half-up rounding, mapping and unit-days, each worked out anew so
that a slip in the generator shows. What must hold of them is in the tests.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq

from mbr_pipeline.scaffold.world.model import SOURCES, World

Row = dict[str, Any]
GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
PLACES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CHF": 2}
NUMBERS = (
    "quantity",
    "unit_cost",
    "amount",
    "unit_price",
    "invoice_total",
    "entitled_quantity",
    "assigned_quantity",
    "default_unit_price",
    "units_per",
    "minimum_quantity",
    "markup_pct",
    "margin_floor_pct",
)
IDENTITIES = {
    "vendor_charges": ("invoice_id", "line_id"),
    "vendor_invoices": ("invoice_id",),
    "clients": ("client_id",),
    "products": ("product_code",),
    "agreements": ("agreement_line_id",),
    "invoice_lines": ("invoice_id", "invoice_line_id"),
}
"""Columns that identify a record; license_counts have none (contract §3.3)."""


def half_up(value: Fraction, places: int) -> Decimal:
    """Round half-up away from zero by counting halves."""
    doubled = abs(value) * 10**places * 2
    units = (int(doubled) + 1) // 2
    return Decimal(-units if value < 0 else units).scaleb(-places)


def month(period: str) -> tuple[date, date]:
    """First day of a period and of the next one."""
    first = date.fromisoformat(period + "-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def within(start: date, end: date, period: str) -> int:
    """Days of a half-open interval within a period."""
    first, stop = month(period)
    return max(0, (min(end, stop) - max(start, first)).days)


def _cells(path: Path) -> Iterator[Row]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    kind = path.name.removesuffix(".gz").rpartition(".")[2]
    if kind == "csv":
        yield from csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    elif kind == "jsonl":
        yield from (
            json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in content.decode().splitlines()
        )
    elif kind == "parquet":
        yield from pq.read_table(io.BytesIO(content)).to_pylist()
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        head, *body = sheet.iter_rows(values_only=True)
        yield from (dict(zip(map(str, head), values, strict=True)) for values in body)


def typed(row: Row) -> Row:
    """A record with numbers and dates typed and nulls left out."""
    clean: Row = {}
    for name, value in row.items():
        text = str(value).split(" ")[0] if isinstance(value, date) else "" if value is None else str(value)
        if text == "" or name == "internal_note":
            continue
        if name in NUMBERS:
            clean[name] = Decimal(text)
        elif name.endswith(("_start", "_end", "_date")) or name.startswith("valid_"):
            clean[name] = date.fromisoformat(text)
        else:
            is_guid = name.endswith("_id") and GUID.fullmatch(text)
            clean[name] = text.lower() if name == "vendor_backed" or is_guid else text
    return clean


def landed(
    world: World, period: str, dataset: str, source: str | None = None, msp: str = "northwind"
) -> list[Row]:
    """Typed records of a dataset: equal files and equal records once, each with its source."""
    folder = world.directory / "landing" / msp / period
    rows: list[Row] = []
    for owner in [source] if source else [name for name, declared in SOURCES.items() if dataset in declared]:
        contents: set[bytes] = set()
        seen: dict[tuple[Any, ...], Row] = {}
        for path in sorted((folder / owner).glob(f"{dataset}.*")):
            if path.read_bytes() in contents:
                continue
            contents.add(path.read_bytes())
            for index, cells in enumerate(_cells(path)):
                row = {**typed(cells), "source": owner}
                names = IDENTITIES.get(dataset)
                identity = tuple(row[name] for name in names) if names else (path.name, index)
                assert seen.setdefault(identity, row) == row
        rows += seen.values()
    return rows


def rules(world: World, name: str) -> list[Row]:
    """The rows of a rule file of the first MSP."""
    return [typed(row) for row in _cells(world.directory / "rules" / "northwind" / f"{name}.csv")]


def ruled(rows: list[Row], source: str, column: str, value: str, day: date, term: str | None) -> Row:
    """The one rule valid on a day; an exact term wins over a blank one."""
    fits = [
        row
        for row in rows
        if row["source"] == source
        and row[column] == value
        and row.get("term", term) == term
        and row.get("valid_from", day) <= day < row.get("valid_to", date.max)
    ]
    return max(fits, key=lambda row: "term" in row)


class Books:
    """Clean vendor and client rows of a world with their mapping, as the tests of unit-days need them."""

    def __init__(self, world: World) -> None:
        """Read all periods from disk."""
        self.clients, self.skus = rules(world, "client_map"), rules(world, "sku_map")
        self.metering = {row["product_code"]: row for row in rules(world, "metering")}
        self.lines = [
            (p, row)
            for p in world.periods
            for row in landed(world, p, "vendor_charges")
            if not self.is_aside(row, max(row["charge_period_start"], month(p)[0]))
        ]
        self.counts = {
            p: [
                row for row in landed(world, p, "license_counts") if not self.is_aside(row, row["as_of_date"])
            ]
            for p in world.periods
        }
        seen: set[tuple[str, str]] = set()
        self.invoiced: list[tuple[str, Row]] = []
        for period in world.periods:
            for row in landed(world, period, "invoice_lines"):
                identity = row["invoice_id"], row["invoice_line_id"]
                if identity not in seen:
                    self.invoiced.append((period, row))
                seen.add(identity)

    def is_aside(self, row: Row, day: date) -> bool:
        """Whether a word of the maps keeps a vendor row out of every key."""
        legs = (self.clients, "vendor_customer_id"), (self.skus, "sku_id")
        found = (
            rule
            for rules_of, column in legs
            for rule in rules_of
            if (rule["source"], rule[column]) == (row["source"], row[column])
            and rule.get("valid_from", day) <= day < rule.get("valid_to", date.max)
            and rule.get("term") in (None, row.get("term"))
        )
        return any(str(rule.get("client_id", rule.get("product_code")))[0] == "!" for rule in found)

    def key(self, row: Row, day: date) -> tuple[tuple[str, str], Decimal]:
        """The (client, product) a vendor row maps to on a day, and its units per SKU unit."""
        client = ruled(
            self.clients, row["source"], "vendor_customer_id", row["vendor_customer_id"], day, None
        )
        sku = ruled(self.skus, row["source"], "sku_id", row["sku_id"], day, row.get("term"))
        return (client["client_id"], sku["product_code"]), sku.get("units_per", Decimal(1))

    def vendor_days(self, period: str) -> dict[tuple[str, str], Decimal]:
        """Unit-days of recurring vendor lines by key."""
        days: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for here, row in self.lines:
            start, end = row["charge_period_start"], row["charge_period_end"]
            if row["charge_category"] == "recurring" and here <= period and within(start, end, period):
                key, units = self.key(row, max(start, month(period)[0]))
                days[key] += row["quantity"] * units * within(start, end, period)
        return days

    def invoiced_days(self, period: str) -> dict[tuple[str, str], Decimal]:
        """Unit-days of client invoice lines by key."""
        days: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for here, row in self.invoiced:
            o = within(row["service_period_start"], row["service_period_end"], period)
            if here <= period and o and row.get("charge_category") != "one_time":
                days[row["client_id"], row["product_code"]] += row["quantity"] * o
        return days


def ordered(row: Row) -> list[tuple[str, Any]]:
    """A record in which equal values look equal, to compare and to count."""
    return sorted(
        (name, value.normalize() if isinstance(value, Decimal) else value) for name, value in row.items()
    )

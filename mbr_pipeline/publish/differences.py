"""Comparing the tables of two folders: which rows were added, removed or changed, value by value, and the
money of it.

What belongs here: the comparison. What does not: which folders are compared (``mbr_pipeline.release``), and
the published table of what changed between closed versions (``restatement``).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from mbr_pipeline.storage.parquet import table_of

Row = dict[str, Any]
Money = dict[str, dict[str, Decimal]]
"""Sums by currency and column."""

RECONCILED = {
    "fct_reconciliation": ("client_id", "product_code", "currency"),
    "fct_exceptions": ("exception_id",),
    "fct_invoice_lines_ready": ("client_id", "source", "invoice_id", "invoice_line_id"),
    "fct_variance_bridge": ("client_id", "currency"),
}
"""The tables that a restatement compares, and what names a row of each."""

ALL = {
    **RECONCILED,
    "fct_client_gate": ("client_id", "currency"),
    "fct_decisions": ("decision_id", "exception_id"),
    "fct_psa_changes": ("client_id", "product_code"),
    "fct_margin": ("client_id", "product_code", "currency"),
    "fct_close_metrics": ("currency",),
    "fct_line_dispositions": ("leg", "source", "invoice_id", "line_id"),
    "fct_control_totals": ("control", "source", "dataset", "scope"),
    "dim_client": ("client_id",),
    "dim_product": ("product_code",),
    "dim_sku": ("source", "sku_id", "term"),
    "dim_source": ("source", "dataset"),
}
"""Every published table, those that people look at first."""

AMOUNT = pa.decimal128(28, 4)
"""The type of money in the published tables; prices and quantities have others."""

_ALWAYS_THE_SAME = ("msp_id", "period")


@dataclass(frozen=True)
class TableDifference:
    """What differs between a table before and after; rows by their key, a JSON array."""

    table: str
    before: Mapping[str, Row]
    after: Mapping[str, Row]
    amounts: frozenset[str]
    """Columns of money."""

    def count(self, change: str) -> int:
        """Return how many rows were ``added``, ``removed`` or ``changed``."""
        return sum(each == change for _, each in self._changes())

    def money(self) -> Money:
        """Return Σ after less Σ before of the columns of money, by currency; without those that are equal."""
        sums: Money = defaultdict(lambda: defaultdict(Decimal))
        for sign, rows in ((1, self.after), (-1, self.before)):
            for row in rows.values():
                for name in self.amounts:
                    if row[name]:
                        sums[row["currency"] or ""][name] += sign * row[name]
        found = {
            currency: {name: amount for name, amount in sorted(columns.items()) if amount}
            for currency, columns in sorted(sums.items())
        }
        return {currency: columns for currency, columns in found.items() if columns}

    def values(self) -> Iterator[Row]:
        """Yield what changed, value by value, in the order of keys and columns: an added or removed row gives
        one for each of its values.
        """
        for key, change in self._changes():
            was, now = self.before.get(key, {}), self.after.get(key, {})
            there = now or was
            about = {
                "table_name": self.table,
                "row_key": key,
                "change": change,
                "client_id": there.get("client_id"),
                "currency": there.get("currency"),
            }
            for values in _values(was, now, self.amounts):
                yield about | values

    def _changes(self) -> Iterator[tuple[str, str]]:
        for key in sorted(self.before.keys() | self.after.keys()):
            was, now = self.before.get(key), self.after.get(key)
            if was != now:
                yield key, "added" if was is None else "removed" if now is None else "changed"


def differences(before: Path, after: Path, keys: Mapping[str, tuple[str, ...]]) -> Iterator[TableDifference]:
    """Yield each table of two folders; one that a folder is without has no rows there."""
    for table, key in keys.items():
        schema, old = _read(before / f"{table}.parquet", key)
        newer, new = _read(after / f"{table}.parquet", key)
        amounts = frozenset(field.name for field in [*schema, *newer] if _is_money(field))
        yield TableDifference(table, old, new, amounts)


def _is_money(field: pa.Field) -> bool:
    # the amount of a vendor line is money, too, with as many places as bills have
    return bool(field.type == AMOUNT or field.name == "amount")


def _read(path: Path, key: Sequence[str]) -> tuple[Sequence[pa.Field], dict[str, Row]]:
    if not path.exists():
        return [], {}
    table = table_of(path)
    rows: dict[str, Row] = {}
    for row in table.to_pylist():
        named = [row[name] for name in key]
        written = json.dumps(named, ensure_ascii=False)
        while written in rows:  # nothing that a table repeats may be lost
            named = [*named, "again"]
            written = json.dumps(named, ensure_ascii=False)
        rows[written] = row
    return list(table.schema), rows


def _values(was: Row, now: Row, amounts: frozenset[str]) -> Iterator[Row]:
    for name in sorted((was.keys() | now.keys()) - set(_ALWAYS_THE_SAME)):
        old, new = was.get(name), now.get(name)
        if old == new:
            continue
        yield {
            "column_name": name,
            "old_value": _text(old),
            "new_value": _text(new),
            "amount_change": (new or Decimal(0)) - (old or Decimal(0)) if name in amounts else None,
        }


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)

"""What changed between two versions of a month: one row for each value that was added, removed or changed
(contract §9).

What belongs here: comparing the tables of two folders, and the table of what changed. What does not: which
versions there are (``mbr_pipeline.release``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.audit.candidate_tables import RESTATEMENT
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.transform.table_descriptions import TableDescription
from mbr_pipeline.workspace.paths import MonthPaths

Row = dict[str, Any]

KEYS = {
    "fct_reconciliation": ("client_id", "product_code", "currency"),
    "fct_exceptions": ("exception_id",),
    "fct_invoice_lines_ready": ("client_id", "source", "invoice_id", "invoice_line_id"),
    "fct_variance_bridge": ("client_id", "currency"),
}
"""The tables that are compared, and what names a row of each."""

_ALWAYS_THE_SAME = ("msp_id", "period")
_AMOUNT = pa.decimal128(28, 4)
"""The type of money in the published tables; prices and quantities have others."""

_COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "msp_id": (pa.string(), "The managed service provider whose books are reconciled."),
    "period": (pa.string(), "Calendar month YYYY-MM."),
    "from_version": (pa.int32(), "Number of the closed version before."),
    "to_version": (pa.int32(), "Number of the version after."),
    "table_name": (pa.string(), "Table that the value stands in."),
    "row_key": (pa.string(), "What names the value's row, as a JSON array."),
    "change": (pa.string(), "added, removed or changed: what became of the row."),
    "column_name": (pa.string(), "Column of the value."),
    "old_value": (pa.string(), "The value before, as text, a list as JSON; null where there was none."),
    "new_value": (pa.string(), "The value after, likewise."),
    "client_id": (
        pa.string(),
        "The company the MSP invoices (PSA company); null where the row is about none.",
    ),
    "currency": (pa.string(), "ISO 4217 code of the money in the row."),
    "amount_change": (_AMOUNT, "New minus old, what is not there as 0; null unless the column is of money."),
}

SCHEMA = pa.schema([(name, kind) for name, (kind, _) in _COLUMNS.items()])
"""Columns of ``fct_restatement``."""

MEANING = TableDescription(
    "What a month that was opened again says otherwise than its closed version, value by value.",
    {name: meaning for name, (_, meaning) in _COLUMNS.items()},
)
"""The table in words: no model of dbt describes it."""


def restated(month: MonthPaths, before: tuple[int, Path], after: tuple[int, Path]) -> list[Row]:
    """Return what changed between two versions, each given by its number and its folder, in the order of
    tables, keys and columns.

    An added or removed row has one row here for each of its values.
    """
    found: list[Row] = []
    for table, key in KEYS.items():
        schema, old = _read(before[1] / f"{table}.parquet", key)
        newer, new = _read(after[1] / f"{table}.parquet", key)
        amounts = {field.name for field in [*schema, *newer] if field.type == _AMOUNT}
        for row_key in sorted(old.keys() | new.keys()):
            was, now = old.get(row_key), new.get(row_key)
            if was == now:
                continue
            there: Row = now or was or {}
            about = {
                "msp_id": month.msp_id,
                "period": month.period.text,
                "from_version": before[0],
                "to_version": after[0],
                "table_name": table,
                "row_key": row_key,
                "change": "added" if was is None else "removed" if now is None else "changed",
                "client_id": there["client_id"],
                "currency": there["currency"],
            }
            found += [about | values for values in _values(was or {}, now or {}, amounts)]
    return found


def write_restatement(month: MonthPaths, closed: Path) -> str:
    """Write what changed since a closed version (a folder named by its number) beside the candidate tables;
    returns the file's SHA-256.
    """
    number = int(closed.name)
    rows = restated(month, (number, closed), (number + 1, month.candidate))
    place = month.candidate / f"{RESTATEMENT}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), place)
    return sha256_of(place)


def _read(path: Path, key: tuple[str, ...]) -> tuple[pa.Schema, dict[str, Row]]:
    table = pq.read_table(path)
    rows = {json.dumps([row[name] for name in key], ensure_ascii=False): row for row in table.to_pylist()}
    return table.schema, rows


def _values(was: Row, now: Row, amounts: set[str]) -> Iterator[Row]:
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


def columns_of_nothing() -> Mapping[str, str]:
    """Return the columns with DuckDB's types, for a catalogue in which no month was opened again."""
    types = {pa.string(): "varchar", pa.int32(): "integer", _AMOUNT: "decimal(28, 4)"}
    return {field.name: types[field.type] for field in SCHEMA}

"""What changed between two versions of a month: one row for each value that was added, removed or changed
(contract §9).

What belongs here: the table of what changed. What does not: comparing (``differences``), and which versions
there are (``mbr_pipeline.release``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.audit.candidate_tables import RESTATEMENT
from mbr_pipeline.publish.differences import AMOUNT, RECONCILED, Row, differences
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.transform.table_descriptions import TableDescription
from mbr_pipeline.workspace.paths import MonthPaths

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
    "amount_change": (AMOUNT, "New minus old, what is not there as 0; null unless the column is of money."),
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
    about = {
        "msp_id": month.msp_id,
        "period": month.period.text,
        "from_version": before[0],
        "to_version": after[0],
    }
    compared = differences(before[1], after[1], RECONCILED)
    return [about | row for table in compared for row in table.values()]


def write_restatement(month: MonthPaths, closed: Path) -> str:
    """Write what changed since a closed version (a folder named by its number) beside the candidate tables;
    returns the file's SHA-256.
    """
    number = int(closed.name)
    rows = restated(month, (number, closed), (number + 1, month.candidate))
    place = month.candidate / f"{RESTATEMENT}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), place)
    return sha256_of(place)


def columns_of_nothing() -> Mapping[str, str]:
    """Return the columns with DuckDB's types, for a catalogue in which no month was opened again."""
    types = {pa.string(): "varchar", pa.int32(): "integer", AMOUNT: "decimal(28, 4)"}
    return {field.name: types[field.type] for field in SCHEMA}

"""What a month came to, as plain rows that can be transformed and compared, order and all.

Belongs here: reading the candidate tables and gate.json, and saying where two outcomes differ. What must be
equal is the test's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.scaffold.world.model import Workspace
from tests.worlds.compare import Builder, run_month
from tests.worlds.forms import Form, Record, write

Row = dict[str, Any]
Tables = dict[str, list[Row]]

GATE = "gate.json"
_GATE_FIELDS = (
    "gate",
    "reasons",
    "controls",
    "suites",
    "rejected_count",
    "rejected_rows",
    "coverage",
    "residual",
    "clients",
    "exceptions",
    "money",
)
"""Fields that follow from what the files say; the others name the files themselves, their bytes and the hour.
"""

LOAD_CONTROLS = (
    "SOURCE_MISSING",
    "SCHEMA_DRIFT",
    "ROW_REJECTED",
    "SOURCE_EMPTY",
    "SOURCE_STALE",
    "DOUBLE_LANDING",
)
_COUNTED = ("scope", "expected", "actual", "difference", "message")


def run(
    workspace: Workspace,
    root: Path,
    builder: Builder,
    forms: Iterable[Form] = (),
    rule_forms: Iterable[Form] = (),
) -> Tables:
    """Write a workspace and take the last period of its first MSP through the pipeline."""
    records = write(workspace, root, forms, rule_forms)
    return again(workspace, root, builder, records, workspace.periods[-1])


def again(
    workspace: Workspace, root: Path, builder: Builder, records: Mapping[str, Record], period: str
) -> Tables:
    """Take a period of a written workspace through the pipeline."""
    folder, document = run_month(root, workspace.books[0].msp_id, period, builder)
    gate = [
        {name: document[name] for name in _GATE_FIELDS},
        *({"warning": text} for text in document["warnings"]),
    ]
    return read(folder, records) | {GATE: gate}


def read(folder: Path, records: Mapping[str, Record]) -> Tables:
    """Read candidate tables, with the records that evidence names in place of the files and lines they stand
    on.

    Where a record stands in its file is what some relations change; which record it is must stay.
    Explanations end with the first few of these names, which go too.
    """
    return {
        name: [_evident(row, records) for row in pq.read_table(folder / f"{name}.parquet").to_pylist()]
        for name in ROW_ORDER
    }


def _evident(row: Row, records: Mapping[str, Record]) -> Row:
    if "evidence" in row:
        told, _, listed = row["explanation"].rpartition(" Records: ")
        assert listed.startswith(row["evidence"][0])
        row["explanation"] = told
        row["evidence"] = sorted((records[name] for name in row["evidence"]), key=repr)
    if "record_id" in row:
        row["record_id"] = records[row["record_id"]]
    return row


def changed(tables: Tables, change: Callable[[str, Row], Iterable[Row]]) -> Tables:
    """Every row replaced by the rows that a function of table and row makes of it; it gets a copy."""
    return {name: [made for row in rows for made in change(name, dict(row))] for name, rows in tables.items()}


def without(tables: Tables, *columns: str) -> Tables:
    """The tables without some columns."""
    return changed(
        tables, lambda _, row: [{name: value for name, value in row.items() if name not in columns}]
    )


def uncounted(tables: Tables) -> Tables:
    """Without what the load controls say about how many files and rows they saw, and without the warnings
    that name files.

    For relations that change just that: whether the controls held stays.
    """

    def change(table: str, row: Row) -> list[Row]:
        if table == "fct_control_totals" and row["control"] in LOAD_CONTROLS:
            row.update(dict.fromkeys(_COUNTED))
        if row.get("control") == "excluded" or row.get("exception_code") == "UNMAPPED_PRODUCT":
            # their sentences count lines
            row.update(dict.fromkeys({"message", "explanation"} & row.keys()))
        return [] if "warning" in row else [row]

    return changed(tables, change)


def texts(value: Any, change: Callable[[str], str]) -> Any:
    """A value with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: texts(part, change) for name, part in value.items()}
    return type(value)(texts(part, change) for part in value) if isinstance(value, list | tuple) else value


def differences(expected: Tables, actual: Tables) -> list[str]:
    """List rows that only one side has; if there are none, rows that stand elsewhere."""
    found = differences_in_any_order(expected, actual)
    if found:
        return found
    return [f"{name} is in another order" for name, rows in expected.items() if rows != actual[name]]


def differences_in_any_order(expected: Tables, actual: Tables) -> list[str]:
    """List rows that only one side has, in pairs with what differs where they stand for the same thing."""
    assert expected.keys() == actual.keys()
    found = []
    for name, rows in expected.items():
        sides = [Counter(map(_frozen, side)) for side in (rows, actual[name])]
        lost, surplus = (
            [dict(row) for row in side.elements()] for side in (sides[0] - sides[1], sides[1] - sides[0])
        )
        for row in lost:
            like = next((other for other in surplus if _is_like(row, other)), None)
            if like is None:
                found.append(f"{name} missing: {row}")
                continue
            surplus.remove(like)
            unlike = (
                f"{column} is {like.get(column)!r}, expected {value!r}"
                for column, value in row.items()
                if like.get(column) != value
            )
            found.append(
                f"{name} {[row.get(column) for column in _NAMES if row.get(column)]}: {'; '.join(unlike)}"
            )
        found += [f"{name} not expected: {row}" for row in surplus]
    return found


_NAMES = (
    "exception_code",
    "client_id",
    "product_code",
    "source",
    "sku_id",
    "line_id",
    "invoice_line_id",
    "control",
    "scope",
    "currency",
)


def _is_like(one: Row, other: Row) -> bool:
    return one.keys() == other.keys() and all(one.get(name) == other.get(name) for name in _NAMES)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        # which records are evidence matters, other names may sort them otherwise
        parts = {name: sorted(part, key=repr) if name == "evidence" else part for name, part in value.items()}
        return tuple((name, _frozen(part)) for name, part in sorted(parts.items()))
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value

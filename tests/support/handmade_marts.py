"""A month's tables written by hand instead of by dbt: the marts with the columns dbt enforces, and what else
the audit reads.

Belongs here: one sound month, and writing it with any of its rows changed. Client C-1 passes with a line in
dollars and one in yen, client C-2 is held. Does not: what must come of it (the tests of the gate, the frames,
the candidate tables and the month).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

Rows = Sequence[Mapping[str, Any]]

MARTS = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"

# of the other schemas only the columns that the gate and the audit read
OTHERS = {
    "intermediate.int_audit_facts": "fact varchar, scope varchar, violations bigint",
    "intermediate.int_controls": "control varchar, source varchar, passed boolean",
    "intermediate.int_coverage": (
        "currency varchar, mapped_amount decimal(38, 12), "
        "total_amount decimal(38, 12), coverage_pct decimal(18, 4)"
    ),
    "intermediate.int_invoice_lines": (
        "source varchar, invoice_id varchar, invoice_line_id varchar, client_id varchar,"
        " amount decimal(28, 4), currency varchar, is_landed_in_period boolean"
    ),
    "raw.declared_datasets": "source varchar, dataset varchar",
    "raw.load_controls": "control varchar, source varchar, dataset varchar, actual decimal(38, 12)",
    "raw.currencies": "currency varchar, minor_units integer",
    "raw.rejects": (
        "source varchar, dataset varchar, file varchar, line bigint, column_name varchar, value varchar,"
        " reason varchar"
    ),
}


def _load(control: str, actual: int, dataset: str = "invoice_lines", source: str = "psa") -> dict[str, Any]:
    return {"control": control, "source": source, "dataset": dataset, "actual": actual}


def invoice_line(line_id: str, client_id: str, amount: str, currency: str, **more: Any) -> dict[str, Any]:
    """A client invoice line as ``int_invoice_lines`` has it."""
    line = {
        "source": "psa",
        "invoice_id": "I-1",
        "invoice_line_id": line_id,
        "client_id": client_id,
        "amount": amount,
        "currency": currency,
    }
    return line | {"is_landed_in_period": True} | more


def ready_line(line_id: str, client_id: str, amount: str, currency: str, **more: Any) -> dict[str, Any]:
    """The same line where it may go out."""
    line = {
        "source": "psa",
        "invoice_id": "I-1",
        "invoice_line_id": line_id,
        "client_id": client_id,
        "amount": amount,
        "currency": currency,
    }
    return line | {"quantity": "1", "unit_price": amount, "change": "unchanged"} | more


SOUND: dict[str, Rows] = {
    "marts.fct_reconciliation": [
        {
            "client_id": "C-1",
            "product_code": "SEAT",
            "currency": "USD",
            "verdict": "matched",
            "volume_variance": "0",
        },
        {
            "client_id": "C-2",
            "product_code": "SEAT",
            "currency": "USD",
            "verdict": "exception",
            "volume_variance": "8.00",
        },
    ],
    "marts.fct_exceptions": [
        {
            "exception_id": "e-1",
            "exception_code": "UNDERBILLED_QUANTITY",
            "client_id": "C-2",
            "product_code": "SEAT",
            "currency": "USD",
            "client_recoverable": "8.00",
            "client_refund": "0",
            "vendor_claim": "0",
            "vendor_liability": "0",
            "stranded": "0",
        },
    ],
    "marts.fct_variance_bridge": [
        {"client_id": "C-1", "currency": "USD", "residual": "0"},
        {"client_id": "C-2", "currency": "USD", "residual": "0"},
    ],
    "marts.fct_line_dispositions": [
        {"leg": "invoice", "source": "psa", "invoice_id": "I-1", "line_id": "L-1", "disposition": "matched"}
    ],
    "marts.fct_client_gate": [
        {"client_id": "C-1", "currency": "USD", "verdict": "PASS"},
        {"client_id": "C-1", "currency": "JPY", "verdict": "PASS"},
        {"client_id": "C-2", "currency": "USD", "verdict": "HOLD"},
    ],
    "marts.fct_invoice_lines_ready": [
        ready_line("L-1", "C-1", "80.00", "USD"),
        ready_line("L-2", "C-1", "700", "JPY"),
    ],
    "marts.fct_control_totals": [
        {
            "control": "SOURCE_MISSING",
            "source": "psa",
            "dataset": "invoice_lines",
            "scope": "1 files",
            "expected": "1",
            "actual": "1",
            "difference": "0",
            "passed": True,
            "message": "1 file is landed",
        },
    ],
    "intermediate.int_audit_facts": [
        {"fact": "lines_without_exactly_one_disposition", "scope": "vendor", "violations": 0},
        {"fact": "lines_without_exactly_one_disposition", "scope": "invoice", "violations": 0},
        {"fact": "residuals_not_zero", "scope": "variance bridge", "violations": 0},
        {"fact": "exception_ids_repeated", "scope": "exceptions", "violations": 0},
        {"fact": "impacts_negative_or_missing", "scope": "exceptions", "violations": 0},
        {"fact": "ready_lines_of_held_clients", "scope": "ready lines", "violations": 0},
        {"fact": "ready_lines_lost_or_altered", "scope": "ready lines", "violations": 0},
        {"fact": "ready_money_not_landed_and_approved", "scope": "ready lines", "violations": 0},
    ],
    "intermediate.int_controls": [{"control": "SOURCE_MISSING", "source": "psa", "passed": True}],
    "intermediate.int_coverage": [
        {"currency": "USD", "mapped_amount": "50", "total_amount": "100", "coverage_pct": "50"}
    ],
    "intermediate.int_invoice_lines": [
        invoice_line("L-1", "C-1", "80.00", "USD"),
        invoice_line("L-2", "C-1", "700", "JPY"),
        invoice_line("L-3", "C-2", "5.00", "USD"),
        invoice_line("L-0", "C-1", "9.00", "USD", is_landed_in_period=False),
    ],
    "raw.declared_datasets": [
        {"source": "psa", "dataset": "invoice_lines"},
        {"source": "vendor", "dataset": "vendor_charges"},
    ],
    "raw.load_controls": [
        _load("SOURCE_MISSING", 2),
        _load("SCHEMA_DRIFT", 0),
        _load("ROW_REJECTED", 0),
        _load("SOURCE_MISSING", 1, "vendor_charges", "vendor"),
        _load("SCHEMA_DRIFT", 0, "vendor_charges", "vendor"),
        _load("ROW_REJECTED", 0, "vendor_charges", "vendor"),
        _load("SOURCE_EMPTY", 10, "vendor_charges", "vendor"),
    ],
    # no currency of ISO 4217 has one decimal place, but the code allows for it
    "raw.currencies": [
        {"currency": c, "minor_units": n}
        for c, n in (("JPY", 0), ("ONE", 1), ("USD", 2), ("KWD", 3), ("CLF", 4))
    ],
    "raw.rejects": [],
}
"""A month in which everything is right."""


@cache
def mart_columns() -> dict[str, list[tuple[str, str]]]:
    """Return the columns and types that dbt enforces, by mart."""
    models = [
        model
        for file in sorted(MARTS.rglob("*__models.yml"))
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    ]
    return {
        model["name"]: [(column["name"], column["data_type"]) for column in model["columns"]]
        for model in models
    }


def write_marts(
    connection: duckdb.DuckDBPyConnection,
    changes: Mapping[str, Rows] | None = None,
    schemas: Sequence[str] = (),
) -> None:
    """Write the sound month with other rows in some tables; only the tables of these schemas, if any are
    named.
    """
    tables = {
        f"marts.{name}": ", ".join(map(" ".join, columns)) for name, columns in mart_columns().items()
    } | OTHERS
    rows = {**SOUND, **(changes or {})}
    for name, columns in tables.items():
        schema = name.partition(".")[0]
        if not schemas or schema in schemas:
            connection.execute(f"create schema if not exists {schema}; create table {name} ({columns})")
            for row in rows.get(name, []):
                values = (
                    {"msp_id": "acme", "period": "2026-10"} | dict(row) if schema == "marts" else dict(row)
                )
                marks = ", ".join("?" * len(values))
                connection.execute(
                    f"insert into {name} ({', '.join(values)}) values ({marks})", list(values.values())
                )

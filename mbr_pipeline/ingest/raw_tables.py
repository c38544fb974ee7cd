"""The tables of schema ``raw`` that are neither a dataset nor a rule file: their columns, types and meaning.

What belongs here: each table's content, stated once: loading creates it so, and dbt's sources, lineage and
the Dagster graph read it here. What does not: the datasets' columns (``connectors.datasets``) and those of
rule files (``mbr_pipeline.workspace.rules``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from connectors.datasets import DATASETS
from mbr_pipeline.workspace.rules import RULE_FILES

PROVENANCE = ("source", "landed_period", "record_id")
"""The columns before a dataset's own: who landed the record, for which month, and where it is found."""


@dataclass(frozen=True)
class RawTable:
    """One table: its description for people, and its columns with their SQL types, in order."""

    name: str
    description: str
    columns: Mapping[str, str]

    def create(self, connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Create the table anew with rows of all its columns."""
        typed = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        connection.execute(f"create or replace table raw.{self.name} ({typed})")
        values = [row[name] for row in rows for name in self.columns]
        if values:
            place = f"({', '.join('?' for _ in self.columns)})"
            places = ", ".join([place] * (len(values) // len(self.columns)))
            # one statement: one a row takes longer than typing a small file
            connection.execute(f"insert into raw.{self.name} values {places}", values)


RUN = RawTable(
    "run",
    "The MSP, the period and the policies in force.",
    {
        "msp_id": "varchar",
        "msp_name": "varchar",
        "period": "varchar",
        "period_start": "date",
        "period_end": "date",
        "rounding_tolerance": "integer",
        "materiality": "decimal(28, 4)",
        "min_coverage_pct": "decimal(9, 4)",
    },
)
CURRENCIES = RawTable(
    "currencies",
    "ISO 4217 currencies and their minor units.",
    {"currency": "varchar", "minor_units": "integer"},
)
DECLARED_DATASETS = RawTable(
    "declared_datasets",
    "The datasets that mbr.yml declares for the MSP.",
    {"source": "varchar", "dataset": "varchar", "is_psa": "boolean", "connector": "varchar"},
)
LOAD_CONTROLS = RawTable(
    "load_controls",
    "Load controls: missing, empty, drifted or rejected input, per declared dataset.",
    {
        "control": "varchar",
        "source": "varchar",
        "dataset": "varchar",
        "scope": "varchar",
        "expected": "decimal(38, 12)",
        "actual": "decimal(38, 12)",
        "passed": "boolean",
        "message": "varchar",
    },
)
REJECTS = RawTable(
    "rejects",
    "Rejected rows: file, line, column, value and reason, one row per fault.",
    {
        "source": "varchar",
        "dataset": "varchar",
        "file": "varchar",
        "line": "bigint",
        "column_name": "varchar",
        "value": "varchar",
        "reason": "varchar",
    },
)
DECISIONS = RawTable(
    "decisions",
    "The ledger's decisions that reach the month, and what the ledger says became of each.",
    {
        "decision_id": "varchar",
        "seq": "bigint",
        "action": "varchar",
        "period": "varchar",
        "fate": "varchar",
        "actor": "varchar",
        "confirmed_by": "varchar",
        "decided_at": "timestamp",
        "reason": "varchar",
        "exception_id": "varchar",
        "issue_id": "varchar",
        "exception_code": "varchar",
        "client_id": "varchar",
        "product_code": "varchar",
        "source": "varchar",
        "keys": "varchar[]",
        "until": "varchar",
        "up_to": "decimal(28, 4)",
        "currency": "varchar",
        "seen_client_recoverable": "decimal(28, 4)",
        "seen_client_refund": "decimal(28, 4)",
        "seen_vendor_claim": "decimal(28, 4)",
        "seen_vendor_liability": "decimal(28, 4)",
        "seen_stranded": "decimal(28, 4)",
        "seen_priced_at_cost": "decimal(28, 4)",
        "impact_seen": "decimal(28, 4)",
    },
)
AUTO_APPROVE = RawTable(
    "auto_approve",
    "The classes of exceptions that policies approve, one row per rule, code and currency.",
    {
        "rule": "bigint",
        "exception_code": "varchar",
        "currency": "varchar",
        "max_impact": "decimal(28, 4)",
    },
)
RUN_TABLES = (RUN, CURRENCIES, DECLARED_DATASETS, LOAD_CONTROLS, DECISIONS, AUTO_APPROVE)
"""What dbt reads besides the datasets and the rules. Only the audit reads the rejected rows, and
it queries them itself.
"""


def raw_columns() -> dict[str, list[str]]:
    """Return the columns of every dbt source by table name, in order: datasets, rule files
    and the run's own.
    """
    return {
        **{d.name: [*PROVENANCE, *d.column_names] for d in DATASETS.values()},
        **{rule_file.name: list(rule_file.schema.names) for rule_file in RULE_FILES.values()},
        **{table.name: list(table.columns) for table in RUN_TABLES},
    }

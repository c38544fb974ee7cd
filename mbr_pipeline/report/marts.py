"""The marts as the report's SQL reads them: one view per table, with the columns and types it needs.

What belongs here: which columns those are, what an absent table or an empty cell reads as, and running a
query. The queries belong to the parts of the page that show their rows (``findings``, ``holding``,
``bridge``, ``audit``); table and column names are contract §6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from mbr_pipeline.audit.candidate_tables import create_views
from mbr_pipeline.report.vocabulary import IMPACTS
from mbr_pipeline.storage.warehouse import connected

_COLUMNS: dict[str, dict[str, str]] = {
    "fct_exceptions": {
        "exception_id exception_code severity status client_id product_code source": "text",
        "vendor_customer_id sku_id line_id currency explanation": "text",
        "blocking": "flag",
        f"{' '.join(IMPACTS)} priced_at_cost": "money",
    },
    "fct_reconciliation": {
        "client_id product_code currency verdict": "text",
        "invoiced_unit_days entitled_quantity": "quantity",
        "invoiced_amount": "money",
    },
    "fct_variance_bridge": {
        "currency": "text",
        "expected_amount invoiced_amount classified_variance residual": "money",
    },
    "fct_line_dispositions": {"currency leg": "text"},
    "fct_client_gate": {
        "client_id currency verdict": "text",
        "held_amount": "money",
        "open_exceptions": "count",
    },
    "fct_invoice_lines_ready": {"client_id currency change": "text", "amount": "money"},
    "fct_decisions": {
        "decision_id exception_id action state actor confirmed_by currency": "text",
        "impact_seen": "money",
    },
    "fct_control_totals": {
        "source control dataset scope message": "text",
        "expected actual difference": "figure",
        "passed": "flag",
    },
    "dim_client": {"client_id client_name": "text"},
}
_READ_AS = {
    "text": "{column}::varchar",
    "money": "coalesce({column}, 0)::decimal(38, {scale})",
    "quantity": "{column}",
    "figure": "{column}",
    "count": "{column}::bigint",
    "flag": "coalesce({column}, false)",
}
_WITHOUT_ROWS = {"text": "varchar", "count": "bigint", "flag": "boolean"}  # the others are decimals
_WHOLE_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "hugeint")


class Marts:
    """The tables of one MSP and period, some of which a blocked run may lack.

    Each is read as ``report.<name>``: null money and flags are 0 and false, all money of a table has one
    scale, and a table that is absent or empty has no rows, whatever its columns.

    Args:
        connection: Where schema ``main`` has the tables, by their contract §6 name.
        passed: Whether the run gate passed; an empty table then means "none", otherwise "not evaluated".

    Raises:
        KeyError: A table with rows lacks a column of contract §6.
        TypeError: A number arrived as binary floating point, which money never is (contract §6).
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, passed: bool) -> None:
        """Look at the tables and write the views."""
        self._connection = connection
        self._passed = passed
        there = {name for (name,) in connection.execute("show tables").fetchall()}
        self._counts = {
            name: int(connection.sql(f"select count(*) from main.{name}").fetchall()[0][0])
            for name in _COLUMNS
            if name in there
        }
        connection.execute("create schema if not exists report")
        for name in _COLUMNS:
            query = self._with_rows(name) if self.count(name) else _without_rows(name)
            connection.execute(f"create or replace view report.{name} as {query}")

    def present(self, name: str) -> bool:
        """Return whether the run delivered the table at all."""
        return name in self._counts

    def evaluated(self, name: str) -> bool:
        """Return whether the table was evaluated: it has rows, or a passed gate confirms
        that there are none.
        """
        return self.present(name) and (self._passed or self.count(name) > 0)

    def count(self, name: str) -> int:
        """Count the rows of a table, 0 if it is absent."""
        return self._counts.get(name, 0)

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Run a query on the views of schema ``report``.

        Args:
            query: A select whose order is total, so that the page is the same every time.
            values: The values of its question marks.

        Returns:
            The rows by column name, decimals exact.
        """
        cursor = self._connection.execute(query, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _with_rows(self, name: str) -> str:
        table = self._connection.sql(f"select * from main.{name}")
        types = dict(zip(table.columns, table.types, strict=True))
        kinds = _kinds(name)
        missing = [column for column in kinds if column not in types]
        if missing:
            raise KeyError(f"{name} has no column {', '.join(missing)}")
        scales = {c: _scale(f"{name}.{c}", kind, types[c]) for c, kind in kinds.items()}
        # one scale for all money of a table: greatest() of two scales would round to the first
        scale = max((scales[column] for column, kind in kinds.items() if kind == "money"), default=0)
        listed = (f"{_READ_AS[kind].format(column=c, scale=scale)} as {c}" for c, kind in kinds.items())
        return f"select {', '.join(listed)} from main.{name}"


@contextmanager
def marts_in(folder: Path, temporary: Path, *, passed: bool) -> Iterator[Marts]:
    """Open the tables of a folder.

    Args:
        folder: Of a publication, a closed version, or the tables of an audit.
        temporary: Where DuckDB spills.
        passed: Whether the run gate passed.
    """
    with connected(None, temporary) as connection:
        create_views(connection, folder)
        yield Marts(connection, passed=passed)


def sums(columns: Sequence[str]) -> str:
    """Return the select list that adds up columns under their own names."""
    return ", ".join(f"sum({column}) as {column}" for column in columns)


def _without_rows(name: str) -> str:
    listed = (f"null::{_WITHOUT_ROWS.get(kind, 'decimal(38, 2)')} as {c}" for c, kind in _kinds(name).items())
    return f"select {', '.join(listed)} where false"


def _kinds(name: str) -> dict[str, str]:
    return {column: kind for columns, kind in _COLUMNS[name].items() for column in columns.split()}


def _scale(where: str, kind: str, type_: duckdb.DuckDBPyType) -> int:
    """Return how many decimal places a column's type has; floating point is an error."""
    if type_.id in ("float", "double"):
        raise TypeError(f"{where} is {type_.id}: money and quantities are never floating point")
    if kind not in ("money", "quantity") or type_.id in _WHOLE_NUMBERS:
        return 0
    if type_.id != "decimal":
        raise TypeError(f"{where} is {type_.id}, not a decimal")
    return int(dict(type_.children)["scale"])

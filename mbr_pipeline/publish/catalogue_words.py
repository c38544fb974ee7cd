"""What the catalogue says of itself: comments on its views and columns.

What belongs here: writing and reading these comments. What does not: the words, whose home is dbt's YAML
(``mbr_pipeline.transform.table_descriptions``) or, of what changed between versions, ``restatement``; and
which views there are (``catalogue``).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from mbr_pipeline.audit.candidate_tables import RESTATEMENT
from mbr_pipeline.publish.restatement import MEANING
from mbr_pipeline.storage.warehouse import quoted
from mbr_pipeline.transform.table_descriptions import table_descriptions

MONTH_START = "period_start"
"""The column that only views have: the month as a date."""

_OF_VIEWS = {MONTH_START: "First day of the month.", "version": "Number of the closed version."}


def describe(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> None:
    """Say in the file itself what views and their columns mean: ``tables`` has the published table of each.

    One question and one order for all of them: DuckDB opens the files of every view for each question.
    """
    said = []
    columns: dict[str, list[str]] = {name: [] for name in tables}
    for name, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where not internal order by column_index"
    ).fetchall():
        columns.get(name, []).append(column)
    for name, table_name in tables.items():
        table = MEANING if table_name == RESTATEMENT else table_descriptions().get(table_name)
        if table is None:
            continue
        words = {**table.columns, **_OF_VIEWS}
        said.append(f"comment on view {name} is {quoted(table.text)}")
        said += [
            f'comment on column {name}."{column}" is {quoted(words[column])}'
            for column in columns[name]
            if column in words
        ]
    connection.execute("; ".join(said))


def comments(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None, str]]:
    """Return what is said of every view and column of an open catalogue: view, column, words."""
    query = (
        "select view_name, null, comment from duckdb_views() where not internal and comment is not null"
        " union all select table_name, column_name, comment from duckdb_columns()"
        " where not internal and comment is not null order by all"
    )
    rows: list[tuple[str, str | None, str]] = connection.execute(query).fetchall()
    return rows

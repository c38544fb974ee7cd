"""What the catalogue says of itself: comments on its views and columns.

What belongs here: writing and reading these comments. What does not: the words, whose home is dbt's YAML
(``mbr_pipeline.transform.table_descriptions``) or, of what changed between versions, ``restatement``; and
which views there are (``catalogue``).
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from mbr_pipeline.audit.candidate_tables import RESTATEMENT
from mbr_pipeline.publish.restatement import MEANING
from mbr_pipeline.storage.warehouse import quoted
from mbr_pipeline.transform.table_descriptions import table_descriptions

MONTH_START = "period_start"
"""The column that only views have: the month as a date."""

_OF_VIEWS = {MONTH_START: "First day of the month.", "version": "Number of the closed version."}


def describe(connection: duckdb.DuckDBPyConnection, name: str, table_name: str) -> None:
    """Say in the file itself what a view over a published table and its columns mean."""
    table = MEANING if table_name == RESTATEMENT else table_descriptions().get(table_name)
    if table is None:
        return
    words = {**table.columns, **_OF_VIEWS}
    columns = connection.execute(
        "select column_name from duckdb_columns() where table_name = ? order by column_index", [name]
    ).fetchall()
    connection.execute(f"comment on view {name} is {quoted(table.text)}")
    for (column,) in columns:
        if column in words:
            connection.execute(f'comment on column {name}."{column}" is {quoted(words[column])}')


def comments(catalogue: Path) -> list[tuple[str, str | None, str]]:
    """Return what is said of every view and column: view, column, words."""
    with closing(duckdb.connect(str(catalogue), read_only=True)) as connection:
        query = (
            "select view_name, null, comment from duckdb_views() where not internal and comment is not null"
            " union all select table_name, column_name, comment from duckdb_columns()"
            " where not internal and comment is not null order by all"
        )
        rows: list[tuple[str, str | None, str]] = connection.execute(query).fetchall()
        return rows

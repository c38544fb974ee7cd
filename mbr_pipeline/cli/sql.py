"""`mbr sql`: one query on the published marts, printed."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import click
import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from connectors.counted import plural
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.publish.reading import answered
from mbr_pipeline.safe_text import neutral, shown, without_commands
from mbr_pipeline.workspace.paths import WorkspacePaths

_SHOWN_ROWS = 1000


@click.command()
@click.argument("query")
@workspace_option
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print.",
)
def command(query: str, workspace: WorkspacePaths, output: str) -> None:
    """Query the published marts, read-only; works while a run is writing.

    Example: mbr sql "select exception_code, count(*) from fct_exceptions group by 1"
    """
    query_command(workspace, query, output)


def query_command(workspace: WorkspacePaths, query: str, output: str) -> None:
    """Run the query and print its rows; an error of the query is one line and exit code 2."""
    try:
        columns, rows = answered(workspace, lambda connection: _asked(connection, query))
    except duckdb.Error as error:
        raise ConfigError(f"the query failed: {str(error).splitlines()[0]}") from error
    {"table": _print_table, "csv": _print_csv, "json": _print_json}[output](columns, rows)


def _asked(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[list[str], list[Any]]:
    _refuse_all_but_select(connection, query)
    result = connection.execute(query)
    return [column[0] for column in result.description or []], result.fetchall()


def _refuse_all_but_select(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """A read-only database does not stop COPY and EXPORT from overwriting the published files
    that it may read.
    """
    statements = connection.extract_statements(query)
    if not statements:
        raise ConfigError('the query is empty: write one, such as "select * from fct_exceptions"')
    if any(statement.type != duckdb.StatementType.SELECT for statement in statements):
        raise ConfigError("the query failed: only SELECT is allowed here: the publication is read-only")


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(Text(column), no_wrap=len(columns) <= 8)
    for row in rows[:_SHOWN_ROWS]:
        table.add_row(*(Text(_cell(value)) for value in row))
    # when piped, there is no terminal to fit into: nothing is wrapped or cut
    Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 10_000).print(table)
    more = f", the first {_SHOWN_ROWS} shown" if len(rows) > _SHOWN_ROWS else ""
    print(f"({plural(len(rows), 'row')}{more})")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return shown(str(_plain(value)))


def _plain(value: Any) -> Any:
    """A decimal as digits: 0 where Python writes 0E-12, and never an exponent."""
    if not isinstance(value, Decimal) or "E" not in str(value):
        return value
    return f"{value:f}" if value else "0"


def _print_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([_safe(column) for column in columns])
    writer.writerows([_safe(value) for value in row] for row in rows)


def _safe(value: Any) -> Any:
    """Put a quote before text that a spreadsheet would take for a formula, and write out what a terminal
    would obey; numbers stay numbers.
    """
    if isinstance(value, Decimal):
        return _plain(value)
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    safe = without_commands(text)
    return safe if neutral(text) == text or not isinstance(value, str) else f"'{safe}"


def _print_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    names = _distinct(columns)
    found = [dict(zip(names, map(_as_json, row), strict=True)) for row in rows]
    print_json(found, default=str, indent=2, allow_nan=False)


def _distinct(columns: Sequence[str]) -> list[str]:
    """Number columns of the same name: an object holds each name once."""
    names: list[str] = []
    for column in columns:
        others = (f"{column}_{number}" for number in count(2))
        names.append(
            column if column not in names else next(n for n in others if n not in columns and n not in names)
        )
    return names


def _as_json(value: Any) -> Any:
    """Turn values that JSON has no number for into text, also inside lists and structures."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    return [_as_json(item) for item in value] if isinstance(value, list | tuple) else _plain(value)

"""Finds what the month's tables say about an exception or a client: in the publication, or where a blocked
month keeps its tables.

What belongs here: reading published and blocked tables. Where a month's last run was blocked, its tables are
those that its records in ``warehouse/`` belong to, so they come before an earlier publication of the month.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
from pyarrow import dataset

from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain.month_file import run_again
from mbr_pipeline.explain.records import Finding, finding_of
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.damage import cure, is_damaged
from mbr_pipeline.publish.reading import answered
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths

Answer = TypeVar("Answer")
Row = dict[str, Any]


@dataclass(frozen=True)
class FoundException:
    """An exception and the month it is of; ``blocked_by`` are the reasons if that month's last run was
    blocked, else None.
    """

    finding: Finding
    month: MonthPaths
    blocked_by: tuple[str, ...] | None


@dataclass(frozen=True)
class MonthTables:
    """The tables of one MSP and period that are in force, opened for reading."""

    month: MonthPaths
    blocked_by: tuple[str, ...] | None
    _connection: duckdb.DuckDBPyConnection

    def rows(self, table: str, **where: str) -> list[Row]:
        """Return a table's rows with these values."""
        wanted = {"msp_id": self.month.msp_id, "period": self.month.period.text, **where}
        conditions = " and ".join(f"{column} = ?" for column in wanted)
        return _dicts(self._connection, f"select * from {table} where {conditions}", list(wanted.values()))


def find_exceptions(workspace: WorkspacePaths, prefix: str) -> list[FoundException]:
    """Return the exceptions whose id starts with a prefix, each once, by id."""
    found: dict[str, FoundException] = {}
    query = "select * from fct_exceptions where starts_with(exception_id, ?)"
    if workspace.catalogue.exists():
        for row in _published(workspace, query, [prefix]):
            month = workspace.month(row["msp_id"], Period(row["period"]))
            found[row["exception_id"]] = FoundException(finding_of(row), month, None)
    for month in _blocked_months(workspace):
        with _blocked_tables(month) as connection:
            for row in _dicts(connection, query, [prefix]):
                found[row["exception_id"]] = FoundException(finding_of(row), month, blocked_by(month))
    return [found[exception_id] for exception_id in sorted(found)]


def months_with_tables(workspace: WorkspacePaths) -> list[MonthPaths]:
    """Return every month that has tables, published or blocked, by period and MSP."""
    published = (f.parent for f in workspace.published.glob("*/*/fct_exceptions.parquet"))
    # a folder that is being written or removed has a name that begins with a dot
    months = {
        workspace.month(f.parent.name, Period(f.name))
        for f in published
        if f.name[0] != "." and f.parent.name[0] != "."
    }
    return sorted(months | set(_blocked_months(workspace)), key=lambda month: (month.period, month.msp_id))


def of_month(month: MonthPaths, ask: Callable[[MonthTables], Answer]) -> Answer:
    """Return what is answered on the tables of a month: of its last run if that was blocked, else the
    published ones, restored where they were damaged and can be.
    """
    if _blocked_table(month, "fct_exceptions").exists():
        with _blocked_tables(month) as connection:
            return ask(MonthTables(month, blocked_by(month), connection))
    try:
        return answered(month.workspace, lambda connection: ask(MonthTables(month, None, connection)))
    except duckdb.CatalogException:  # no month has the table, as all that had it are left out
        refuse_damaged([month])
        raise


def refuse_damaged(months: Iterable[MonthPaths]) -> None:
    """Say of months in which something was not found that it may stand in tables which cannot be read.

    Raises:
        MbrError: It is so: which month, and the cure.
    """
    for month in months:
        is_blocked = _blocked_table(month, "fct_exceptions").exists()
        if not is_blocked and is_damaged(Path(os.path.realpath(month.published))):
            raise MbrError(cure(month))


def blocked_by(month: MonthPaths) -> tuple[str, ...]:
    """Return the control codes that blocked the month's last run."""
    path = month.report / "gate.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return tuple(map(str, document["reasons"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise MbrError(f"{path} is missing or damaged: {run_again(month)}, which writes it anew") from error


def _blocked_months(workspace: WorkspacePaths) -> list[MonthPaths]:
    found = sorted((workspace.root / "reports").glob("*/*/blocked/fct_exceptions.parquet"))
    return [workspace.month(f.parents[2].name, Period(f.parents[1].name)) for f in found]


def _blocked_table(month: MonthPaths, name: str) -> Path:
    return month.report / "blocked" / f"{name}.parquet"


def _published(workspace: WorkspacePaths, query: str, parameters: Sequence[Any]) -> list[Row]:
    try:
        return answered(workspace, lambda connection: _dicts(connection, query, parameters))
    except duckdb.CatalogException:  # no month has the table, as all that had it are left out
        return []


@contextmanager
def _blocked_tables(month: MonthPaths) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with connected(None, month.workspace.temporary) as connection:
            for path in sorted((month.report / "blocked").glob("*.parquet")):
                connection.register(path.stem, dataset.dataset(path, format="parquet"))
            yield connection
    except (duckdb.Error, pa.ArrowException) as error:
        raise MbrError(
            f"the tables in {month.report / 'blocked'} are damaged: {run_again(month)}, which makes new ones"
        ) from error


def _dicts(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any]) -> list[Row]:
    result = connection.execute(query, parameters)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

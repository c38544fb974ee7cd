"""The list of rejected rows: all of them, in order, and harmless in a spreadsheet (contract §6.1).

Belongs here: ``mbr_pipeline.audit.rejected_rows`` on rejects written by hand. Does not: what is rejected
(parsing, loading).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.audit import rejected_rows
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from tests.support.handmade_marts import write_marts

Reject = tuple[str, int, str | None, str | None, str]


@pytest.fixture
def month(tmp_path: Path) -> MonthPaths:
    return WorkspacePaths(tmp_path).month("acme", Period("2026-10"))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connected(None, tmp_path / "tmp") as opened:
        write_marts(opened, schemas=("raw",))
        yield opened


def _reject(connection: duckdb.DuckDBPyConnection, *rejects: Reject) -> None:
    for file, line, column, value, reason in rejects:
        connection.execute(
            "insert into raw.rejects values ('psa', 'clients', ?, ?, ?, ?, ?)",
            [file, line, column, value, reason],
        )


def test_rows_stand_by_file_line_and_column_and_a_record_without_column_has_none(
    month: MonthPaths, connection: duckdb.DuckDBPyConnection
) -> None:
    _reject(connection, ("b.csv", 10, "y", "1", "r"), ("b.csv", 9, "x", None, "r"))
    _reject(connection, ("b.csv", 10, "x", "2", "r"), ("a.csv", 11, None, "v", "r"))
    rejected_rows.write(connection, month)
    assert (month.report / "rejected.csv").read_bytes() == (
        b"file,line,column,value,reason\na.csv,11,,v,r\nb.csv,9,x,,r\nb.csv,10,x,2,r\nb.csv,10,y,1,r\n"
    )
    assert [path.name for path in month.report.iterdir()] == ["rejected.csv"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1.00", "'-1.00"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "\\x09=1+1"),
        ("\r=1+1", "\\x0d=1+1"),
        ("one\r\ntwo", "one\\x0d\\x0atwo"),
        ("\x1b[2J\u202ecod.exe", "\\x1b[2J\\x202ecod.exe"),
        ('a "b", c', 'a "b", c'),
        ("Ähre=1", "Ähre=1"),
    ],
)
def test_text_from_outside_is_no_formula_no_further_line_and_no_control_character(
    value: str, shown: str, month: MonthPaths, connection: duckdb.DuckDBPyConnection
) -> None:
    _reject(connection, (value, 2, value, value, value))
    rejected_rows.write(connection, month)
    text = (month.report / "rejected.csv").read_text(encoding="utf-8")
    assert text.count("\n") == 2
    assert list(csv.reader(text.splitlines()))[1] == [shown, "2", shown, shown, shown]


def test_more_rows_than_are_held_at_once_are_all_there(
    month: MonthPaths, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into raw.rejects select 's', 'd', 'f', i, 'c', 'v', 'r' from range(25_001) as r(i)"
    )
    rejected_rows.write(connection, month)
    with (month.report / "rejected.csv").open(encoding="utf-8") as handle:
        assert [line.split(",")[1] for line in handle] == ["line", *map(str, range(25_001))]


def test_the_list_of_an_earlier_run_goes_when_nothing_is_rejected(
    month: MonthPaths, connection: duckdb.DuckDBPyConnection
) -> None:
    rejected_rows.write(connection, month)
    assert not (month.report / "rejected.csv").exists()
    _reject(connection, ("a.csv", 2, "x", "v", "r"))
    rejected_rows.write(connection, month)
    connection.execute("delete from raw.rejects")
    rejected_rows.write(connection, month)
    assert not (month.report / "rejected.csv").exists()

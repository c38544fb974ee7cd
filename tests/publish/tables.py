"""Two small tables to publish, and what readers then find.

Belongs here: what the tests of versions, of kills and of reading share. Does not: expectations.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.boundary import SuiteResult
from mbr_pipeline.audit.candidate_tables import write_candidate
from mbr_pipeline.audit.certificate import write_certificate
from mbr_pipeline.audit.gate import SUITE_NAMES, Verdict
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.reading import reading
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from tests.publish.kill_at import publish_folder
from tests.support.handmade_marts import Rows, write_marts

TABLES = ("dim_client", "dim_sku")
MONTH = "published/acme/2026-10"


def write_tables(folder: Path, name: str) -> Path:
    """Write two tables whose rows are all ``name``; how many belongs to the name."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        pq.write_table(pa.table({"name": [name] * len(name)}), folder / f"{table}.parquet")
    return folder


def publish_named(root: Path, name: str) -> None:
    publish_folder(root, write_tables(root / "candidate" / name, name))


def by_path(root: Path) -> list[str]:
    return [pq.read_table(root / MONTH / f"{table}.parquet")["name"].to_pylist()[0] for table in TABLES]


def by_view(root: Path) -> list[str]:
    with reading(WorkspacePaths(root)) as connection:
        return _names(connection)


def by_view_as_it_is(root: Path) -> list[str]:
    """As any program opens the catalogue, which mends nothing."""
    with duckdb.connect(str(root / "published/mbr.duckdb"), read_only=True) as connection:
        return _names(connection)


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = [
        connection.execute(f"select name, count(*) from {table} group by 1").fetchall() for table in TABLES
    ]
    assert all(rows == len(name) for [(name, rows)] in found)
    return [name for [(name, _)] in found]


def hidden_below(root: Path) -> list[str]:
    """The names that begin with a dot, below published/, but versions."""
    return sorted(
        path.relative_to(root / "published").as_posix()
        for path in (root / "published").rglob(".*")
        if not path.parent.name.endswith(".versions")
    )


def make_old(folder: Path, seconds: float) -> None:
    os.utime(folder, (time.time() - seconds,) * 2)


def earlier_release(root: Path, name: str, period: str = "2026-10") -> None:
    """Publish as the release before version folders: a folder, and a catalogue over links of its files."""
    folder = write_tables(root / "published/acme" / period, name)
    links = root / "published/.links/acme" / period
    links.mkdir(parents=True)
    with duckdb.connect(str(root / "published/mbr.duckdb")) as connection:
        for table in TABLES:
            os.link(folder / f"{table}.parquet", links / f"{table}.1-2.parquet")
            connection.execute(
                f"create view {table} as select * from read_parquet(['{links}/{table}.1-2.parquet'],"
                " union_by_name = true)"
            )


def audited(root: Path, period: str = "2026-10", clients: Rows = (), inputs: str = "f00d") -> MonthPaths:
    """A month whose tables are candidate and certified."""
    month = WorkspacePaths(root).month("acme", Period(period))
    with connected(None, root / "tmp") as connection:
        write_marts(connection, {"marts.dim_client": clients}, ("marts",))
        candidate = write_candidate(connection, month.candidate)
    suites = tuple(SuiteResult(name, 1, 1, ()) for name in SUITE_NAMES)
    write_certificate(month, Verdict(suites, ()), candidate, inputs, "0" * 64)
    return month

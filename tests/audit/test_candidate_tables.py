"""The candidate tables: all of them, in the promised order of rows, counted when they are read back (contract
§6).

Belongs here: ``mbr_pipeline.audit.candidate_tables`` on marts written by hand. Does not: what must hold of
the tables (the audit).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mbr_pipeline.audit.candidate_tables import (
    RELEASED_ONLY,
    ROW_ORDER,
    create_views,
    floating_point_columns,
    write_candidate,
)
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.warehouse import connected
from tests.support.handmade_marts import Rows, mart_columns, write_marts

Open = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture
def marts(tmp_path: Path) -> Iterator[Open]:
    """Opens a warehouse with the sound month, some of its tables changed."""
    with connected(None, tmp_path / "tmp") as connection:

        def _open(changes: Mapping[str, Rows] | None = None) -> duckdb.DuckDBPyConnection:
            write_marts(connection, changes)
            return connection

        yield _open


def test_every_mart_is_staged_read_back_counted_and_hashed_and_what_was_there_before_is_gone(
    marts: Open, tmp_path: Path
) -> None:
    folder = tmp_path / "month/candidate"
    for left_over in (folder / "fct_old.parquet", tmp_path / "month/.candidate.building/fct_killed.parquet"):
        left_over.parent.mkdir(parents=True)
        left_over.write_bytes(b"x")
    candidate = write_candidate(marts(), folder)
    assert list(candidate) == list(ROW_ORDER)
    assert set(ROW_ORDER) == set(mart_columns())
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.parquet" for name in ROW_ORDER)
    assert [path.name for path in folder.parent.iterdir()] == ["candidate"]
    gate = candidate["fct_client_gate"]
    assert (gate.name, gate.rows, gate.mart_rows, gate.sha256) == (
        "fct_client_gate",
        3,
        3,
        sha256_of(folder / "fct_client_gate.parquet"),
    )
    assert (candidate["dim_client"].rows, candidate["dim_client"].mart_rows) == (0, 0)


# the promised order of rows, column by column: written from contract §6 and
# docs/reference/published-tables.md
ORDER = {
    "fct_reconciliation": ("client_id", "product_code", "currency"),
    "fct_exceptions": (
        "client_id",
        "product_code",
        "exception_code",
        "source",
        "invoice_id",
        "line_id",
        "exception_id",
    ),
    "fct_variance_bridge": ("client_id", "currency"),
    "fct_line_dispositions": ("leg", "source", "invoice_id", "line_id"),
    "fct_client_gate": ("client_id", "currency"),
    "fct_margin": ("client_id", "product_code", "currency"),
    "fct_close_metrics": ("currency",),
    "fct_invoice_lines_ready": ("client_id", "source", "invoice_id", "invoice_line_id"),
    "fct_psa_changes": ("client_id", "product_code"),
    "fct_control_totals": ("control", "source", "dataset", "scope", "message"),
    "dim_client": ("client_id",),
    "dim_product": ("product_code",),
    "dim_sku": ("source", "sku_id", "term"),
    "dim_source": ("source", "dataset"),
}


def test_rows_stand_in_the_promised_order_whatever_order_the_marts_have(marts: Open, tmp_path: Path) -> None:
    # the first row is greater in the first column, the second in the second, ...: exactly the wrong way
    # round, and by one column each
    unordered: dict[str, list[dict[str, Any]]] = {}
    for name, columns in ORDER.items():
        rows = [dict.fromkeys(columns, "a") | {greater: "b"} for greater in columns]
        unordered[f"marts.{name}"] = [*rows, dict.fromkeys(columns, "a")]
    write_candidate(marts(unordered), tmp_path / "candidate")
    for name, columns in ORDER.items():
        found = [
            tuple(row[c] for c in columns)
            for row in pq.read_table(tmp_path / "candidate" / f"{name}.parquet").to_pylist()
        ]
        assert found == sorted(found), name
        assert len(set(found)) == len(columns) + 1


def test_findings_of_no_client_and_of_no_product_come_first(marts: Open, tmp_path: Path) -> None:
    findings = [("C-1", "SEAT"), ("C-1", None), (None, "SEAT"), (None, None)]
    write_candidate(
        marts({"marts.fct_exceptions": [{"client_id": c, "product_code": p} for c, p in findings]}),
        tmp_path / "candidate",
    )
    rows = pq.read_table(tmp_path / "candidate/fct_exceptions.parquet").to_pylist()
    assert [(row["client_id"], row["product_code"]) for row in rows] == findings[::-1]


def test_a_big_table_keeps_its_order_too_and_the_warehouse_its_setting(marts: Open, tmp_path: Path) -> None:
    connection = marts({"marts.fct_client_gate": []})
    connection.execute(
        "insert into marts.fct_client_gate (client_id) select lpad(i::varchar, 7, '0') from range(300000, 0,"
        " -1) as r(i)"
    )
    write_candidate(connection, tmp_path / "not/there/yet")
    found = pq.read_table(tmp_path / "not/there/yet/fct_client_gate.parquet")["client_id"].to_pylist()
    assert found == sorted(found)
    assert connection.execute("select current_setting('preserve_insertion_order')").fetchone() == (False,)


def test_what_a_blocked_run_keeps_to_itself_is_what_somebody_could_act_on() -> None:
    assert RELEASED_ONLY == ("fct_invoice_lines_ready", "fct_psa_changes")


def test_floating_point_columns_are_found_in_every_table(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([1.0], pa.float32()), "b": [1]}), tmp_path / "fct_b.parquet")
    pq.write_table(
        pa.table({"c": [1], "d": [0.5], "e": pa.array([0.5], pa.float16())}), tmp_path / "fct_a.parquet"
    )
    pq.write_table(pa.table({"f": [0.5]}), tmp_path / "fct_c.parquet")
    assert floating_point_columns(tmp_path) == ["fct_a.d", "fct_a.e", "fct_b.a", "fct_c.f"]


def test_the_tables_that_a_folder_has_are_read_by_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "it's [1] of *"
    beside = tmp_path / "it's 1 of 2"
    for place in (folder, beside):
        place.mkdir()
        for name in ("fct_exceptions", "dim_client", "not_published"):
            table = pa.table({"n": [f"{place.name}/{name}"]})
            pq.write_table(table, place / f"{name}.parquet")
    with closing(duckdb.connect()) as connection:
        create_views(connection, folder)
        assert connection.execute("show tables").fetchall() == [("dim_client",), ("fct_exceptions",)]
        found = connection.execute("select n from fct_exceptions").fetchall()
    assert found == [("it's [1] of */fct_exceptions",)]

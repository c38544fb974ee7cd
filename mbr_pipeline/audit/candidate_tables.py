"""The candidate tables: the month's marts as Parquet, written for the audit and read back from there.

What belongs here: which tables are published, the order of their rows, and writing them. The audit reads
these files and the publication is made of exactly these bytes, so what was audited is what is published.
Deciding is ``mbr_pipeline.audit.gate``'s part.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.storage.atomic_files import replace_folder, sha256_of
from mbr_pipeline.storage.warehouse import glob_escaped, quoted

ROW_ORDER: dict[str, str] = {
    "fct_reconciliation": "client_id, product_code, currency",
    "fct_exceptions": (
        "client_id nulls first, product_code nulls first, exception_code, source, invoice_id, line_id,"
        " exception_id"
    ),
    "fct_variance_bridge": "client_id, currency",
    "fct_line_dispositions": "leg, source, invoice_id, line_id",
    "fct_client_gate": "client_id, currency",
    "fct_margin": "client_id, product_code, currency",
    "fct_close_metrics": "currency",
    "fct_decisions": "decision_id, exception_id nulls first",
    "fct_invoice_lines_ready": "client_id, source nulls last, invoice_id nulls last, invoice_line_id",
    "fct_psa_changes": "client_id, product_code",
    "fct_control_totals": "control, source, dataset, scope, message",
    "dim_client": "client_id",
    "dim_product": "product_code",
    "dim_sku": "source, sku_id, term",
    "dim_source": "source, dataset",
}
"""The published tables (contract §6) and the order of their rows, which is part of what is promised."""

RELEASED_ONLY = ("fct_invoice_lines_ready", "fct_psa_changes")
"""Tables that a blocked run does not release: nothing may be invoiced or changed from them."""


RESTATEMENT = "fct_restatement"
"""Published beside them once a month was opened again: what changed since its last closed version."""


@dataclass(frozen=True)
class CandidateTable:
    """One candidate table: its rows, the hash of its bytes, and how many rows were in the mart."""

    name: str
    rows: int
    mart_rows: int
    sha256: str


def write_candidate(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, CandidateTable]:
    """Write all tables into ``folder``, replacing what was there, and read each back.

    The caller holds the month's lock and has revoked its certificate.
    """
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    # the rows' order is part of the publication, so the writer must keep it
    connection.execute("set preserve_insertion_order = true")
    for name, order in ROW_ORDER.items():
        target = quoted(str(building / f"{name}.parquet"))
        connection.execute(
            f"copy (select * from marts.{name} order by {order}) to {target} (format parquet, compression"
            " snappy)"
        )
    connection.execute("set preserve_insertion_order = false")
    replace_folder(building, folder)
    return {name: _read_back(connection, folder, name) for name in ROW_ORDER}


def _read_back(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> CandidateTable:
    path = folder / f"{name}.parquet"
    in_mart = connection.execute(f"select count(*) from marts.{name}").fetchone()
    return CandidateTable(
        name, pq.read_metadata(path).num_rows, in_mart[0] if in_mart else -1, sha256_of(path)
    )


def name_entries(
    connection: duckdb.DuckDBPyConnection, folder: Path, entered: pa.Table
) -> dict[str, CandidateTable]:
    """Write the ids of entries into the tables that name decisions, and read all tables back: what policies
    approved has none until it is entered. The bytes are those that a run after the entry writes.

    Args:
        connection: The month's warehouse, as for :func:`write_candidate`.
        folder: The candidate tables; a kill leaves each of them as it was or as it is to be.
        entered: By ``exception_id`` the entry's ``entry_id`` and when it was made, ``entered_at``.
    """
    connection.register("entered", entered)
    connection.execute("set preserve_insertion_order = true")
    for name, query in _NAMING.items():
        path = folder / f"{name}.parquet"
        building = path.with_name(f".{path.name}.building")
        rows = query.format(table=f"read_parquet({quoted(glob_escaped(path))})")
        connection.execute(
            f"copy (select * from ({rows}) order by {ROW_ORDER[name]}) to {quoted(str(building))}"
            " (format parquet, compression snappy)"
        )
        building.replace(path)
    connection.execute("set preserve_insertion_order = false")
    connection.unregister("entered")
    return {name: _read_back(connection, folder, name) for name in ROW_ORDER}


_NAMING = {
    "fct_decisions": """
        select made.* replace (
            coalesce(made.decision_id, entered.entry_id) as decision_id,
            coalesce(made.decided_at, entered.entered_at) as decided_at
        )
        from {table} as made
        left join entered on made.decision_id is null and made.exception_id = entered.exception_id
    """,
    "fct_invoice_lines_ready": """
        with names as (select map_from_entries(list((exception_id, entry_id))) as ids from entered)
        select lines.* replace (
            list_sort(list_distinct(list_concat(
                lines.decision_ids, list_transform(lines.exception_ids, lambda each: names.ids[each])
            ))) as decision_ids
        )
        from {table} as lines
        cross join names
    """,
}


def floating_point_columns(folder: Path) -> list[str]:
    """Return table.column of every floating-point column in the folder's Parquet files:
    there must be none.
    """
    found = []
    for path in sorted(folder.glob("*.parquet")):
        schema = pq.read_schema(path)
        found += [f"{path.stem}.{field.name}" for field in schema if pa.types.is_floating(field.type)]
    return found


def create_views(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make the tables in ``folder`` readable by their names; nothing is read yet."""
    for name in ROW_ORDER:
        path = folder / f"{name}.parquet"
        if path.exists():
            source = quoted(glob_escaped(path))
            connection.execute(f"create view {name} as select * from read_parquet({source})")

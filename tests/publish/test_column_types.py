"""Money never touches binary floating point: every column of every table on the way is looked at
(decision 5 of docs/development/architecture.md).

Belongs here: the types of typed files, of the month's warehouse and of the publication. Does not: the values.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.audit.candidate_tables import ROW_ORDER, floating_point_columns

MONTHS = [("northwind", "2026-10"), ("harbour", "2026-09")]


def _floating(schema: pa.Schema) -> list[str]:
    return [
        field.name
        for field in schema
        if pa.types.is_floating(field.type) or "double" in str(field.type) or "float" in str(field.type)
    ]


def test_no_typed_file_has_a_floating_point_column(closed_demo: Path) -> None:
    files = sorted((closed_demo / "warehouse/parsed").glob("*/*.parquet"))
    assert len(files) > 60
    assert {
        path.as_posix(): _floating(pq.read_schema(path)) for path in files if _floating(pq.read_schema(path))
    } == {}


@pytest.mark.parametrize(("msp_id", "period"), MONTHS)
def test_no_table_of_the_warehouse_has_a_floating_point_column(
    msp_id: str, period: str, closed_demo: Path
) -> None:
    with duckdb.connect(
        str(closed_demo / "warehouse" / msp_id / period / "month.duckdb"), read_only=True
    ) as connection:
        query = (
            "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
        )
        columns = connection.execute(query).fetchall()
    schemas = {schema for schema, *_ in columns}
    assert {"raw", "staging", "intermediate", "marts"} <= schemas
    assert {table for schema, table, *_ in columns if schema == "raw"} >= set(DATASETS)
    assert {table for schema, table, *_ in columns if schema == "marts"} >= set(ROW_ORDER)
    assert [
        column for column in columns if any(word in column[3].upper() for word in ("DOUBLE", "FLOAT", "REAL"))
    ] == []


@pytest.mark.parametrize(("msp_id", "period"), MONTHS)
def test_no_published_column_is_floating_point_and_money_is_decimal(
    msp_id: str, period: str, closed_demo: Path
) -> None:
    schemas = {
        path.stem: pq.read_schema(path)
        for path in (closed_demo / "published" / msp_id / period).glob("*.parquet")
    }
    assert set(schemas) == set(ROW_ORDER)
    assert {name: _floating(schema) for name, schema in schemas.items() if _floating(schema)} == {}
    money = (
        "amount",
        "price",
        "variance",
        "cost",
        "recoverable",
        "refund",
        "claim",
        "liability",
        "stranded",
        "residual",
        "quantity",
    )
    numbers = {
        f"{name}.{field.name}": str(field.type)
        for name, schema in schemas.items()
        for field in schema
        if field.name.endswith(money) and not field.name.startswith(("is_", "has_"))
    }
    assert len(numbers) >= 25
    assert {column: kind for column, kind in numbers.items() if not kind.startswith("decimal128")} == {}


def test_the_audit_would_see_a_floating_point_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"amount": [0.1], "rows": [1]}), tmp_path / "fct_x.parquet")
    assert floating_point_columns(tmp_path) == ["fct_x.amount"]

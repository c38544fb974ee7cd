"""The close report of Arrow tables: what tests build a month of, in the DuckDB that the report reads.

Belongs here: handing tables over. Does not: what the page says, nor any table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from mbr_pipeline.report import render_close_report
from mbr_pipeline.report.page_data import PageData, page_data

_T = TypeVar("_T")


def close_page(gate: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> str:
    """Render the close report of these tables."""
    return _read(render_close_report, gate, tables)


def close_page_data(gate: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> PageData:
    """Work out what the close report of these tables shows."""
    return _read(page_data, gate, tables)


def _read(
    read: Callable[[Mapping[str, Any], duckdb.DuckDBPyConnection], _T],
    gate: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
) -> _T:
    with closing(duckdb.connect()) as connection:
        for name, table in tables.items():
            connection.from_arrow(table).create(name)
        return read(gate, connection)

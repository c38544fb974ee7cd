"""Published tables written by hand, under their names on a connection as the catalogue's are.

Belongs here: making them from a few words a row. Does not: what must come of them (the tests beside this).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pytest
import yaml

from mbr_pipeline.transform.project_folder import PROJECT

Tables = Mapping[str, Sequence[Mapping[str, Any]]]
Open = Callable[[Tables], duckdb.DuckDBPyConnection]


@pytest.fixture
def published() -> Iterator[Open]:
    """Opens tables of ``{name: rows}`` with the columns that dbt enforces; what a row does not say is 0,
    false or empty, of msp ``northwind``.
    """
    with duckdb.connect(":memory:") as connection:

        def opened(tables: Tables) -> duckdb.DuckDBPyConnection:
            for name, rows in tables.items():
                types = _columns()[name]
                connection.execute(
                    f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in types.items())})"
                )
                for row in rows:
                    values = {"msp_id": "northwind"} | dict(row)
                    full = [values.get(column, _nothing(kind)) for column, kind in types.items()]
                    connection.execute(f"insert into {name} values ({', '.join('?' * len(full))})", full)
            return connection

        yield opened


def _nothing(kind: str) -> Any:
    return 0 if kind.startswith("decimal") or kind == "integer" else False if kind == "boolean" else None


def _columns() -> dict[str, dict[str, str]]:
    return {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for file in (PROJECT / "models" / "marts").rglob("*__models.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    }

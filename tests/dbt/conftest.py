"""Shared by the tests of the dbt project: where it is, and its macros rendered without dbt.

What belongs here: paths and the rendering of ``macros/*.sql`` and generic tests through Jinja alone. What
does not: running dbt, which one test file does once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import jinja2
import pytest

from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.worlds.compiled import CompiledTransformer

from .test_unit_tests import PERIOD, empty_month

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


@pytest.fixture(scope="session")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[str]]:
    """The columns of every table that loading and dbt's SQL make, in order, by schema and name: of a
    month without files.
    """
    folder = tmp_path_factory.mktemp("columns")
    month = WorkspacePaths(folder).month("northwind", PERIOD)
    month.warehouse_file.parent.mkdir(parents=True)
    empty_month(month.warehouse_file, folder)
    CompiledTransformer().build(month)
    found: dict[str, list[str]] = {}
    with connected(month.warehouse_file, folder / "temp", read_only=True) as connection:
        query = "select schema_name, table_name, column_name from duckdb_columns() order by column_index"
        for schema, table, column in connection.execute(query).fetchall():
            found.setdefault(f"{schema}.{table}", []).append(column)
    return found


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the dbt project."""
    return PROJECT


@pytest.fixture(scope="session")
def macro() -> Callable[..., str]:
    """Render a macro of ``macros/exact.sql`` to SQL: Jinja straight from the file, as dbt's own environment
    would (``do`` enabled).
    """
    environment = jinja2.Environment(
        extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined, autoescape=False
    )
    module = environment.from_string((PROJECT / "macros" / "exact.sql").read_text(encoding="utf-8")).module

    def render(name: str, *arguments: object) -> str:
        return str(getattr(module, name)(*arguments)).strip()

    return render


@pytest.fixture(scope="session")
def generic_test() -> Callable[..., str]:
    """Render a generic test of ``tests/generic`` to the query whose rows are its failures; dbt's ``test`` tag
    read as a macro.
    """

    def render(name: str, **arguments: object) -> str:
        text = (PROJECT / "tests" / "generic" / f"{name}.sql").read_text(encoding="utf-8")
        as_macro = text.replace("{% test ", "{% macro ").replace("{% endtest %}", "{% endmacro %}")
        module = (
            jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
            .from_string(as_macro)
            .module
        )
        return str(getattr(module, name)(**arguments)).strip()

    return render


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as opened:
        yield opened

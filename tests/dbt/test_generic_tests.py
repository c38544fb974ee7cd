"""The project's own generic tests, tested: each has cases that pass and cases that fail, on the DuckDB the
project pins.

Belongs here: ``tests/generic/*.sql``, rendered by Jinja straight from the file. Which models use them is the
models' YAML.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

GenericTest = Callable[..., str]


def failures(query: str, rows: str) -> list[tuple[object, ...]]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"create table checked as select * from (values {rows}) as t (client_id, currency)"
        )
        return sorted(connection.execute(query).fetchall(), key=str)


@pytest.mark.parametrize(
    "rows",
    [
        "('A', 'USD'), ('A', 'EUR'), ('B', 'USD')",
        "('A', null), ('A', 'USD'), (null, 'USD'), (null, null)",
        "('A', ''), ('A', null)",
        "('A', 'usd'), ('A', 'USD')",
    ],
    ids=["different values", "nulls in different columns", "an empty text is no null", "case matters"],
)
def test_unique_key_passes_where_no_two_rows_agree_in_all_columns(
    generic_test: GenericTest, rows: str
) -> None:
    assert (
        failures(generic_test("unique_key", model="checked", columns=["client_id", "currency"]), rows) == []
    )


@pytest.mark.parametrize(
    ("rows", "repeated"),
    [
        ("('A', 'USD'), ('A', 'USD'), ('B', 'USD')", [("A", "USD")]),
        ("('A', null), ('A', null), ('B', null)", [("A", None)]),
        ("(null, null), (null, null), (null, null)", [(None, None)]),
        ("('A', 'USD'), ('A', 'USD'), ('B', 'EUR'), ('B', 'EUR')", [("A", "USD"), ("B", "EUR")]),
    ],
    ids=["equal values", "a null equals a null", "all null", "every repeated key is told"],
)
def test_unique_key_fails_where_rows_agree_nulls_counting_as_equal(
    generic_test: GenericTest, rows: str, repeated: list[tuple[object, ...]]
) -> None:
    assert (
        failures(generic_test("unique_key", model="checked", columns=["client_id", "currency"]), rows)
        == repeated
    )


def test_unique_key_compares_only_the_columns_it_lists(generic_test: GenericTest) -> None:
    rows = "('A', 'USD'), ('A', 'EUR')"
    assert failures(generic_test("unique_key", model="checked", columns=["client_id"]), rows) == [("A",)]


def test_every_generic_test_is_tested_here(project: Path) -> None:
    assert {path.stem for path in (project / "tests" / "generic").glob("*.sql")} == {"unique_key"}

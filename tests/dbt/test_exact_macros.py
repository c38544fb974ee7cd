"""The exact arithmetic of ``macros/exact.sql`` against Python's integers and Decimal, on DuckDB itself.

Belongs here: ``scaled``, ``unscaled``, ``half_up``. The macros are rendered by Jinja straight from the
file, without dbt, and run on the DuckDB the project pins; the models that use them have unit tests. Does
not: money (``test_exact_money``).
"""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest

from tests.dbt.exact import LARGEST_MONEY, SEED, Macro, column, decimals, half_up

LARGEST_QUANTITY = 999_999_999_999  # 12 integer digits


HUGEINT_EDGE = 2**127 - 1


def test_the_arithmetic_is_proved_on_the_pinned_duckdb() -> None:
    assert duckdb.__version__ == "1.5.5"


def test_half_up_is_the_nearest_integer_with_halves_away_from_zero(
    connection: duckdb.DuckDBPyConnection, macro: Macro
) -> None:
    picker = random.Random(SEED)
    edges = [(n, d) for d in (1, 2, 3, 28, 30, 31, 365, 377_580) for n in range(-7, 8)]
    halves = [
        (sign * (2 * k + 1) * h, 2 * h) for k in range(100) for h in (1, 15, 5 * 10**20) for sign in (1, -1)
    ]
    around = [(n + step, d) for n, d in halves if d > 2 for step in (-1, 1)]
    large = [
        (picker.randrange(-(10**37), 10**37), picker.randrange(1, 10 ** picker.randrange(1, 37)))
        for _ in range(2000)
    ]
    rows = edges + halves + around + large
    result = column(connection, rows, {"n": "hugeint", "d": "hugeint"}, macro("half_up", "n", "d"))
    assert result == [half_up(Fraction(n, d)) for n, d in rows]
    assert (Fraction(1, 2), Fraction(-1, 2)) == (Fraction(*halves[0]), Fraction(*halves[1]))


def test_half_up_takes_expressions_as_a_whole(connection: duckdb.DuckDBPyConnection, macro: Macro) -> None:
    # (2 - 7) / (1 + 1) = -2.5 -> -3; without parentheses of its own the macro would see 2 * 2 - 7 and // 1 +
    # 1
    assert column(
        connection,
        [(2, 7, 1)],
        {"a": "hugeint", "b": "hugeint", "c": "hugeint"},
        macro("half_up", "a - b", "c + 1"),
    ) == [-3]


def test_half_up_goes_to_the_edge_and_overflows_loudly_beyond(
    connection: duckdb.DuckDBPyConnection, macro: Macro
) -> None:
    types, half_up_of = {"n": "hugeint", "d": "hugeint"}, macro("half_up", "n", "d")
    assert column(connection, [(HUGEINT_EDGE, 1), (-HUGEINT_EDGE, 1)], types, half_up_of) == [
        HUGEINT_EDGE,
        -HUGEINT_EDGE,
    ]
    with pytest.raises(duckdb.OutOfRangeException):
        column(connection, [(HUGEINT_EDGE, 2)], types, half_up_of)


@pytest.mark.parametrize(
    ("places", "precision", "scale", "largest"),
    [
        (4, 28, 4, LARGEST_MONEY),  # client money
        (6, 18, 6, LARGEST_QUANTITY),  # quantities and units_per
        (10, 25, 10, LARGEST_MONEY),  # unit prices
        (12, 28, 12, LARGEST_MONEY),  # vendor amounts
        (12, 38, 12, LARGEST_MONEY),  # effective cost
        (12, 25, 10, LARGEST_MONEY),  # a value of fewer places than it is scaled to
        (4, 28, 12, LARGEST_QUANTITY),  # a value of zeroes beyond the places it is scaled to
    ],
)
def test_scaled_counts_the_least_places_exactly(
    connection: duckdb.DuckDBPyConnection, macro: Macro, places: int, precision: int, scale: int, largest: int
) -> None:
    values = decimals(min(places, scale), largest, 500, SEED + precision + places)
    result = column(
        connection,
        [(v,) for v in values],
        {"x": f"decimal({precision}, {scale})"},
        macro("scaled", "x", places),
    )
    assert result == [int(Fraction(v) * 10**places) for v in values]


@pytest.mark.parametrize(("places", "precision"), [(4, 18), (4, 28), (10, 38), (12, 38)])
def test_unscaled_is_the_decimal_that_was_scaled(
    connection: duckdb.DuckDBPyConnection, macro: Macro, places: int, precision: int
) -> None:
    largest = min(LARGEST_MONEY, 10 ** (precision - places) - 1)
    values = decimals(places, largest, 500, SEED + places)
    rows = [(int(Fraction(v) * 10**places),) for v in values]
    result = column(connection, rows, {"n": "hugeint"}, macro("unscaled", "n", places, precision))
    assert result == values
    assert all(isinstance(v, Decimal) and v.as_tuple().exponent == -places for v in result)


def test_unscaled_of_an_expression_divides_the_whole_of_it(
    connection: duckdb.DuckDBPyConnection, macro: Macro
) -> None:
    # 7 - 12 = -5 thousandths of a ten: -0.0005
    assert column(connection, [(7, 12)], {"a": "hugeint", "b": "hugeint"}, macro("unscaled", "a - b", 4)) == [
        Decimal("-0.0005")
    ]

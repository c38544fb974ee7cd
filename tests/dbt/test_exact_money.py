"""Rounding of money in ``macros/exact.sql`` against Decimal, on DuckDB itself.

Belongs here: ``round_money``, ``round_price_times``, ``cost_of_units``, ``round_amount``, ``round_share``,
``minor_unit``.
Does not: scaled integers (``test_exact_macros``).
"""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import duckdb
import pytest

from tests.dbt.exact import LARGEST_MONEY, SEED, Macro, column, decimals, half_up

MINOR_UNITS = (0, 2, 3, 4)


@pytest.mark.parametrize("scale", [4, 12, 16, 18, 22])
@pytest.mark.parametrize("minor_units", MINOR_UNITS)
def test_round_money_rounds_a_quotient_to_the_minor_unit(
    connection: duckdb.DuckDBPyConnection, macro: Macro, scale: int, minor_units: int
) -> None:
    picker = random.Random(SEED + scale * 10 + minor_units)
    unit = 10 ** (scale - minor_units)  # one minor unit at this scale
    divisors = (1, 28, 29, 30, 31, 365, 366, 377_580)
    quotients = [
        (picker.randrange(-(10**14), 10**14) * d + picker.randrange(d), d)
        for d in divisors
        for _ in range(25)
    ]
    halves = [
        (sign * (2 * k + 1) * unit * d // 2, d)
        for k in range(20)
        for d in divisors
        for sign in (1, -1)
        if unit * d % 2 == 0
    ]
    nearly = [(n - 1, d) for n, d in halves] + [(n + 1, d) for n, d in halves]
    # half of d is added and must stay in HUGEINT: 15 integer digits at 22 places are divided by nothing less
    # than a month's days
    large = [(sign * min((LARGEST_MONEY + 1) * 10**scale - 1, 8 * 10**37), 1) for sign in (1, -1)]
    rows = [(n, d, minor_units) for n, d in quotients + halves + nearly + large]
    result = column(
        connection,
        rows,
        {"n": "hugeint", "d": "hugeint", "m": "integer"},
        macro("round_money", "n", "d", scale, "m"),
    )
    expected = [Decimal(half_up(Fraction(n, d * unit))).scaleb(-m) for n, d, m in rows]
    assert result == expected
    assert all(isinstance(v, Decimal) and v.as_tuple().exponent == -4 for v in result)


@pytest.mark.parametrize("minor_units", MINOR_UNITS)
def test_a_price_times_a_quantity_is_rounded_once_and_fits_where_both_are_large(
    connection: duckdb.DuckDBPyConnection, macro: Macro, minor_units: int
) -> None:
    picker = random.Random(SEED + minor_units)
    days = (1, 28, 29, 30, 31)
    rows = [
        (
            picker.randrange(10 ** picker.randrange(1, 16)),
            sign * picker.randrange(10**9) * 10**places,
            picker.choice(days),
        )
        for places in (0, 3, 6, 12)
        for sign in (1, -1)
        for _ in range(100)
    ]
    # a dong price of 600,000 and 5,000 seats for eight months; fifteen digits at ten places and a million
    # seats; nothing
    rows += [
        (8 * 600_000 * 10**10, 5_000 * 10**12, 1),
        (LARGEST_MONEY * 10**10, 10**6 * 10**12, 30),
        (5, 0, 30),
        (0, 7, 1),
    ]
    types = {"x": "hugeint", "n": "hugeint", "d": "integer", "m": "integer"}
    result = column(
        connection,
        [(*row, minor_units) for row in rows],
        types,
        macro("round_price_times", "x", "n", "d", 10, "m"),
    )
    assert result == [
        Decimal(half_up(Fraction(x * n, d * 10 ** (22 - minor_units)))).scaleb(-minor_units)
        for x, n, d in rows
    ]


@pytest.mark.parametrize("minor_units", MINOR_UNITS)
def test_cost_of_units_cancels_the_units_that_a_cost_is_for(
    connection: duckdb.DuckDBPyConnection, macro: Macro, minor_units: int
) -> None:
    picker = random.Random(SEED + minor_units)
    days = (28, 29, 30, 31, 365)
    rows = [
        (
            picker.randrange(10**8) * 10**places,
            picker.choice((1, 3, 5, 7, 500_000)) * 10 ** picker.choice((6, 11, 12)),
            Decimal(picker.randrange(10 ** picker.randrange(1, 17))).scaleb(-10),
            picker.choice(days),
            picker.choice(days),
        )
        for places in (0, 6, 12)
        for _ in range(150)
    ]
    # a cost of a third of a cent, halves, fifteen digits for a month of a year's charge, nothing
    rows += [
        (1 * 10**12, 3 * 10**12, Decimal("0.01"), 30, 30),
        (1 * 10**12, 2 * 10**12, Decimal("0.01"), 30, 30),
        (7 * 10**12, 10**12, Decimal(LARGEST_MONEY), 31, 365),
        (0, 5 * 10**12, Decimal("3"), 30, 30),
    ]
    types = {
        "u": "hugeint",
        "p": "hugeint",
        "c": "decimal(28, 10)",
        "t": "integer",
        "d": "integer",
        "m": "integer",
    }
    result = column(
        connection,
        [(*row, minor_units) for row in rows],
        types,
        macro("cost_of_units", "u", "p", "c", "t", "d", "m"),
    )
    assert result == [
        Decimal(half_up(Fraction(u, p) * Fraction(c) * t / d * 10**minor_units)).scaleb(-minor_units)
        for u, p, c, t, d in rows
    ]


@pytest.mark.parametrize("minor_units", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(
    ("places", "sql_type"),
    [(4, "decimal(28, 4)"), (12, "decimal(28, 12)"), (12, "decimal(38, 12)"), (16, "decimal(38, 16)")],
)
def test_round_amount_agrees_with_decimal_half_up(
    connection: duckdb.DuckDBPyConnection, macro: Macro, places: int, sql_type: str, minor_units: int
) -> None:
    largest = (
        LARGEST_MONEY - 1
    )  # the largest would round up to a sixteenth digit, which money may have but no input
    values = decimals(places, largest, 500, SEED + places + minor_units)
    halves = [
        Decimal(sign * (2 * k + 1) * 5).scaleb(-minor_units - 1)
        for k in range(200)
        for sign in (1, -1)
        if places > minor_units
    ]
    nearly = [
        half + step for half in halves for step in (Decimal(1).scaleb(-places), -Decimal(1).scaleb(-places))
    ]
    every = values + halves + nearly
    result = column(
        connection,
        [(v, minor_units) for v in every],
        {"x": sql_type, "m": "integer"},
        macro("round_amount", "x", "m"),
    )
    with localcontext() as context:
        context.prec = 60
        assert result == [v.quantize(Decimal(1).scaleb(-minor_units), ROUND_HALF_UP) for v in every]
    assert all(isinstance(v, Decimal) and v.as_tuple().exponent == -4 for v in result)


@pytest.mark.parametrize("minor_units", MINOR_UNITS)
def test_round_share_rounds_the_share_of_an_amount_and_all_of_it(
    connection: duckdb.DuckDBPyConnection, macro: Macro, minor_units: int
) -> None:
    picker = random.Random(SEED + minor_units)
    amounts = decimals(4, LARGEST_MONEY - 1, 200, SEED + minor_units)
    wholes = [picker.choice((1, 2, 3, 28, 30, 31, 365)) for _ in amounts]
    parts = [picker.choice((whole, picker.randrange(whole + 1))) for whole in wholes]
    rows = [(x, part, whole, minor_units) for x, part, whole in zip(amounts, parts, wholes, strict=True)]
    types = {"x": "decimal(28, 4)", "part": "integer", "whole": "integer", "m": "integer"}
    result = column(connection, rows, types, macro("round_share", "x", "part", "whole", 4, "m"))
    assert result == [
        Decimal(half_up(Fraction(x) * part * 10**m / whole)).scaleb(-m) for x, part, whole, m in rows
    ]
    assert any(part == whole for part, whole in zip(parts, wholes, strict=True))


def test_money_of_a_currency_without_known_minor_units_is_refused(
    connection: duckdb.DuckDBPyConnection, macro: Macro
) -> None:
    for unknown in (5, -1):
        with pytest.raises(duckdb.InvalidInputException, match="minor unit"):
            column(
                connection,
                [(1, unknown)],
                {"n": "hugeint", "m": "integer"},
                macro("round_money", "n", "1", 4, "m"),
            )
        with pytest.raises(duckdb.InvalidInputException, match="minor unit"):
            column(
                connection,
                [(1, unknown)],
                {"x": "decimal(28, 4)", "m": "integer"},
                macro("round_amount", "x", "m"),
            )


def test_a_missing_amount_stays_missing(connection: duckdb.DuckDBPyConnection, macro: Macro) -> None:
    query = (
        f"select {macro('scaled', 'x', 4)}, {macro('round_amount', 'x', '2')} from (select null::decimal(28,"
        " 4) as x)"
    )
    assert connection.execute(query).fetchone() == (None, None)


def test_minor_unit_is_one_of_the_least_coin(connection: duckdb.DuckDBPyConnection, macro: Macro) -> None:
    expected = [Decimal("1"), Decimal("0.1"), Decimal("0.01"), Decimal("0.001"), Decimal("0.0001")]
    assert (
        column(connection, [(m,) for m in range(5)], {"m": "integer"}, macro("minor_unit", "m")) == expected
    )

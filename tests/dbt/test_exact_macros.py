"""The exact arithmetic of ``macros/exact.sql`` against Python's integers and Decimal, on DuckDB itself.

Belongs here: ``scaled``, ``unscaled``, ``half_up``, ``round_money``, ``round_price_times``, ``round_amount``,
``round_share``, ``minor_unit``. The macros are rendered by Jinja straight from the file, without dbt, and run
on the DuckDB the project pins; the models that use them have unit tests.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest

Macro = Callable[..., str]
SEED = 20261001
LARGEST_MONEY = 999_999_999_999_999  # 15 integer digits, contract §3
LARGEST_QUANTITY = 999_999_999_999  # 12 integer digits
MINOR_UNITS = (0, 2, 3, 4)
HUGEINT_EDGE = 2**127 - 1


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as opened:
        yield opened


def half_up(value: Fraction) -> int:
    """Round to the nearest integer, halves away from zero, without any of the code under test."""
    whole, rest = divmod(abs(value), 1)
    rounded = int(whole) + (1 if rest >= Fraction(1, 2) else 0)
    return rounded if value >= 0 else -rounded


def decimals(places: int, largest: int, count: int, seed: int) -> list[Decimal]:
    """Random and edge decimals with at most ``places`` places: zero, the least, the largest, halves, and
    their negatives.
    """
    picker = random.Random(seed)
    least = Decimal(1).scaleb(-places)
    edges = [
        Decimal(0),
        least,
        5 * least,
        Decimal("0.5"),
        Decimal("0.05"),
        Decimal(1) - least,
        Decimal(1),
        Decimal(largest),
    ]
    with localcontext() as context:
        context.prec = 60
        edges.append(Decimal(largest) + Decimal(1) - least)
        picked = [
            Decimal(picker.randrange(10 ** picker.randrange(1, len(str(largest)) + places + 1))).scaleb(
                -places
            )
            for _ in range(count)
        ]
        return [signed for value in edges + picked for signed in (value, -value)]


def as_text(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def column(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[tuple[object, ...]],
    types: dict[str, str],
    expression: str,
) -> list[object]:
    """Evaluate ``expression`` over the rows, handed over as text so that no number passes through a float; in
    the rows' order.
    """
    texts = {name: pa.array([as_text(row[i]) for row in rows]) for i, name in enumerate(types)}
    connection.register("texts", pa.table({"position": pa.array(range(len(rows)), pa.int64()), **texts}))
    casts = ", ".join(f"{name}::{sql_type} as {name}" for name, sql_type in types.items())
    query = f"select {expression} as result from (select position, {casts} from texts) order by position"
    return [row[0] for row in connection.execute(query).fetchall()]


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

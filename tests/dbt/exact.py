"""Running a macro of ``macros/exact.sql`` over columns of decimals.

Belongs here: what the tests of the macros share. Does not: expectations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

import duckdb
import pyarrow as pa

Macro = Callable[..., str]


SEED = 20261001


LARGEST_MONEY = 999_999_999_999_999  # 15 integer digits, contract §3


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

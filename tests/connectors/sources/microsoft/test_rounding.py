"""Microsoft's published arithmetic, against whole numbers and fractions.

Belongs here: the formulas. Does not: the lines they are used for (``test_lines``).
"""

from __future__ import annotations

import random
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from connectors.sources.microsoft.rounding import rounddown, seat_price, seats_subtotal, usage_subtotal

LINES = 10_000


def cut(number: Fraction) -> Fraction:
    """Cents towards zero, with nothing but whole numbers."""
    cents = abs(number.numerator) * 100 // number.denominator
    return Fraction(-cents if number < 0 else cents, 100)


@pytest.mark.parametrize(
    ("number", "cents"),
    [
        ("1.999", "1.99"),
        ("-1.999", "-1.99"),
        ("0.009", "0"),
        ("-0.009", "0"),
        ("2", "2"),
        ("-2.01", "-2.01"),
        ("0.29", "0.29"),
    ],
)
def test_rounddown_cuts_towards_zero_on_both_sides(number: str, cents: str) -> None:
    assert rounddown(Decimal(number)) == Decimal(cents)


def test_the_published_formulas_by_hand() -> None:
    # 12.3456 * 0.9 = 11.11104, cut 11.11, times 7
    assert seats_subtotal(Decimal("12.3456"), Decimal("0.9"), Decimal(7)) == Decimal("77.77")
    assert seat_price(Decimal("-12.3456"), Decimal("0.9")) == Decimal("-11.11")
    # 0.045 * 33.333 = 1.499985, cut 1.49; times 0.9 = 1.341, cut 1.34. In one step it would be 1.349..., also
    # 1.34
    assert usage_subtotal(Decimal("0.045"), Decimal("0.9"), Decimal("33.333")) == Decimal("1.34")
    # 1.999 * 1 = 1.99 first; times 1.006 = 2.00194, cut 2.00. In one step: 2.010994, cut 2.01
    assert usage_subtotal(Decimal("1.999"), Decimal("1.006"), Decimal(1)) == Decimal("2.00")


def test_ten_thousand_lines_agree_with_whole_numbers() -> None:
    chance = random.Random(20_260_504)
    steps = 0
    for _ in range(LINES):
        price = Decimal(chance.randint(-(10 ** chance.randint(1, 22)), 10 ** chance.randint(1, 22))).scaleb(
            -chance.choice([0, 2, 4, 15])
        )
        rate = Decimal(chance.randint(1, 10**12)).scaleb(-chance.choice([6, 10, 11]))
        seats = Decimal(chance.randint(-5_000, 5_000))
        used = Decimal(chance.randint(-(10**14), 10**14)).scaleb(-10)
        p, r = Fraction(price), Fraction(rate)
        assert Fraction(seats_subtotal(price, rate, seats)) == cut(p * r) * int(seats)
        assert Fraction(usage_subtotal(price, rate, used)) == cut(cut(p * Fraction(used)) * r)
        steps += cut(cut(p * Fraction(used)) * r) != cut(p * Fraction(used) * r)
    assert steps > 500, "the two steps of the usage formula were hardly tried"


def test_nothing_depends_on_the_precision_that_is_set_elsewhere() -> None:
    with localcontext() as context:
        context.prec = 3
        assert seats_subtotal(Decimal("123456.789"), Decimal("1.23456"), Decimal("100")) == Decimal(
            "15241481.00"
        )

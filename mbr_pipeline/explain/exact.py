"""How exact numbers are written: plainly, and cut only with a mark (contract §1).

What belongs here: numbers as text. What does not: any arithmetic on money, which is the second engine's.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.recompute.money import exact_decimal, half_up

_MOST_PLACES = 12

Number = Fraction | Decimal | int


def plain(value: Number) -> str:
    """Write a number without needless zeros; one with more than 12 decimal places is cut there and marked
    with an ellipsis.
    """
    scaled = abs(Fraction(value)) * 10**_MOST_PLACES
    whole, digits = divmod(scaled.numerator // scaled.denominator, 10**_MOST_PLACES)
    text = f"{whole}.{digits:0{_MOST_PLACES}d}"
    cut = "…" if scaled.denominator != 1 else ""
    sign = "-" if value < 0 else ""
    return sign + (text + cut if cut else text.rstrip("0").rstrip("."))


def as_decimal(amount: Fraction) -> Decimal:
    """Return an amount that is exact in decimals, for pages that group its digits."""
    return exact_decimal(amount)


def money(amount: Number, places: int, signed: bool = False) -> str:
    """Write an amount with its currency's places, and with more where it has more."""
    value = Fraction(amount)
    if (value * 10**places).denominator != 1:
        return ("+" if signed and value > 0 else "") + plain(value)
    return f"{half_up(value, places):{'+' if signed and value else ''}.{places}f}"

"""Exact arithmetic of the contract, and how its numbers are written (contract §1).

What belongs here: days of half-open intervals, half-up rounding, and plain text of a fraction. Everything is
a Fraction until the one rounding that the contract names. What is multiplied with what is the derivations'
part.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

_MOST_PLACES = 12

Number = Fraction | Decimal | int


def half_up(value: Number, places: int) -> Decimal:
    """Round to ``places`` decimal places, halves away from zero."""
    scaled = abs(Fraction(value)) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    # built from text: Decimal's own arithmetic would round to its context
    return Decimal(f"{'-' if value < 0 and units else ''}{units}e-{places}")


def days_between(start: date, end: date) -> int:
    """Days of ``[start, end)``; 0 where it is empty."""
    return max(0, (end - start).days)


def shared_days(start: date, end: date | None, first: date, stop: date) -> int:
    """Days that ``[start, end)`` and ``[first, stop)`` share; an ``end`` of None is open."""
    return days_between(max(start, first), min(end or stop, stop))


def plain(value: Number) -> str:
    """Write a number without needless zeros; one that has no end in 12 decimal places is cut there and marked
    with an ellipsis.
    """
    scaled = abs(Fraction(value)) * 10**_MOST_PLACES
    whole, digits = divmod(scaled.numerator // scaled.denominator, 10**_MOST_PLACES)
    text = f"{whole}.{digits:0{_MOST_PLACES}d}"
    cut = "…" if scaled.denominator != 1 else ""
    sign = "-" if value < 0 else ""
    return sign + (text + cut if cut else text.rstrip("0").rstrip("."))


def money(amount: Number, places: int, signed: bool = False) -> str:
    """Write an amount with its currency's places, and with more where it has more."""
    value = Fraction(amount)
    if (value * 10**places).denominator != 1:
        return ("+" if signed and value > 0 else "") + plain(value)
    return f"{half_up(value, places):{'+' if signed and value else ''}.{places}f}"

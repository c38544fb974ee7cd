"""A vertical axis for exact values: its round steps, and where a value stands on it.

What belongs here: exact arithmetic on values and places. What does not: marks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_MOST_STEPS = 5


@dataclass(frozen=True)
class Axis:
    """From the lowest to the highest step; ``top`` and ``bottom`` are their places in units of the view box.

    Zero is always on it, so that heights can be compared.
    """

    steps: tuple[Decimal, ...]
    top: int
    bottom: int

    def at(self, value: Decimal) -> Fraction:
        """Return a value's place."""
        low, high = Fraction(self.steps[0]), Fraction(self.steps[-1])
        return self.bottom - (Fraction(value) - low) / (high - low) * (self.bottom - self.top)


def axis(values: Iterable[Decimal], top: int, bottom: int) -> Axis:
    """Choose an axis that holds zero and all values, with steps of 1, 2 or 5 of one power of ten."""
    known = [Decimal(0), *values]
    low, high = min(known), max(known)
    if low == high:
        high = Decimal(1)
    exponent = (high - low).adjusted() - 2
    for grain in (Decimal(digit).scaleb(exponent + power) for power in range(4) for digit in (1, 2, 5)):
        first = (Fraction(low) / Fraction(grain)).__floor__()
        last = (Fraction(high) / Fraction(grain)).__ceil__()
        if last - first <= _MOST_STEPS:
            return Axis(tuple(grain * n for n in range(first, last + 1)), top, bottom)
    raise ValueError(f"no axis holds {low} to {high}")


def units(value: Fraction) -> str:
    """Write a place with two decimals, halves up."""
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"

"""Calculating with the numbers of native records: exactly, or rounded where a declaration asks for it.

What belongs here: numbers as fractions, and fractions as canonical text. What does not: what
is calculated (the declarations).
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from connectors.mapping import MappingError, Native, plain

AMOUNT_PLACES, PRICE_PLACES, USAGE_PLACES = 12, 10, 6
"""The decimal places that a vendor's amounts, unit prices and quantities of usage are kept with."""

ROUNDED = "have a number with more decimal places than are kept, which was rounded half-up"
BINARY = (
    "have a number with the rest that binary arithmetic leaves, as in 0.30000000000000004: fifteen digits of"
    " it were read"
)
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_EVEN)
_MOST_DIGITS = 60  # of any number, zeros before and behind included


def fraction(native: Native, name: str) -> Fraction:
    """Return a field as a fraction.

    Raises:
        MappingError: It is missing, not a plain number, or longer than any plausible one.
    """
    number = native.number(name)
    if len(f"{number.copy_abs():f}".replace(".", "")) > _MOST_DIGITS:
        raise MappingError(
            name, native.text(name), "has more digits than a number of money or seats can have"
        )
    return Fraction(number)


def double(native: Native, name: str) -> Fraction:
    """Return a field of a vendor whose document calls it a double, as a fraction.

    A decimal of fifteen digits comes back from a double (IEEE 754, binary64) as it went in; what stands
    behind them was nobody's. A sixteenth digit is the rest of a calculation, such as 0.1 + 0.2. Whole
    numbers keep all their digits.

    Raises:
        MappingError: As ``fraction`` does.
    """
    exact = fraction(native, name)
    read = Fraction(_FIFTEEN.plus(native.number(name)))
    if exact.denominator == 1 or read == exact:
        return exact
    native.remark(BINARY)
    return read


def double_or_zero(native: Native, name: str) -> Fraction:
    """Return a field as ``double`` does, 0 where it is missing."""
    return double(native, name) if native.text(name) else Fraction(0)


def fraction_or_zero(native: Native, name: str) -> Fraction:
    """Return a field as a fraction, 0 where it is missing; raises as ``fraction`` does."""
    return fraction(native, name) if native.text(name) else Fraction(0)


def seats_of(quantity: Fraction, price: Fraction, amount: Fraction) -> tuple[Fraction, Fraction]:
    """Return the seats that a line adds, negative where it takes them away, and the price of one.

    Many vendors write a credit with a plain quantity and negative money (some with a negative price, some
    without, some with a minus before all three): read as it is, its quantity would add the seats that it
    takes away, or its price make money of the other sign.
    """
    return (-abs(quantity), abs(price)) if amount < 0 else (quantity, price)


def sum_text(number: Fraction) -> str:
    """Return a sum of native numbers as canonical text, with all its digits; typing decides whether
    they are too many.
    """
    text = exact_text(number, _MOST_DIGITS)
    assert text is not None  # sums have no more places than what is summed
    return text


def amount_text(native: Native, number: Fraction) -> str:
    """Return a vendor's amount as canonical text, rounded with a note where it has more places than are kept:
    JSON carries quotients with all the digits of a binary number.
    """
    return _kept(native, number, AMOUNT_PLACES)


def price_text(native: Native, number: Fraction) -> str:
    """Return a unit price as ``amount_text`` does."""
    return _kept(native, number, PRICE_PLACES)


def quantity_text(native: Native, category: str, number: Fraction) -> str:
    """Return a quantity of usage as ``amount_text`` does; of anything else with all its digits, for nobody
    rounds seats: typing refuses parts of one.
    """
    return _kept(native, number, USAGE_PLACES) if category == "usage" else sum_text(number)


def _kept(native: Native, number: Fraction, places: int) -> str:
    if exact_text(number, places) is None:
        native.remark(ROUNDED)
    return rounded_text(number, places)


def exact_text(number: Fraction, places: int) -> str | None:
    """Return a number as canonical text; None if it has more decimal places than allowed."""
    scaled = number * 10**places
    return _text(scaled.numerator, places) if scaled.denominator == 1 else None


def rounded_text(number: Fraction, places: int) -> str:
    """Return a number as canonical text, rounded half away from zero."""
    units = math.floor(abs(number) * 10**places + Fraction(1, 2))
    return _text(-units if number < 0 else units, places)


def _text(units: int, places: int) -> str:
    return plain(Decimal(f"{units}E-{places}"))

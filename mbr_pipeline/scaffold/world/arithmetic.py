"""Exact money and calendar arithmetic of the generated worlds.

What belongs here: rounding, minor units, months and days. What does not: what is billed
(``deals``). Everything is ``Fraction`` or ``Decimal``: a quotient is never cut before the one
rounding that the contract asks for.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

EXPONENTS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
"""Minor-unit digits by currency (ISO 4217)."""

FX = {"USD": Decimal(1), "EUR": Decimal("0.9"), "JPY": Decimal(150), "KWD": Decimal("0.3")}
"""Rough units of a currency per US dollar, only to give prices a plausible size."""

Number = int | Decimal | Fraction


def round_places(value: Number, places: int) -> Decimal:
    """Round half-up, away from zero, to a number of decimal places (contract §1)."""
    scaled = abs(Fraction(value)) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = tuple(int(d) for d in str(units))
    return Decimal((1 if Fraction(value) < 0 and units else 0, digits, -places))


def round_money(value: Number, currency: str) -> Decimal:
    """Round half-up to the currency's minor unit (contract §1)."""
    return round_places(value, EXPONENTS[currency])


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency."""
    return Decimal((0, (1,), -EXPONENTS[currency]))


def period_start(period: str) -> date:
    """First day of a period ``YYYY-MM``."""
    return date(int(period[:4]), int(period[5:]), 1)


def add_months(day: date, months: int) -> date:
    """The same day of the month some months later; the day must exist there."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, day.day)


def period_end(period: str) -> date:
    """First day after a period (half-open, contract §1)."""
    return add_months(period_start(period), 1)


def days_in(period: str) -> int:
    """Number of days ``D`` of a period."""
    return (period_end(period) - period_start(period)).days


def last_day(period: str) -> date:
    """Last day of a period."""
    return period_end(period) - timedelta(days=1)


def day_of(period: str, number: int) -> date:
    """Day ``number`` (from 1) of a period."""
    return period_start(period) + timedelta(days=number - 1)


def overlap(start: date, end: date, period: str) -> int:
    """Days of the half-open ``[start, end)`` that lie in a period."""
    return max(0, (min(end, period_end(period)) - max(start, period_start(period))).days)


def next_period(period: str, months: int = 1) -> str:
    """The period some months later (earlier if negative)."""
    return add_months(period_start(period), months).isoformat()[:7]

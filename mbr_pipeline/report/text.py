"""How the report writes values: money, figures and text from outside.

What belongs here: pure functions from a value to the characters on the page, and exact addition. What a value
means belongs in ``vocabulary``; escaping for HTML is the template engine's (``render``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation
from typing import Any

from mbr_pipeline.safe_text import LONGEST_TEXT, visible
from mbr_pipeline.values import minor_units

_DECIMAL_TEXT = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?")
_RECORDS = re.compile(
    r"(?P<before>.*Records:) (?P<records>.+?)(?P<after>(?: and [0-9]+ more)?\.(?: .*)?)", re.DOTALL
)
_EXACT = Context(prec=200, traps=[Inexact, InvalidOperation])


def exact_sum(values: Iterable[Decimal]) -> Decimal:
    """Add decimals without rounding.

    Args:
        values: Amounts of one currency, of any scale.

    Returns:
        The exact sum, ``0`` for no values.

    Raises:
        decimal.Inexact: The sum needs more than 200 digits, which no column of the contract can produce.
    """
    total = Decimal(0)
    for value in values:
        total = _EXACT.add(total, value)
    return total


def minor_digits(currency: str | None) -> int:
    """Return how many decimal places a currency has (ISO 4217 exponent).

    Args:
        currency: An ISO 4217 code, or None where a finding carries no currency.

    Returns:
        The exponent; 2 where the code is unknown or has none.
    """
    return minor_units().get(currency or "", 2)


def amount_text(amount: Decimal, currency: str | None) -> str:
    """Write an amount with thousands separators and its currency's places, never rounded.

    Args:
        amount: An amount in major units.
        currency: Its currency.

    Returns:
        For example ``1,234.50``; more places than the currency has are shown when they are not zero.
    """
    return _grouped(amount, minor_digits(currency))


def records_apart(explanation: str | None) -> tuple[str | None, tuple[str, ...], str]:
    """Split a finding's sentence at the records that it names, so that no line ends within a path.

    Args:
        explanation: As published, or None where there is none: ``… Records: a.csv:1, b.csv:2 and 3 more.``

    Returns:
        The text before, each record, and the text after; the whole text, no record and no text where it
            names none, or is so long that it is cut where it is shown.
    """
    found = _RECORDS.fullmatch(explanation) if explanation and len(explanation) <= LONGEST_TEXT else None
    if found is None:
        return explanation, (), ""
    return found["before"], tuple(found["records"].split(", ")), found["after"]


def figure_texts(values: Iterable[Any]) -> tuple[str, ...]:
    """Write control figures to be compared with each other; their unit is the control's.

    Args:
        values: Decimals, integers, texts (decimal or not), or None for "no figure".

    Returns:
        Numbers grouped, with equally many places, at least two if any has one; other text made visible; a
            dash for
        None.

    Raises:
        TypeError: A figure is a float.
    """
    given = list(values)
    numbers = [_number(value) for value in given if value is not None]
    places = max((_significant_places(number) for number in numbers if number is not None), default=0)
    return tuple(_figure(value, max(places, 2) if places else 0) for value in given)


def count_text(count: int | None) -> str:
    """Write a count with thousands separators; a dash where nothing was counted."""
    return "—" if count is None else f"{count:,}"


def percent_text(share: Decimal) -> str:
    """Write a percentage with two places, rounded down: 99.999 is not 100.

    Args:
        share: A percentage, not a fraction.

    Returns:
        For example ``99.99 %``.
    """
    return f"{share.quantize(Decimal('0.01'), rounding=ROUND_FLOOR):,.2f} %"


def _figure(value: Any, places: int) -> str:
    if value is None:
        return "—"
    number = _number(value)
    return visible(str(value)) if number is None else _grouped(number, places)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, float):
        raise TypeError("a control figure is a float")
    if isinstance(value, str) and not _DECIMAL_TEXT.fullmatch(value):
        return None
    return Decimal(value)


def _grouped(value: Decimal, least_places: int) -> str:
    if not value:
        value = abs(value)  # no negative zero
    places = max(least_places, _significant_places(value))
    return f"{value:,.{places}f}"


def _significant_places(value: Decimal) -> int:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not an amount")
    if not value:
        return 0  # 0.0000 is written with the currency's own places
    places = -exponent
    for digit in reversed(digits):
        if digit or places <= 0:
            break
        places -= 1
    return max(places, 0)

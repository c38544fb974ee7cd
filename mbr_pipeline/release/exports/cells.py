"""How values stand in files for people and other programs.

What belongs here: one value at a time. What does not: files (``files``).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from mbr_pipeline.safe_text import neutral
from mbr_pipeline.values import minor_units

Cell = str | Decimal | date | None
"""A cell: text, a number, a day, or nothing."""

_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)


def shown(cell: Cell) -> str:
    """Return a cell's characters: text made neutral, a number exactly and without an exponent, a day as
    YYYY-MM-DD.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return neutral(cell)
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell.date().isoformat() if isinstance(cell, datetime) else cell.isoformat()


def places_of(number: Decimal) -> int:
    """Return the decimal places that a number needs."""
    exponent = plain(number).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def plain(number: Decimal) -> Decimal:
    """Return a number without zeros at its end, never with an exponent above zero."""
    trimmed = number.normalize(_EXACT)
    exponent = trimmed.as_tuple().exponent
    return trimmed.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else trimmed + 0


def rounded(number: Decimal, currency: str) -> Decimal:
    """Return a number rounded half-up to the currency's minor unit."""
    unit = Decimal(1).scaleb(-minor_units().get(currency, 2))
    # + 0: minus nothing is nothing
    return number.quantize(unit, context=_EXACT) + 0


def money(amount: Decimal, currency: str) -> Decimal:
    """Return an amount with the currency's places, with more only where it has more: nothing is rounded."""
    fine = rounded(amount, currency)
    return fine if fine == amount else plain(amount)


def product(quantity: Decimal, price: Decimal) -> Decimal:
    """Return quantity × price exactly."""
    return _EXACT.multiply(quantity, price)

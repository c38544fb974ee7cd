"""The arithmetic that Microsoft publishes for the lines of its bill, exactly.

What belongs here: the published formulas, as functions of numbers. What does not: where the numbers stand in
a record (``lines``). Source: "Learn how to read new commerce invoice reconciliation files", column Subtotal.
ROUNDDOWN is the spreadsheet's: towards zero, also below zero.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Context, Decimal, Inexact

_EXACT = Context(prec=1_000, traps=[Inexact])
"""Digits enough for products of any prices, rates and quantities in a file; a longer one is an
error and never rounded.
"""
_ROUNDING = Context(prec=1_000)
_CENT = Decimal("0.01")


def rounddown(number: Decimal) -> Decimal:
    """Return a number cut to two places."""
    return number.quantize(_CENT, ROUND_DOWN, _ROUNDING)


def seat_price(price: Decimal, rate: Decimal) -> Decimal:
    """Return what one licence costs in billing currency: ROUNDDOWN(EffectiveUnitPrice * PCToBCExchangeRate,
    2).
    """
    return rounddown(_EXACT.multiply(price, rate))


def seats_subtotal(price: Decimal, rate: Decimal, quantity: Decimal) -> Decimal:
    """Return a licence line's Subtotal: ROUNDDOWN(EffectiveUnitPrice *
    PCToBCExchangeRate, 2) * BillableQuantity.
    """
    return _EXACT.multiply(seat_price(price, rate), quantity)


def usage_subtotal(price: Decimal, rate: Decimal, quantity: Decimal) -> Decimal:
    """Return a usage line's Subtotal: ROUNDDOWN(ROUNDDOWN(EffectiveUnitPrice * BillableQuantity,
    2) * PCToBCExchangeRate, 2).
    """
    return rounddown(_EXACT.multiply(rounddown(_EXACT.multiply(price, quantity)), rate))

"""What the columns of one record say about each other: signs, prices, and digits that are too many.

What belongs here: a record whose columns are made, finished. What does not: making them (``making``), and
identifiers (``rows``).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from connectors.datasets import Column, Kind
from connectors.exact_numbers import AMOUNT_PLACES, PRICE_PLACES, ROUNDED, USAGE_PLACES, rounded_text
from connectors.mapped.cells import Cell
from connectors.mapped.making import Making
from connectors.mapping import MappingError, Native, Row

_PLACES = {Kind.VENDOR_AMOUNT: AMOUNT_PLACES, Kind.UNIT_PRICE: PRICE_PLACES}
_MONEY = (Kind.VENDOR_AMOUNT, Kind.CLIENT_AMOUNT)
_CODES = {"€": "EUR", "£": "GBP", "US$": "USD"}
"""Signs of one currency; others are known by their code."""

_NO_DOLLARS = frozenset(["EUR", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK"])


def finished(row: dict[str, str | None], making: Making, found: Mapping[str, str], native: Native) -> Row:
    """Finish a record in place and return it; raises ``MappingError``."""
    cells = making.profile.cells
    for cell in cells:
        if cell.sign_of and row.get(cell.column.name):
            _give_sign(cell, cell.sign_of, row, making, found)
    for cell in cells:
        _refuse_other_currency(cell, row, making, found)
        if cell.from_amount:
            row[cell.column.name] = _price(row)
    rounded = [_fit(cell.column, row) for cell in cells]
    if any(rounded):
        native.remark(ROUNDED)
    return row


def _give_sign(
    cell: Cell, heading: str, row: dict[str, str | None], making: Making, found: Mapping[str, str]
) -> None:
    """Give a quantity the sign of its money, and its price none where that changes it."""
    name = cell.column.name
    made = next((c.column.name for c in making.profile.cells if c.heading == heading and c.sign), None)
    text = row.get(made) if made else found.get(heading)
    if not text:
        return
    money = Decimal(text) if made else making.number(heading, text)
    quantity = Decimal(row[name] or "0")
    if quantity < 0 < money:
        raise MappingError(
            heading, text, f"is above zero and {name} is below; correct the file or `sign_of` in mbr.yml"
        )
    if money < 0 < quantity:
        row[name] = f"-{row[name]}"
        for price in ("unit_cost", "unit_price"):
            if (row.get(price) or "").startswith("-"):
                row[price] = (row[price] or "")[1:]


def _refuse_other_currency(
    cell: Cell, row: Mapping[str, str | None], making: Making, found: Mapping[str, str]
) -> None:
    """Refuse money that names another currency than its record has."""
    currency = row.get("currency")
    if cell.column.kind not in _MONEY or not cell.heading or not currency:
        return
    text = found.get(cell.heading, "")
    for sign in making.profile.numbers.signs:
        code = _CODES.get(sign, sign)
        is_another = len(code) == len(currency) and code.isalpha() and code != currency
        if sign in text and (is_another or (sign == "$" and currency in _NO_DOLLARS)):
            reason = f"is in {code}, and the record in {currency}; correct the file or `currency` in mbr.yml"
            raise MappingError(cell.heading, text, reason)


def _price(row: Mapping[str, str | None]) -> str | None:
    amount, quantity = row.get("amount"), row.get("quantity")
    if amount is None or quantity is None:
        return None
    if Fraction(quantity):
        return rounded_text(Fraction(amount) / Fraction(quantity), PRICE_PLACES)
    if Fraction(amount):
        raise MappingError(
            "quantity", quantity, "is zero beside an amount, so there is no unit price; correct the file"
        )
    return "0"


def _fit(column: Column, row: dict[str, str | None]) -> bool:
    """Round what a column cannot hold; whether anything was. Seats and the client's money are never."""
    text = row.get(column.name)
    if not text:
        return False
    is_usage = column.kind is Kind.QUANTITY and row.get("charge_category") == "usage"
    places = USAGE_PLACES if is_usage else _PLACES.get(column.kind)
    if places is None or len(text.partition(".")[2].rstrip("0")) <= places:
        return False
    row[column.name] = rounded_text(Fraction(text), places)
    return True

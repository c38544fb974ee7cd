"""Values of Microsoft's billing records as they are written in the portal's files and in JSON.

What belongs here: reading one value. What does not: what it means for a line (``lines``).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from connectors.guids import lower_guid
from connectors.mapping import MappingError, Native, plain
from connectors.plain_numbers import plain_decimal

_US_DATE = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})([ \u202f]\d{1,2}:\d{2}(:\d{2})?([ \u202f][AP]M)?)?", re.ASCII
)
_UNSET = re.compile(r"0001-01-01|0?1/0?1/0001", re.ASCII)
_MOST_DIGITS = 60
_ORG = "org:"
_WIDE = Context(prec=200)


def day(native: Native, name: str) -> date:
    """Return the day of a field: ISO, or month, day, year as in the portal's files. Which of the two comes
    first is never guessed. A time of day is not used: a last day ends at 23:59.

    Raises:
        MappingError: It is missing, or neither, or the first of all days, which stands for none.
    """
    found = _US_DATE.fullmatch(native.needed(name))
    try:
        said = date(int(found[3]), int(found[1]), int(found[2])) if found else native.day(name)
    except ValueError:
        raise MappingError(
            name,
            native.text(name),
            "is no date; Microsoft writes MM/DD/YYYY: export the file in English (US)",
        ) from None
    if said == date.min:
        raise MappingError(name, native.text(name), "stands for no date; ask the vendor which it is")
    return said


def has_day(native: Native, name: str) -> bool:
    """Whether a field says a day: what was never set is missing or 0001-01-01, as in the vendor's sample of
    invoice summaries.
    """
    said = native.text(name)
    return said is not None and not _UNSET.match(said)


def number(native: Native, *names: str) -> Decimal:
    """Return the first of these fields that is there, without the apostrophe that keeps spreadsheets from
    reading it as a number.

    Raises:
        MappingError: None is, or it is no number of money or seats.
    """
    text = native.needed(*names).removeprefix("'")
    name = next(name for name in names if native.text(name) is not None)
    found = plain_decimal(text)
    if found is None or len(found) > _MOST_DIGITS:
        raise MappingError(
            name, text, "is not a number of money or seats; write it with plain digits and a decimal point"
        )
    return Decimal(found)


def rounded(amount: Decimal, places: int) -> Decimal:
    """Return a number rounded half away from zero; a zero has no sign."""
    found = amount.quantize(Decimal(f"1e-{places}"), ROUND_HALF_UP, _WIDE)
    return found or abs(found)


def money(native: Native, *names: str) -> Decimal:
    """Return an amount in the twelve places of the contract: daily usage comes with the digits
    of a binary number.
    """
    amount = number(native, *names)
    if rounded(amount, 12) != amount:
        native.remark("have an amount of more than 12 places, which was rounded to 12")
    return rounded(amount, 12)


def alone(amount: Decimal) -> dict[str, str]:
    """Return the canonical numbers of an amount that is for no quantity."""
    return {"quantity": "1", "unit_cost": plain(rounded(amount, 10)), "amount": plain(amount)}


def customer(native: Native) -> str:
    """Return the customer's tenant, in lower case and without what some interfaces write before it."""
    said = native.text("customerid")
    if said is None:
        native.remark("name no customer and are taken as the partner's own")
        return "partner"
    return str(lower_guid(said[len(_ORG) :] if said.lower().startswith(_ORG) else said))


def sku(native: Native) -> str:
    """Return what price lists call a product: product and SKU joined by a colon, without the apostrophe that
    keeps a spreadsheet from reading 0002 as 2; in legacy bills the offer.
    """
    product, part = native.text("productid"), (native.text("skuid") or "").removeprefix("'")
    return (
        f"{product}:{part}".upper()
        if product and part
        else native.needed("durableofferid", "offerid", "sku", "meterid", "skuname")
    )

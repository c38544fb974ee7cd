"""How one text becomes a value: the strict forms of contract §3 for settings and rule files.

What belongs here: parsing single texts in Python. The bulk of the data is typed by the same forms in SQL
(``mbr_pipeline.ingest.typing_sql``); a test holds the two together. Python's ``Decimal`` is not used to
recognise numbers: it accepts ``NaN``, ``1_000`` and full-width digits.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache

import iso4217

_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
HEX_ID_PATTERN = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
"""The regular expression (RE2 and Python) of an id in 8-4-4-4-12 hexadecimal digits."""


def decimal_pattern(integer_digits: int, places: int) -> str:
    """Return the regular expression (RE2 and Python) of a plain decimal; zeros that change nothing do not
    count as digits.
    """
    return rf"-?(0*[0-9]{{1,{integer_digits}}}(\.[0-9]{{0,{places}}}0*)?|\.[0-9]{{1,{places}}}0*)"


def parse_decimal(text: str, integer_digits: int, places: int) -> Decimal:
    """Read a plain decimal such as ``-12.50``; ``ValueError`` says what is wrong with it."""
    if not re.fullmatch(decimal_pattern(integer_digits, places), text, re.ASCII):
        raise ValueError(
            f"{text!r} is not a number of at most {integer_digits} digits and {places} decimal places"
        )
    return Decimal(text)


def parse_date(text: str) -> date:
    """Read an ISO date; ``ValueError`` says what is wrong with it."""
    if not _DATE.match(text):
        raise ValueError(f"{text!r} is not a date: write it as YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day of the calendar") from error


def id_form(text: str) -> str:
    """Return an id as it is read: 8-4-4-4-12 hexadecimal digits in lower case, for systems write one id in
    either case; anything else as it stands (contract §3.1).
    """
    return text.lower() if re.fullmatch(HEX_ID_PATTERN, text) else text


@cache
def minor_units() -> dict[str, int]:
    """Return the exponent of every ISO 4217 currency that has one (contract §1, round): USD 2, JPY 0, KWD
    3.
    """
    return {c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}

"""How a profile says where one canonical column comes from.

What belongs here: the words below ``columns``, checked and parsed. What does not: those of the file
(``profile``), making values (``rows``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.datasets import Column, Kind
from connectors.mapped.values import DateFormat
from connectors.mapped.words import mapping_of, number_of, one_of, text_of, texts_of
from connectors.plain_numbers import plain_decimal

_TAKES = ("day", "day_after", "month_start", "next_month_start")
_MADE_IDS = ("line_id", "agreement_line_id", "invoice_line_id")

NUMBERS = (Kind.QUANTITY, Kind.UNIT_PRICE, Kind.VENDOR_AMOUNT, Kind.CLIENT_AMOUNT)
"""The kinds of columns that hold numbers."""


@dataclass(frozen=True)
class Sign:
    """Which texts under a heading make a number negative, and which leave it as it is
    written; others are refused.
    """

    heading: str
    negative: tuple[str, ...]
    as_written: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """How one canonical column is made; exactly one of ``heading``, ``constant``, ``counts`` and ``is_made``
    says from what.

    Attributes:
        column: The canonical column.
        heading: The vendor's column.
        constant: One text for all rows.
        values: What the vendor's texts mean; others are refused.
        take: Which day a date stands for, one of ``day``, ``day_after``, ``month_start`` and
            ``next_month_start``.
        dates: The form of its dates, where it differs from the others'.
        implied: How many of the last digits are decimals.
        divided_by: The heading of a number that its number is divided by, rounded half-up to 10 places.
        sign: What another column says about the number's sign.
        counts: Every row counts one: ``rows``, or ``distinct``, once for each text of ``heading``.
        is_made: An identifier made of the row's content.
    """

    column: Column
    heading: str | None = None
    constant: str | None = None
    values: Mapping[str, str] | None = None
    take: str = "day"
    dates: DateFormat | None = None
    implied: int = 0
    divided_by: str | None = None
    sign: Sign | None = None
    counts: str = ""
    is_made: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """The vendor's columns it needs."""
        return tuple(
            name for name in (self.heading, self.divided_by, self.sign and self.sign.heading) if name
        )


def dates_of(value: Any, key: str) -> DateFormat:
    """Parse a form of dates."""
    try:
        return DateFormat(text_of(value, key))
    except ValueError as error:
        raise ValueError(str(error) if str(error).startswith(key) else f"{key}: {error}") from error


def cell_of(column: Column, value: Any, key: str) -> Cell:
    """Parse what a profile says about one column; ``ValueError`` says what is wrong with it."""
    if isinstance(value, str):
        return Cell(column, heading=text_of(value, key))
    words = mapping_of(value, key, ("heading", "constant", "count", "made_of", *_fitting(column)))
    if "heading" not in words and words.get("count") != "distinct":
        return _without_heading(column, words, key)
    if {"constant", "made_of"} & set(words):
        raise ValueError(f"{key} has a heading and something instead of one: keep one of them")
    heading = text_of(words.get("heading"), f"{key}.heading")
    if "count" in words:
        return Cell(column, heading=heading, counts=_count(column, words, key))
    take = one_of(words.get("take", "day"), f"{key}.take", _TAKES)
    dates = dates_of(words["dates"], f"{key}.dates") if "dates" in words else None
    implied = (
        number_of(words["implied_decimals"], f"{key}.implied_decimals", 12)
        if "implied_decimals" in words
        else 0
    )
    values = _values(column, words["values"], f"{key}.values") if "values" in words else None
    divided_by = text_of(words["divided_by"], f"{key}.divided_by") if "divided_by" in words else None
    return Cell(column, heading, None, values, take, dates, implied, divided_by, _sign(words, key))


def _fitting(column: Column) -> tuple[str, ...]:
    """The words that a column of this kind may have in addition to its heading."""
    if column.kind is Kind.DATE:
        return ("take", "dates")
    numbers = (
        ("values", "implied_decimals", "negative_if", "as_written_if")
        if column.kind in NUMBERS
        else ("values",)
    )
    return (*numbers, "divided_by") if column.kind is Kind.UNIT_PRICE else numbers


def _without_heading(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    if len(words) != 1 or not {"constant", "count", "made_of"} & set(words):
        raise ValueError(
            f"{key} needs a heading, or nothing but a constant: write the vendor's column or {{constant: …}}"
        )
    if "constant" in words:
        return Cell(
            column, constant=_meant(column, text_of(words["constant"], f"{key}.constant"), f"{key}.constant")
        )
    if "count" in words:
        return Cell(column, constant="1", counts=_count(column, words, key))
    one_of(words["made_of"], f"{key}.made_of", ("content",))
    if column.name not in _MADE_IDS:
        raise ValueError(
            f"{key}.made_of: only {', '.join(_MADE_IDS)} can be made of the content: name the vendor's column"
        )
    return Cell(column, is_made=True)


def _count(column: Column, words: Mapping[str, Any], key: str) -> str:
    if column.name != "entitled_quantity":
        raise ValueError(f"{key}.count: only entitled_quantity counts rows: name the vendor's column")
    if set(words) - {"count", "heading"}:
        raise ValueError(f"{key} counts rows and has a form of values: keep count and, for distinct, heading")
    return one_of(
        words["count"], f"{key}.count", ("distinct",) if "heading" in words else ("rows", "distinct")
    )


def _sign(words: Mapping[str, Any], key: str) -> Sign | None:
    given = [
        _texts_under(words[name], f"{key}.{name}")
        for name in ("negative_if", "as_written_if")
        if name in words
    ]
    if not given:
        return None
    if len(given) == 1:
        raise ValueError(
            f'{key} has only one of negative_if and as_written_if: write both; {{Art: ["*"]}} are all other'
            " texts of Art"
        )
    (heading, negative), (other, as_written) = given
    if heading != other:
        raise ValueError(
            f"{key}: negative_if looks at {heading!r} and as_written_if at {other!r}: name the same column in"
            " both"
        )
    if twice := [text for text in negative if text in as_written]:
        raise ValueError(
            f"{key}: {twice[0]!r} stands in negative_if and in as_written_if: keep it in one of them"
        )
    return Sign(heading, negative, as_written)


def _texts_under(value: Any, key: str) -> tuple[str, tuple[str, ...]]:
    tests = mapping_of(value, key)
    if len(tests) != 1:
        raise ValueError(f"{key} names more than one column: write one, like {{Art: [Gutschrift]}}")
    ((heading, texts),) = tests.items()
    return heading, texts_of(texts, f"{key}.{heading}")


def _values(column: Column, value: Any, key: str) -> dict[str, str]:
    table = mapping_of(value, key)
    return {
        text.strip(): _meant(column, text_of(meant, f"{key}.{text}"), f"{key}.{text}")
        for text, meant in table.items()
    }


def _meant(column: Column, text: str, key: str) -> str:
    """Check a canonical value that the profile itself writes."""
    wrong = ""
    if column.choices and text not in column.choices:
        wrong = f"use one of {', '.join(column.choices)}"
    elif column.kind is Kind.BOOLEAN and text not in ("true", "false"):
        wrong = "use true or false"
    elif column.kind is Kind.CURRENCY and not re.fullmatch("[A-Z]{3}", text):
        wrong = "write it like USD"
    elif column.kind is Kind.DATE and DateFormat("YYYY-MM-DD").read(text) is None:
        wrong = "write it as YYYY-MM-DD"
    elif column.kind in NUMBERS and plain_decimal(text) is None:
        wrong = "write plain digits with a decimal point"
    if wrong:
        raise ValueError(f"{key} is {text!r}: {wrong}")
    return text

"""The parts of what a profile says about a column that are lists, tables and forms.

What belongs here: their shapes and checks. What does not: which of them fit together (``cells``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.datasets import Column, Kind
from connectors.mapped.place import DAYS_OF_PERIOD, Pattern
from connectors.mapped.values import DateFormat
from connectors.mapped.words import mapping_of, number_of, one_of, text_of, texts_of
from connectors.plain_numbers import plain_decimal

NUMBERS = (Kind.QUANTITY, Kind.UNIT_PRICE, Kind.VENDOR_AMOUNT, Kind.CLIENT_AMOUNT)
"""The kinds of columns that hold numbers."""

OF_MONTHS = ("month_start", "next_month_start")
TAKES = ("day", "day_after", *OF_MONTHS, "next_midnight")
"""Which day a date may stand for; the last is of moments, and not of two dates in a text."""

_MOST_MONTHS = 120


@dataclass(frozen=True)
class Sign:
    """Which texts under a heading make a number negative, or zero, and which leave it as it is
    written; others are refused.
    """

    heading: str
    negative: tuple[str, ...]
    as_written: tuple[str, ...]
    zero: tuple[str, ...] = ()


@dataclass(frozen=True)
class Per:
    """How many months a price is for: ``months``, or what the texts under a heading say."""

    months: int = 1
    heading: str | None = None
    texts: Mapping[str, int] | None = None


def per_of(value: Any, key: str) -> Per:
    """Parse ``"12"``, or ``{Cycle: {Monthly: "1", Annual: "12"}}``."""
    if isinstance(value, str):
        return Per(number_of(value, key, _MOST_MONTHS))
    tables = mapping_of(value, key)
    if len(tables) != 1:
        raise ValueError(f'{key} names more than one column: write one, like {{Cycle: {{Annual: "12"}}}}')
    ((heading, table),) = tables.items()
    months = mapping_of(table, f"{key}.{heading}")
    texts = {
        text.strip(): number_of(number, f"{key}.{heading}.{text}", _MOST_MONTHS)
        for text, number in months.items()
    }
    return Per(heading=heading, texts=texts)


def dates_of(value: Any, key: str) -> tuple[DateFormat, ...]:
    """Parse one form of dates, or a list of them."""
    forms = []
    for text in texts_of(value, key) if isinstance(value, list) else (text_of(value, key),):
        try:
            forms.append(DateFormat(text))
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from error
    return tuple(forms)


def renamed_of(value: Any, key: str) -> dict[str, str]:
    """Parse ``{"Alder, Inc.": "Alder"}``."""
    return {text.strip(): text_of(other, f"{key}.{text}") for text, other in mapping_of(value, key).items()}


def count_of(column: Column, words: Mapping[str, Any], key: str) -> str:
    """Parse ``count``."""
    if column.name != "entitled_quantity":
        raise ValueError(f"{key}.count: only entitled_quantity counts rows: name the vendor's column")
    return one_of(
        words["count"], f"{key}.count", ("distinct",) if "heading" in words else ("rows", "distinct")
    )


def sign_of_words(words: Mapping[str, Any], key: str) -> Sign | None:
    """Parse ``negative_if`` and ``zero_if``, which go with ``as_written_if``."""
    given = {
        name: _texts_under(words[name], f"{key}.{name}")
        for name in ("negative_if", "zero_if", "as_written_if")
        if name in words
    }
    if not given:
        return None
    if len(given) == 1 or "as_written_if" not in given:
        changing = next((name for name in given if name != "as_written_if"), "negative_if")
        raise ValueError(
            f'{key} has only one of {changing} and as_written_if: write both; {{Art: ["*"]}} are all other'
            " texts of Art"
        )
    names = list(given)
    for first, second in zip(names, names[1:], strict=False):
        if given[first][0] != given[second][0]:
            raise ValueError(
                f"{key}: {first} looks at {given[first][0]!r} and {second} at {given[second][0]!r}: name the"
                " same column in both"
            )
    for position, first in enumerate(names):
        for second in names[position + 1 :]:
            if twice := [text for text in given[first][1] if text in given[second][1]]:
                raise ValueError(
                    f"{key}: {twice[0]!r} stands in {first} and in {second}: keep it in one of them"
                )
    texts = {name: texts for name, (_, texts) in given.items()}
    return Sign(
        given["as_written_if"][0],
        texts.get("negative_if", ()),
        texts["as_written_if"],
        texts.get("zero_if", ()),
    )


def _texts_under(value: Any, key: str) -> tuple[str, tuple[str, ...]]:
    tests = mapping_of(value, key)
    if len(tests) != 1:
        raise ValueError(f"{key} names more than one column: write one, like {{Art: [Gutschrift]}}")
    ((heading, texts),) = tests.items()
    return heading, texts_of(texts, f"{key}.{heading}")


def values_of(column: Column, value: Any, key: str) -> dict[str, str]:
    """Parse what the vendor's texts mean."""
    table = mapping_of(value, key)
    return {
        text.strip(): meant(column, text_of(means, f"{key}.{text}"), f"{key}.{text}")
        for text, means in table.items()
    }


def form_of_period(column: Column, value: Any, key: str) -> Pattern | str:
    """Parse the day of the folder's month, or the form of a text that names the month."""
    if column.kind is Kind.DATE:
        return one_of(value, key, DAYS_OF_PERIOD)
    pattern = Pattern(text_of(value, key))
    if column.kind is not Kind.TEXT or column.choices or sorted(pattern.tokens) != ["MM", "YYYY"]:
        raise ValueError(f"{key} is {value!r}: write a text with YYYY and MM, like BILL-YYYY-MM")
    return pattern


def form_of_file_name(column: Column, value: Any, key: str) -> Pattern:
    """Parse the form of a file's name."""
    pattern = Pattern(text_of(value, key))
    tokens = pattern.tokens
    if column.kind is Kind.DATE:
        months = [token for token in tokens if token in ("MM", "MMM")]
        if tokens.count("YYYY") != 1 or len(months) != 1 or tokens.count("DD") > 1 or "*" in tokens:
            raise ValueError(
                f"{key} is {value!r}: write YYYY, MM and perhaps DD, each once, and % for any other text"
            )
    elif tokens.count("*") != 1:
        raise ValueError(f"{key} is {value!r}: write * once, for the part that is meant")
    return pattern


def meant(column: Column, text: str, key: str) -> str:
    """Check a canonical value that the profile itself writes."""
    wrong = ""
    if column.choices and text not in column.choices:
        wrong = f"use one of {', '.join(column.choices)}"
    elif column.kind is Kind.BOOLEAN and text not in ("true", "false"):
        wrong = "use true or false"
    elif column.kind is Kind.CURRENCY and not re.fullmatch("[A-Z]{3}", text):
        wrong = "write it like USD"
    elif column.kind is Kind.DATE:
        wrong = (
            "it would be wrong next month: write {period: month_start}, {period: last_day} or"
            " {period: next_month_start}"
        )
    elif column.kind in NUMBERS and plain_decimal(text) is None:
        wrong = "write plain digits with a decimal point"
    if wrong:
        raise ValueError(f"{key} is {text!r}: {wrong}")
    return text

"""How a profile says where one canonical column comes from.

What belongs here: the words below ``columns``, parsed. What does not: those of the file (``profile``), the
parts of a word that are lists and tables (``parts``), making values (``making``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.datasets import Column, Kind
from connectors.mapped.parts import (
    NUMBERS,
    OF_MONTHS,
    TAKES,
    Per,
    Sign,
    count_of,
    dates_of,
    form_of_file_name,
    form_of_period,
    meant,
    per_of,
    renamed_of,
    sign_of_words,
    values_of,
)
from connectors.mapped.place import Pattern
from connectors.mapped.values import DateFormat
from connectors.mapped.words import mapping_of, number_of, one_of, text_of, texts_of

_MADE_IDS = ("line_id", "agreement_line_id", "invoice_line_id")
_ORIGINS = (
    "heading", "constant", "count", "made_of", "period", "file_name", "above", "joined", "product_of",
    "sum_of",
)  # fmt: skip
_TEXT_WORDS = ("values", "without_prefix", "renamed", "default", "empty")
_SIGNS = ("negative_if", "zero_if", "as_written_if")


@dataclass(frozen=True)
class Cell:
    """How one canonical column is made; exactly one of the attributes from ``heading`` to ``sum_of`` says
    from what, or ``counts`` or ``is_made`` does.

    Attributes:
        column: The canonical column.
        heading: The vendor's column.
        constant: One text for all rows.
        period: What of the folder's month: a day's word, or the form of a text.
        file_name: What of the file's name.
        above: The label in the lines above the headings.
        joined: Headings whose texts are joined by ``by``.
        product_of: Headings of numbers that are multiplied.
        sum_of: The heading of a number that the rows of an invoice add up.
        values: What the vendor's texts mean; others are refused, unless ``*`` is among them.
        without_prefix: Beginnings that are taken off.
        renamed: Texts that stand for another; all others stay as they are.
        default: What an empty cell stands for.
        empty: Texts that mean nothing, read as an empty cell.
        take: Which day a date stands for, one of ``TAKES``.
        dates: The forms of its dates, where they differ from the others'.
        range: Which of two dates in a text: ``start``, ``end``, or none where there is one.
        implied: How many of the last digits are decimals.
        divided_by: The heading of a number that its number is divided by, rounded half-up to 10 places.
        per: How many months its price is for.
        less_percent: The heading of a discount in percent that its money is before.
        sign: What another column says about the number's sign.
        sign_of: The heading of the money whose sign a quantity has.
        counts: Every row counts one: ``rows``, or ``distinct``, once for each text of ``heading``.
        is_made: An identifier made of the row's content.
        from_amount: A unit price made of the record's amount and quantity.
    """

    column: Column
    heading: str | None = None
    constant: str | None = None
    period: Pattern | str | None = None
    file_name: Pattern | None = None
    above: str | None = None
    joined: tuple[str, ...] = ()
    by: str = " | "
    product_of: tuple[str, ...] = ()
    sum_of: str | None = None
    values: Mapping[str, str] | None = None
    without_prefix: tuple[str, ...] = ()
    renamed: Mapping[str, str] | None = None
    default: Cell | None = None
    empty: tuple[str, ...] = ()
    take: str = "day"
    dates: tuple[DateFormat, ...] = ()
    range: str = ""
    implied: int = 0
    divided_by: str | None = None
    per: Per | None = None
    less_percent: str | None = None
    sign: Sign | None = None
    sign_of: str | None = None
    counts: str = ""
    is_made: bool = False
    from_amount: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """The vendor's columns it needs."""
        single = (
            self.heading,
            self.divided_by,
            self.sum_of,
            self.sign_of,
            self.less_percent,
            self.sign and self.sign.heading,
            self.per and self.per.heading,
        )
        inner = self.default.headings if self.default else ()
        return tuple(name for name in (*single, *self.joined, *self.product_of, *inner) if name)

    def chain(self) -> Iterator[Cell]:
        """Yield it, and what stands in for it where it is empty."""
        yield self
        if self.default:
            yield from self.default.chain()


def cell_of(column: Column, value: Any, key: str) -> Cell:
    """Parse what a profile says about one column; ``ValueError`` says what is wrong with it."""
    if isinstance(value, str):
        return Cell(column, heading=text_of(value, key))
    if isinstance(value, list):
        value = {"joined": value}
    fitting = _fitting(column)
    known = dict.fromkeys([*_ORIGINS, *(word for words in fitting.values() for word in words)])
    words = mapping_of(value, key, known)
    origins = [word for word in _ORIGINS if word in words]
    if "count" in words and "heading" in words:
        origins.remove("heading")
    if len(origins) > 1:
        raise ValueError(
            f"{key} has a {origins[0]} and something instead of one ({origins[1]}): keep one of them"
        )
    if not origins:
        raise ValueError(
            f"{key} needs a heading, or nothing but a constant: write the vendor's column or {{constant: …}}"
        )
    (origin,) = origins
    allowed = (origin, *fitting.get(origin, ()), *(("heading",) if origin == "count" else ()))
    if unfit := [word for word in words if word not in allowed]:
        raise ValueError(f"{key}.{unfit[0]} does not go with {origin}: use any of {', '.join(allowed)}")
    return _PARSERS[origin](column, words, key)


def _fitting(column: Column) -> dict[str, tuple[str, ...]]:
    """The words that a column of this kind may have in addition to what it comes from."""
    if column.kind is Kind.DATE:
        dates = ("take", "dates", "range")
        return {"heading": (*dates, "default", "empty"), "file_name": ("take",), "above": dates, "period": ()}
    if column.kind not in NUMBERS:
        joined = ("by", "values", "default")
        return {
            "heading": _TEXT_WORDS,
            "file_name": _TEXT_WORDS[:3],
            "above": _TEXT_WORDS[:3],
            "joined": joined,
        }
    more = {Kind.UNIT_PRICE: ("divided_by", "per", "less_percent"), Kind.QUANTITY: ("sign_of",)}
    own = (*_SIGNS, *more.get(column.kind, ("less_percent",)))
    numbers = ("values", "default", "empty", "implied_decimals", *own)
    return {"heading": numbers, "product_of": (*_SIGNS, "less_percent"), "above": (), "sum_of": ()}


def _from_heading(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    implied = words.get("implied_decimals")
    return Cell(
        column,
        heading=text_of(words["heading"], f"{key}.heading"),
        implied=0 if implied is None else number_of(implied, f"{key}.implied_decimals", 12),
        divided_by=_other(words, "divided_by", key),
        per=per_of(words["per"], f"{key}.per") if "per" in words else None,
        sign=sign_of_words(words, key),
        less_percent=_other(words, "less_percent", key),
        sign_of=_other(words, "sign_of", key),
        **_texts(column, words, key),
        **_dates(words, key),
    )


def _other(words: Mapping[str, Any], word: str, key: str) -> str | None:
    return text_of(words[word], f"{key}.{word}") if word in words else None


def _texts(column: Column, words: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Parse the words about a text, of whatever it comes from."""
    prefixes = words.get("without_prefix")
    return {
        "values": values_of(column, words["values"], f"{key}.values") if "values" in words else None,
        "without_prefix": texts_of(prefixes, f"{key}.without_prefix") if prefixes is not None else (),
        "renamed": renamed_of(words["renamed"], f"{key}.renamed") if "renamed" in words else None,
        "default": _default(column, words["default"], f"{key}.default") if "default" in words else None,
        "empty": texts_of(words["empty"], f"{key}.empty") if "empty" in words else (),
    }


def _dates(words: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {
        "take": one_of(words.get("take", "day"), f"{key}.take", TAKES[: -1 if "range" in words else None]),
        "dates": dates_of(words["dates"], f"{key}.dates") if "dates" in words else (),
        "range": one_of(words["range"], f"{key}.range", ("start", "end")) if "range" in words else "",
    }


def _default(column: Column, value: Any, key: str) -> Cell:
    if isinstance(value, str):
        return Cell(column, constant=meant(column, text_of(value, key), key))
    cell = cell_of(column, value, key)
    if cell.counts or cell.is_made or cell.from_amount or cell.sum_of:
        raise ValueError(f"{key} cannot be counted or made of other columns: write a text or a heading")
    return cell


def _from_constant(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    text = text_of(words["constant"], f"{key}.constant")
    return Cell(column, constant=meant(column, text, f"{key}.constant"))


def _from_count(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    counts = count_of(column, words, key)
    if "heading" in words:
        return Cell(column, heading=text_of(words["heading"], f"{key}.heading"), counts=counts)
    return Cell(column, constant="1", counts=counts)


def _made(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    if column.kind is Kind.UNIT_PRICE and words["made_of"] == "amount":
        return Cell(column, from_amount=True)
    one_of(words["made_of"], f"{key}.made_of", ("content", "amount"))
    if column.name not in _MADE_IDS or words["made_of"] != "content":
        raise ValueError(
            f"{key}.made_of: only {', '.join(_MADE_IDS)} can be made of the content, and unit prices of the"
            " amount: name the vendor's column"
        )
    return Cell(column, is_made=True)


def _from_period(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    return Cell(column, period=form_of_period(column, words["period"], f"{key}.period"))


def _from_file_name(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    pattern = form_of_file_name(column, words["file_name"], f"{key}.file_name")
    dates = _dates(words, key)
    if column.kind is Kind.DATE and "DD" not in pattern.tokens and dates["take"] not in OF_MONTHS:
        raise ValueError(f"{key}.file_name has no day: say `take: month_start` or `next_month_start`")
    return Cell(column, file_name=pattern, **_texts(column, words, key), **dates)


def _from_above(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    label = text_of(words["above"], f"{key}.above")
    return Cell(column, above=label, **_texts(column, words, key), **_dates(words, key))


def _joined(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    if column.kind is not Kind.TEXT or column.choices:
        raise ValueError(f"{key} cannot be joined of several columns: name one")
    by = words.get("by", " | ")
    if not isinstance(by, str):
        raise ValueError(f"{key}.by: write one text")
    headings = texts_of(words["joined"], f"{key}.joined")
    return Cell(column, joined=headings, by=by, **_texts(column, words, key))


def _product(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    headings = texts_of(words["product_of"], f"{key}.product_of")
    if column.kind not in NUMBERS or not 2 <= len(headings) <= 3:
        raise ValueError(f"{key}.product_of: write two or three columns of numbers, for an amount")
    less_percent = _other(words, "less_percent", key)
    return Cell(column, product_of=headings, less_percent=less_percent, sign=sign_of_words(words, key))


def _summed(column: Column, words: Mapping[str, Any], key: str) -> Cell:
    if column.name != "invoice_total":
        raise ValueError(f"{key}.sum_of: only invoice_total is a sum of rows: name the vendor's column")
    return Cell(column, sum_of=text_of(words["sum_of"], f"{key}.sum_of"))


_PARSERS = {
    "heading": _from_heading,
    "constant": _from_constant,
    "count": _from_count,
    "made_of": _made,
    "period": _from_period,
    "file_name": _from_file_name,
    "above": _from_above,
    "joined": _joined,
    "product_of": _product,
    "sum_of": _summed,
}

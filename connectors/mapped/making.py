"""The value of one canonical column, made of a vendor's row as a profile says.

What belongs here: one cell. What does not: what columns of a record say about each other (``finishing``), and
which rows are records (``rows``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction

from connectors.datasets import Kind
from connectors.exact_numbers import PRICE_PLACES, rounded_text
from connectors.mapped.cells import Cell
from connectors.mapped.parts import NUMBERS, Sign
from connectors.mapped.place import Pattern, Place, beside_label, day_of_period
from connectors.mapped.profile import Profile
from connectors.mapped.values import DateFormat, days_read, is_midnight, ranges_read, serial_day
from connectors.mapping import MappingError, plain, utc_day

_WIDE = Context(prec=400)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Making:
    """Makes the values of a file's rows.

    Attributes:
        profile: What they are made by.
        is_sheet: Whether cells may hold dates, which come as ISO texts.
        place: Where the file is.
        above: The lines above its headings, by their numbers.
        is_from_1904: Whether its cells count days from 1904, as old workbooks do.
    """

    profile: Profile
    is_sheet: bool
    place: Place
    above: Sequence[tuple[int, Sequence[str]]] = ()
    is_from_1904: bool = False

    def value(self, cell: Cell, found: Mapping[str, str]) -> str | None:
        """Return a cell's canonical text, None where it is empty; raises ``MappingError``."""
        if cell.constant is not None:
            return cell.constant
        if cell.period is not None:
            return self._of_period(cell.period)
        if cell.product_of:
            return self._product(cell, found)
        source, text = self._text(cell, found)
        if cell.counts:
            if not text:
                raise MappingError(
                    source, None, "is empty, so the row cannot be counted once; correct the file"
                )
            return "1"
        if text in cell.empty:
            text = ""
        for prefix in cell.without_prefix:
            if text.startswith(prefix):
                text = text.removeprefix(prefix).strip()
                break
        if cell.renamed is not None:
            text = cell.renamed.get(text, text)
        if cell.values is not None and (text or "" in cell.values):
            meant = cell.values.get(text, cell.values.get("*"))
            if meant is None:
                raise MappingError(
                    source, text, f"has no meaning for {cell.column.name}; add it to `values` in mbr.yml"
                )
            return meant
        if not text:
            return self.value(cell.default, found) if cell.default else None
        if cell.column.kind is Kind.DATE:
            return self._day(cell, source, text)
        return self._number(cell, source, text, found) if cell.column.kind in NUMBERS else text

    def _text(self, cell: Cell, found: Mapping[str, str]) -> tuple[str, str]:
        """Return where a cell's text stands, and the text."""
        if cell.above is not None:
            texts = beside_label(self.above, cell.above)
            if len(texts) != 1:
                what = f"says {texts[0]!r} and {texts[1]!r}" if texts else "stands in none of them, or alone"
                raise MappingError(cell.above, None, f"in the lines above the headings {what}")
            return cell.above, texts[0]
        if cell.file_name is not None:
            stem = self.place.stem(self.profile.dataset.name)
            is_date = cell.column.kind is Kind.DATE
            part = cell.file_name.day(stem) if is_date else cell.file_name.part(stem)
            if part is None:
                raise MappingError(
                    "the file's name", stem, f"is not of the form {cell.file_name.text}; rename the file"
                )
            return "the file's name", str(part)
        if cell.joined:
            texts = [found.get(name, "") for name in cell.joined]
            return cell.joined[0], cell.by.join(texts) if any(texts) else ""
        heading = cell.heading or ""
        return heading, found.get(heading, "")

    def _of_period(self, word: Pattern | str) -> str:
        assert self.place.period is not None  # whoever opens a file sees to it
        if isinstance(word, Pattern):
            return word.filled(self.place.period)
        return str(day_of_period(self.place.period, word))

    def _day(self, cell: Cell, heading: str, text: str) -> str:
        forms = cell.dates or self.profile.dates
        if self.is_from_1904 and serial_day(text):
            raise MappingError(
                heading,
                text,
                "is a day's number in a workbook that counts from 1904; format the column as dates",
            )
        if cell.file_name:
            days = {date.fromisoformat(text)}
        elif cell.range:
            days = {pair[cell.range == "end"] for pair in ranges_read(forms, text)}
        else:
            days = days_read(forms, text)
            if not days and self.is_sheet and (day := utc_day(text)):
                days = {day}  # cells that hold a date come as ISO texts, whatever form the sheet's texts have
        if len(days) != 1:
            raise MappingError(heading, text, _no_day(cell, forms, text, days))
        try:
            return str(_taken(days.pop(), cell.take, text))
        except (OverflowError, ValueError) as error:
            raise MappingError(heading, text, "is beyond the calendar; correct the date") from error

    def _product(self, cell: Cell, found: Mapping[str, str]) -> str | None:
        texts = [(heading, found.get(heading, "")) for heading in cell.product_of]
        if not all(text for _, text in texts):
            return None
        number = Decimal(1)
        for heading, text in texts:
            number = _WIDE.multiply(number, self.number(heading, text))
        number = self._discounted(cell, number, found)
        return _written(self._signed(cell, texts[0][0], number, found))

    def _number(self, cell: Cell, heading: str, text: str, found: Mapping[str, str]) -> str:
        number = self.number(heading, text, cell.implied)
        if cell.divided_by:
            by = self.number(cell.divided_by, found.get(cell.divided_by, ""))
            if not by:
                raise MappingError(
                    cell.divided_by,
                    found.get(cell.divided_by, ""),
                    "is zero, and no price can be worked out by it; correct the file or pass over such rows",
                )
            number = Decimal(rounded_text(Fraction(number) / Fraction(by), PRICE_PLACES))
        if cell.per and (months := self._months(cell, found)) != 1:
            number = Decimal(rounded_text(Fraction(number) / months, PRICE_PLACES))
        number = self._discounted(cell, number, found)
        return _written(self._signed(cell, heading, number, found))

    def _discounted(self, cell: Cell, number: Decimal, found: Mapping[str, str]) -> Decimal:
        """Take a discount off, exactly; an empty cell is none."""
        text = found.get(cell.less_percent, "") if cell.less_percent else ""
        if not cell.less_percent or not text:
            return number
        percent = self.number(cell.less_percent, text.removesuffix("%").strip())
        if not 0 <= percent <= _HUNDRED:
            raise MappingError(
                cell.less_percent, text, "is no discount from 0 to 100 percent; correct the file"
            )
        return _WIDE.multiply(number, _WIDE.divide(_HUNDRED - percent, _HUNDRED))

    def _months(self, cell: Cell, found: Mapping[str, str]) -> int:
        assert cell.per is not None
        if cell.per.texts is None or cell.per.heading is None:
            return cell.per.months
        text = found.get(cell.per.heading, "")
        if text not in cell.per.texts:
            raise MappingError(
                cell.per.heading, text, f"is no number of months for {cell.column.name}; add it to `per`"
            )
        return cell.per.texts[text]

    def number(self, heading: str, text: str, implied: int = 0) -> Decimal:
        """Return a text as a number in the profile's style."""
        number = self.profile.numbers.read(text, implied)
        if number is None:
            style = f"with `decimals: {self.profile.numbers.point}`" if not implied else "of digits only"
            raise MappingError(
                heading, text, f"is no number {style}; correct the file or the style in mbr.yml"
            )
        return number

    def _signed(self, cell: Cell, heading: str, number: Decimal, found: Mapping[str, str]) -> Decimal:
        if not cell.sign:
            return number
        text = found.get(cell.sign.heading, "")
        if is_among(text, cell.sign.zero):
            return Decimal(0)
        if is_among(text, cell.sign.negative):
            if number < 0:
                raise MappingError(
                    heading,
                    found.get(heading),
                    f"is below zero already, and {cell.sign.heading} says so again; correct `negative_if`",
                )
            return number.copy_negate()
        if not is_among(text, cell.sign.as_written):
            # an unknown word for a credit would count as a charge
            raise MappingError(cell.sign.heading, text, _unknown_sign(cell.sign, cell.column.name))
        return number


def _unknown_sign(sign: Sign, name: str) -> str:
    changing = " nor ".join(
        f"`{word}`" for word, texts in (("negative_if", sign.negative), ("zero_if", sign.zero)) if texts
    )
    return f"is in neither {changing} nor `as_written_if` of {name}; add it to one in mbr.yml"


def _no_day(cell: Cell, forms: Sequence[DateFormat], text: str, days: set[date]) -> str:
    named = " or ".join(form.text for form in forms)
    if len(days) > 1:
        one, other = sorted(days)[:2]
        return f"is {one} or {other}, by the forms {named}; keep the vendor's form in `dates` in mbr.yml"
    if cell.range:
        return f"does not hold two dates of the form {named}, the first not after the second; correct `dates`"
    if day := serial_day(text):
        return (
            f"is {day} in a cell that is not formatted as a date; format the column as dates, or add `serial`"
            " to `dates` in mbr.yml"
        )
    return f"is no date of the form {named}; correct the file or `dates` in mbr.yml"


def _written(number: Decimal) -> str:
    return plain(number) if number else "0"


def is_among(value: str, texts: tuple[str, ...]) -> bool:
    """Whether a value is one of the texts, or begins with one that ends in ``*``."""
    return any(value.startswith(text[:-1]) if text.endswith("*") else value == text.strip() for text in texts)


def _taken(day: date, take: str, text: str) -> date:
    if take == "day" or (take == "next_midnight" and is_midnight(text)):
        return day
    if take in ("day_after", "next_midnight"):
        return day + timedelta(days=1)
    first = day.replace(day=1)
    return first if take == "month_start" else (first + timedelta(days=31)).replace(day=1)

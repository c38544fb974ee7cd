"""Canonical rows made of a vendor's rows, one after the other, as a profile says.

What belongs here: what becomes of one row, and what it inherits from those above it. What does not: opening
files (``reader``). A row goes through in this order: values are filled down, ``where`` decides whether it
is read, its columns are made. Texts are taken without the blanks around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from connectors.datasets import Kind
from connectors.files.ordinals import Ordinals
from connectors.mapped.cells import NUMBERS, Cell, Sign
from connectors.mapped.profile import Profile
from connectors.mapping import MappingError, Native, Row, plain, utc_day


@dataclass
class Rows:
    """Makes canonical rows of a file's rows.

    Attributes:
        profile: What they are made by.
        is_sheet: Whether cells may hold dates, which come as ISO texts.
        ordinals: Counts equal rows of the file.
        is_repeat: Whether the row made last repeats what is counted once, so that it is not to be used.
        repeated: How many did.
    """

    profile: Profile
    is_sheet: bool
    ordinals: Ordinals | None = None
    is_repeat: bool = False
    repeated: int = 0

    def __post_init__(self) -> None:
        self._above: dict[str, str] = {}

    def forget(self) -> None:
        """Forget the values above: a row was lost that may have begun a group."""
        self._above.clear()

    def made(self, native: Native) -> list[Row]:
        """Return the canonical row of a vendor's row, or none if it is not to be read."""
        self.is_repeat = False
        found = {name: text.strip() for name, text in native.fields.items()}
        self._fill_down(found)
        if not self._is_wanted(found):
            return []
        row = {cell.column.name: self._value(cell, found) for cell in self.profile.cells if not cell.is_made}
        for cell in self.profile.cells:
            if cell.is_made:
                digest, ordinal = self._next(list(row.items()))
                row[cell.column.name] = f"{digest[:32]}-{ordinal}"
            elif cell.counts == "distinct":
                keys = [(name, row.get(name)) for name in ("vendor_customer_id", "sku_id", "as_of_date")]
                self.is_repeat = self._next([*keys, ("counted", found.get(cell.heading or ""))])[1] > 0
                self.repeated += self.is_repeat
        return [row]

    def _next(self, content: list[tuple[str, str | None]]) -> tuple[str, int]:
        assert self.ordinals is not None
        return self.ordinals.next([text for name, value in content for text in (name, value)])

    def _fill_down(self, found: dict[str, str]) -> None:
        """Fill empty cells with the values above; a new value ends the values of the headings
        listed after its own.
        """
        for position, heading in enumerate(self.profile.fill_down):
            value = found.get(heading, "")
            if not value:
                found[heading] = self._above.get(heading, "")
            elif not _is_among(value, (self.profile.skip or {}).get(heading, ())):
                for inner in self.profile.fill_down[position:]:
                    self._above.pop(inner, None)
                self._above[heading] = value

    def _is_wanted(self, found: Mapping[str, str]) -> bool:
        only, skip = self.profile.only or {}, self.profile.skip or {}
        return all(_is_among(found.get(heading, ""), texts) for heading, texts in only.items()) and not any(
            _is_among(found.get(heading, ""), texts) for heading, texts in skip.items()
        )

    def _value(self, cell: Cell, found: Mapping[str, str]) -> str | None:
        if cell.constant is not None:
            return cell.constant
        heading = cell.heading or ""
        text = found.get(heading, "")
        if cell.counts:
            if not text:
                raise MappingError(
                    heading, None, "is empty, so the row cannot be counted once; correct the file"
                )
            return "1"
        if cell.values is not None and (text or "" in cell.values):
            if text not in cell.values:
                raise MappingError(
                    heading, text, f"has no meaning for {cell.column.name}; add it to `values` in mbr.yml"
                )
            return cell.values[text]
        if not text:
            return None
        if cell.column.kind is Kind.DATE:
            return self._day(cell, heading, text)
        return self._number(cell, heading, text, found) if cell.column.kind in NUMBERS else text

    def _day(self, cell: Cell, heading: str, text: str) -> str:
        form = cell.dates or self.profile.dates
        # cells that hold a date come from a sheet as ISO texts, whatever form its texts have
        day = form.read(text) or (utc_day(text) if self.is_sheet else None)
        if day is None:
            raise MappingError(
                heading, text, f"is no date of the form {form.text}; correct the file or `dates` in mbr.yml"
            )
        try:
            return str(_taken(day, cell.take))
        except (OverflowError, ValueError) as error:
            raise MappingError(heading, text, "is beyond the calendar; correct the date") from error

    def _number(self, cell: Cell, heading: str, text: str, found: Mapping[str, str]) -> str:
        number = self._read(heading, text, cell.implied)
        if cell.divided_by:
            number = self._quotient(number, cell.divided_by, found.get(cell.divided_by, ""))
        if cell.sign and self._is_negative(cell.sign, cell.column.name, found):
            if number < 0:
                raise MappingError(
                    heading,
                    text,
                    f"is below zero already, and {cell.sign.heading} says so again; correct `negative_if`",
                )
            number = number.copy_negate()
        return plain(number) if number else "0"

    def _is_negative(self, sign: Sign, name: str, found: Mapping[str, str]) -> bool:
        text = found.get(sign.heading, "")
        if _is_among(text, sign.negative):
            return True
        if not _is_among(text, sign.as_written):
            # an unknown word for a credit would count as a charge
            raise MappingError(
                sign.heading,
                text,
                f"is in neither `negative_if` nor `as_written_if` of {name}; add it to one in mbr.yml",
            )
        return False

    def _read(self, heading: str, text: str, implied: int = 0) -> Decimal:
        number = self.profile.numbers.read(text, implied)
        if number is None:
            style = f"with `decimals: {self.profile.numbers.point}`" if not implied else "of digits only"
            raise MappingError(
                heading, text, f"is no number {style}; correct the file or the style in mbr.yml"
            )
        return number

    def _quotient(self, number: Decimal, heading: str, text: str) -> Decimal:
        by = self._read(heading, text)
        if not by:
            raise MappingError(
                heading,
                text,
                "is zero, and a price cannot be worked out by it; correct the file or pass over such rows",
            )
        places = int(abs(Fraction(number) / Fraction(by)) * 10**10 + Fraction(1, 2))
        return Decimal(f"{'-' if (number < 0) != (by < 0) else ''}{places}e-10")


def _is_among(value: str, texts: tuple[str, ...]) -> bool:
    """Whether a value is one of the texts, or begins with one that ends in ``*``."""
    return any(value.startswith(text[:-1]) if text.endswith("*") else value == text.strip() for text in texts)


def _taken(day: date, take: str) -> date:
    if take == "day":
        return day
    if take == "day_after":
        return day + timedelta(days=1)
    first = day.replace(day=1)
    return first if take == "month_start" else (first + timedelta(days=31)).replace(day=1)

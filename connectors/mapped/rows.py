"""Canonical records made of a vendor's rows, one after the other, as a profile says.

What belongs here: which rows are records, what a row inherits from those above it, and identifiers. What does
not: opening files (``reader``), the shapes of rows (``shape``), the value of a cell (``making``). A row goes
through in this order: empty rows and totals are passed over, section headings are kept, values are filled
down, ``where`` decides whether it is read, it becomes one record or several, and their columns are made.
Texts are taken without the blanks around them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.datasets import DATASETS, Column
from connectors.files.ordinals import Ordinals
from connectors.guids import lower_guid
from connectors.mapped.finishing import finished
from connectors.mapped.making import Making, is_among
from connectors.mapped.values import bare
from connectors.mapping import MappingError, Native, Row

_COUNTED = tuple(
    column
    for column in DATASETS["license_counts"].columns
    if column.name in ("vendor_customer_id", "sku_id", "as_of_date")
)


@dataclass
class Rows:
    """Makes canonical records of a file's rows.

    Attributes:
        making: Makes their columns.
        headings: The file's.
        ordinals: Counts equal rows of the file.
        is_told: Whether the last row, if it has no record, has none for a reason that is told already.
        repeated: How many records repeat what is counted once.
    """

    making: Making
    headings: tuple[str, ...] = ()
    ordinals: Ordinals | None = None
    is_told: bool = False
    repeated: int = 0

    def __post_init__(self) -> None:
        self.profile = self.making.profile
        self._above: dict[str, str] = {}
        self._section = ""

    def forget(self) -> None:
        """Forget the values above: a row was lost that may have begun a group."""
        self._above.clear()
        self._section = ""

    def made(self, native: Native) -> list[Row]:
        """Return the canonical records of a vendor's row, none if it is not to be read."""
        self.is_told = False
        found = {name: bare(text) for name, text in native.fields.items()}
        if self._is_between(found, native):
            return []
        self._fill_down(found)
        if not self._is_wanted(found):
            return []
        parts = list(self.profile.shape.records(found, self.headings))
        if not parts:
            self.is_told = True
            native.remark(
                "have no value to split" if self.profile.shape.split else "have no value in any column"
            )
        return [row for part in parts for row in self._record(part, native)]

    def _is_between(self, found: dict[str, str], native: Native) -> bool:
        """Whether a row is empty, a total, or the heading of a section, which is kept for the rows below."""
        shape = self.profile.shape
        if not any(found.values()):
            self.is_told = True
            native.remark("are empty and were passed over")
            return True
        if shape.totals and shape.is_total(found):
            self.is_told, self._section = True, ""
            native.remark("are totals and were passed over")
            return True
        if shape.section is None:
            return False
        filled = [name for name, text in found.items() if text]
        if filled == list(self.headings[:1]):
            self.is_told, self._section = True, found[filled[0]]
            native.remark("are headings of sections")
            return True
        found[shape.section] = self._section
        return False

    def _record(self, found: Mapping[str, str], native: Native) -> Iterator[Row]:
        cells = self.profile.cells
        row = {
            cell.column.name: self.making.value(cell, found)
            for cell in cells
            if not (cell.is_made or cell.from_amount or cell.sum_of)
        }
        finished(row, self.making, found, native)
        for cell in cells:
            if cell.sum_of:
                text = found.get(cell.sum_of, "")
                if not text:
                    raise MappingError(
                        cell.sum_of, None, "is empty, so the bill has no sum; correct the file"
                    )
                row[cell.column.name] = f"{self.making.number(cell.sum_of, text):f}"
            elif cell.is_made:
                # in the order of the columns, so that it does not matter when one was made
                digest, ordinal = self._next([_same(each.column, row) for each in cells if not each.is_made])
                row[cell.column.name] = f"{digest[:32]}-{ordinal}"
            elif cell.counts == "distinct":
                keys = [_same(column, row) for column in _COUNTED]
                if self._next([*keys, ("counted", found.get(cell.heading or ""))])[1] > 0:
                    self.repeated += 1
                    self.is_told = True
                    return
        yield row

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
            elif not is_among(value, (self.profile.skip or {}).get(heading, ())):
                for inner in self.profile.fill_down[position:]:
                    self._above.pop(inner, None)
                self._above[heading] = value

    def _is_wanted(self, found: Mapping[str, str]) -> bool:
        only, skip = self.profile.only or {}, self.profile.skip or {}
        return all(is_among(found.get(heading, ""), texts) for heading, texts in only.items()) and not any(
            is_among(found.get(heading, ""), texts) for heading, texts in skip.items()
        )


def _same(column: Column, row: Mapping[str, str | None]) -> tuple[str, str | None]:
    """A column's name and value, as two records are compared: ids are equal in either case."""
    value = row.get(column.name)
    return column.name, lower_guid(value) if column.is_id else value

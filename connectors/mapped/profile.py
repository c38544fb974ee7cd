"""The words of a profile: what ``mbr.yml`` says about a vendor's file so that it reads
as a canonical dataset.

What belongs here: the settings of a dataset, checked and parsed once. What does not: its columns
(``cells``), how its rows become records (``shape``), reading files by them (``reader``), styles of
dates and numbers (``values``).
The set of words is closed: there are no expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.datasets import DATASETS, Dataset, Kind
from connectors.files.delimited import ENCODINGS
from connectors.mapped.cells import Cell, cell_of
from connectors.mapped.parts import OF_MONTHS, dates_of
from connectors.mapped.shape import Shape, shape_of
from connectors.mapped.values import DateFormat, NumberStyle
from connectors.mapped.words import mapping_of, number_of, one_of, refuse_todo, text_of, texts_of

WORDS = (
    "encoding",
    "delimiter",
    "sheet",
    "header_row",
    "dates",
    "decimals",
    "thousands",
    "negatives",
    "currency_signs",
    "fill_down",
    "sections",
    "totals",
    "split",
    "unpivot",
    "where",
    "columns",
)
"""What a profile can say of a file."""

_MOST_HEADER_ROW = 1000


@dataclass(frozen=True)
class Profile:
    """How a vendor's file reads as one canonical dataset."""

    dataset: Dataset
    cells: tuple[Cell, ...]
    dates: tuple[DateFormat, ...]
    numbers: NumberStyle
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str | None = None
    header_row: int = 1
    fill_down: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] | None = None
    skip: Mapping[str, tuple[str, ...]] | None = None
    shape: Shape = Shape()

    @property
    def headings(self) -> dict[str, str]:
        """Every vendor's column that it names, and its purpose; not those that it makes."""
        named = {heading: cell.column.name for cell in self.cells for heading in cell.headings}
        tests = dict.fromkeys([*(self.only or {}), *(self.skip or {})], "where")
        all_named = dict.fromkeys(self.fill_down, "fill_down") | tests | named | self.shape.headings
        return {name: use for name, use in all_named.items() if name not in self.shape.makes}

    @property
    def ids_from_content(self) -> bool:
        """Whether records have an identifier that is made of their content."""
        return any(cell.is_made for cell in self.cells)

    @property
    def beside(self) -> frozenset[str]:
        """What besides its bytes decides what a file says: its ``period``, its ``file_name``."""
        cells = [each for cell in self.cells for each in cell.chain()]
        told = {"period": any(cell.period for cell in cells), "file_name": any(c.file_name for c in cells)}
        return frozenset(name for name, is_told in told.items() if is_told)


def profiles_of(settings: Mapping[str, Any]) -> dict[str, Profile]:
    """Parse the settings of a mapped source: one profile per dataset.

    Raises:
        ValueError: Anything in them is unknown, missing or wrong; one line says which key, and what to write.
    """
    mapping_of(settings, "settings", tuple(DATASETS))
    refuse_todo(settings, "")
    return {name: profile_of(DATASETS[name], words) for name, words in settings.items()}


def profile_of(dataset: Dataset, settings: Any, *, is_complete: bool = True) -> Profile:
    """Parse one dataset's settings; without ``is_complete``, required columns may be missing.

    Raises:
        ValueError: As ``profiles_of``.
    """
    key = dataset.name
    words = mapping_of(settings, key, WORDS)
    columns = mapping_of(words.get("columns"), f"{key}.columns", dataset.column_names)
    for name in dataset.required_columns if is_complete else ():
        if name not in columns:
            raise ValueError(f"{key}.columns.{name} is missing: name the vendor's column, or {{constant: …}}")
    only, skip = _where(words.get("where"), f"{key}.where")
    given = (column for column in dataset.columns if column.name in columns)
    cells = tuple(cell_of(column, columns[column.name], f"{key}.columns.{column.name}") for column in given)
    dates = dates_of(words.get("dates", "YYYY-MM-DD"), f"{key}.dates")
    _refuse_lost_days(cells, dates, key)
    header_row = number_of(words.get("header_row", "1"), f"{key}.header_row", _MOST_HEADER_ROW)
    _refuse_nothing_above(cells, header_row, key)
    shape = shape_of(words, key)
    _refuse_repeated(cells, shape, key)
    return Profile(
        dataset,
        cells,
        dates,
        _numbers(words, key),
        one_of(words.get("encoding", "utf-8"), f"{key}.encoding", ENCODINGS),
        _delimiter(words.get("delimiter", ","), f"{key}.delimiter"),
        text_of(words["sheet"], f"{key}.sheet") if "sheet" in words else None,
        header_row,
        texts_of(words["fill_down"], f"{key}.fill_down") if "fill_down" in words else (),
        only,
        skip,
        shape,
    )


def _delimiter(value: Any, key: str) -> str:
    return {"tab": "\t"}.get(found := one_of(value, key, (",", ";", "|", ":", "tab", "\t")), found)


def _refuse_lost_days(cells: tuple[Cell, ...], dates: tuple[DateFormat, ...], key: str) -> None:
    for cell in (each for first in cells for each in first.chain()):
        if cell.column.kind is not Kind.DATE or not (cell.heading or cell.above):
            continue
        lost = [form.text for form in cell.dates or dates if not form.has_day]
        if lost and cell.take not in OF_MONTHS:
            raise ValueError(
                f"{key}.columns.{cell.column.name}: {lost[0]} has no day: say `take: month_start` or"
                " `next_month_start`"
            )


def _refuse_nothing_above(cells: tuple[Cell, ...], header_row: int, key: str) -> None:
    for cell in (each for first in cells for each in first.chain()):
        if cell.above and header_row == 1:
            raise ValueError(
                f"{key}.columns.{cell.column.name}.above looks at the lines above the headings: say in"
                f" {key}.header_row where those are"
            )


def _refuse_repeated(cells: tuple[Cell, ...], shape: Shape, key: str) -> None:
    """Refuse money that several records of one row would each have."""
    money = [cell for cell in cells if cell.column.name in ("amount", "invoice_total")]
    if shape.split and money:
        raise ValueError(
            f"{key}.split: each of the values would have the whole amount: it is for files without one"
        )
    if shape.unpivot is None:
        return
    for cell in cells:
        for heading in cell.headings:
            if heading not in (*shape.unpivot.keep, *shape.makes):
                raise ValueError(
                    f"{key}.columns.{cell.column.name} names {heading!r}, which unpivot takes for a SKU:"
                    f" add it to {key}.unpivot.keep"
                )
    if money and any(cell.heading in shape.unpivot.keep for cell in money):
        raise ValueError(f"{key}.unpivot: each of the records would have the whole amount of their row")


def _numbers(words: Mapping[str, Any], key: str) -> NumberStyle:
    point = one_of(words.get("decimals", "."), f"{key}.decimals", (".", ","))
    group = one_of(words.get("thousands", "none"), f"{key}.thousands", ("none", ",", ".", "'", "space"))
    if group == point:
        raise ValueError(f"{key}.thousands is {group!r}, and so is decimals: only one of them can be")
    negatives = one_of(
        words.get("negatives", "leading"),
        f"{key}.negatives",
        ("leading", "trailing", "parentheses", "credit"),
    )
    signs = texts_of(words["currency_signs"], f"{key}.currency_signs") if "currency_signs" in words else ()
    if any(not sign.strip() or re.search("[-0-9().,]", sign) for sign in signs):
        raise ValueError(
            f"{key}.currency_signs may have no digits and no marks of numbers: write them like [€, EUR]"
        )
    return NumberStyle(
        point, "" if group == "none" else group, negatives, tuple(sign.strip() for sign in signs)
    )


def _where(value: Any, key: str) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    tests = mapping_of(value, key, ("only", "skip")) if value is not None else {}
    only, skip = (
        mapping_of(tests[name], f"{key}.{name}") if name in tests else {} for name in ("only", "skip")
    )
    return (
        {heading: texts_of(texts, f"{key}.only.{heading}") for heading, texts in only.items()},
        {heading: texts_of(texts, f"{key}.skip.{heading}") for heading, texts in skip.items()},
    )

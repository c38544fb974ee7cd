"""The words of a profile: what ``mbr.yml`` says about a vendor's file so that it reads
as a canonical dataset.

What belongs here: the settings of a dataset, checked and parsed once. What does not: its columns
(``cells``), reading files by them (``reader``), styles of dates and numbers (``values``).
The set of words is closed: there are no expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.datasets import DATASETS, Dataset, Kind
from connectors.files.delimited import ENCODINGS
from connectors.mapped.cells import Cell, cell_of, dates_of
from connectors.mapped.values import DateFormat, NumberStyle
from connectors.mapped.words import mapping_of, number_of, one_of, refuse_todo, text_of, texts_of

_WORDS = (
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
    "where",
    "columns",
)
_MOST_HEADER_ROW = 1000


@dataclass(frozen=True)
class Profile:
    """How a vendor's file reads as one canonical dataset."""

    dataset: Dataset
    cells: tuple[Cell, ...]
    dates: DateFormat
    numbers: NumberStyle
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str | None = None
    header_row: int = 1
    fill_down: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] | None = None
    skip: Mapping[str, tuple[str, ...]] | None = None

    @property
    def headings(self) -> dict[str, str]:
        """Every vendor's column that it names, and its purpose."""
        named = {heading: cell.column.name for cell in self.cells for heading in cell.headings}
        tests = dict.fromkeys([*(self.only or {}), *(self.skip or {})], "where")
        return dict.fromkeys(self.fill_down, "fill_down") | tests | named


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
    words = mapping_of(settings, key, _WORDS)
    columns = mapping_of(words.get("columns"), f"{key}.columns", dataset.column_names)
    for name in dataset.required_columns if is_complete else ():
        if name not in columns:
            raise ValueError(f"{key}.columns.{name} is missing: name the vendor's column, or {{constant: …}}")
    only, skip = _where(words.get("where"), f"{key}.where")
    given = (column for column in dataset.columns if column.name in columns)
    cells = tuple(cell_of(column, columns[column.name], f"{key}.columns.{column.name}") for column in given)
    dates = dates_of(words.get("dates", "YYYY-MM-DD"), f"{key}.dates")
    _refuse_lost_days(cells, dates, key)
    return Profile(
        dataset,
        cells,
        dates,
        _numbers(words, key),
        one_of(words.get("encoding", "utf-8"), f"{key}.encoding", ENCODINGS),
        _delimiter(words.get("delimiter", ","), f"{key}.delimiter"),
        text_of(words["sheet"], f"{key}.sheet") if "sheet" in words else None,
        number_of(words.get("header_row", "1"), f"{key}.header_row", _MOST_HEADER_ROW),
        texts_of(words["fill_down"], f"{key}.fill_down") if "fill_down" in words else (),
        only,
        skip,
    )


def _delimiter(value: Any, key: str) -> str:
    return {"tab": "\t"}.get(found := one_of(value, key, (",", ";", "|", ":", "tab", "\t")), found)


def _refuse_lost_days(cells: tuple[Cell, ...], dates: DateFormat, key: str) -> None:
    for cell in cells:
        form = cell.dates or dates
        if (
            cell.column.kind is Kind.DATE
            and cell.heading
            and not form.has_day
            and cell.take in ("day", "day_after")
        ):
            raise ValueError(
                f"{key}.columns.{cell.column.name}: {form.text} has no day: say `take: month_start` or"
                " `next_month_start`"
            )


def _numbers(words: Mapping[str, Any], key: str) -> NumberStyle:
    point = one_of(words.get("decimals", "."), f"{key}.decimals", (".", ","))
    group = one_of(words.get("thousands", "none"), f"{key}.thousands", ("none", ",", ".", "'", "space"))
    if group == point:
        raise ValueError(f"{key}.thousands is {group!r}, and so is decimals: only one of them can be")
    negatives = one_of(
        words.get("negatives", "leading"), f"{key}.negatives", ("leading", "trailing", "parentheses")
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

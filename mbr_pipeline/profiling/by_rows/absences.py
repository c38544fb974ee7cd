"""Cells that say in words that nothing is there: n/a, a dash, open-ended, the last day of the calendar.

What belongs here: which texts of optional columns are such words, and that they are read as empty. What does
not: cells that say something else (``doubts.cells.other_cells``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.datasets import Column, Dataset, Kind
from connectors.mapped.parts import NUMBERS
from connectors.mapped.values import DateFormat
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.decided.held import Held
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, number_styles, told_apart
from mbr_pipeline.profiling.words import money_names
from mbr_pipeline.profiling.words.meanings import NO_END, NOTHING
from mbr_pipeline.profiling.words.roles import is_end, is_in_use
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_DASHES = re.compile("[-\u2013\u2014\u2212./ ]+")
_ZEROS = re.compile("[-0./: T]+")
_NO_YEARS = (1900, 9000)
"""Systems without an empty date write one of long ago, or of the end of time."""


def may_be_empty(column: Column) -> bool:
    """Whether a column is one of days or numbers that a record need not have."""
    return not column.required and (column.kind is Kind.DATE or column.kind in NUMBERS)


def is_called(heading: str, column: Column, dataset: Dataset) -> bool:
    """Whether a heading is a name of an optional column of days or numbers."""
    if column.name == "assigned_quantity":
        return bool(score(heading, money_names.ASSIGNED)[0]) or is_in_use(folded(heading))
    if column.name == "default_unit_price":
        return bool(score(heading, f"{money_names.CLIENT_PRICES}|{money_names.PRICES}")[0])
    return bool(score(heading, HEADINGS[dataset.name][column.name])[0])


def may_end(sample: Sample, heading: str, column: Column) -> bool:
    """Whether a column that is called an end of any kind, and has a day, may be that of an agreement."""
    is_called_so = column.name == "effective_end" and is_end(folded(heading))
    return is_called_so and any(map(date_forms, ([text] for text in sample.values(heading))))


def without_absences(sample: Sample, dataset: Dataset) -> Sample:
    """Return the sample with empty cells where an optional column says in words that nothing is there, if all
    of its other cells are of its kind.
    """
    absent = {}
    for column in filter(may_be_empty, dataset.columns):
        for heading in filter(None, sample.headings):
            if heading in absent or not sample.values(heading):
                continue
            if not is_called(heading, column, dataset) and not may_end(sample, heading, column):
                continue
            texts = list(dict.fromkeys(sample.values(heading)))
            said = [text for text in texts if is_absence(text, column, dataset)]
            others = [text for text in texts if text not in said]
            if said and (not others or are_of(column.kind, others)):
                absent[heading] = said
    return _without(sample, absent)


def without_answered(sample: Sample, held: Held) -> Sample:
    """Return the sample with empty cells where a column is answered to read their texts as empty."""
    found = [words for words in held.columns.values() if isinstance(words, dict) and "empty" in words]
    said = [(heading_of(words), words["empty"]) for words in found]  # as a person wrote them
    return _without(sample, {h: [texts] if isinstance(texts, str) else texts for h, texts in said if h})


def _without(sample: Sample, absent: Mapping[str, list[str]]) -> Sample:
    if not absent:
        return sample
    rows = [{h: text for h, text in row.items() if text not in absent.get(h, ())} for row in sample.rows]
    return replace(sample, rows=rows, absent={**sample.absent, **absent})


def are_of(kind: Kind, texts: list[str]) -> bool:
    """Whether all texts are days, or numbers."""
    if kind is Kind.DATE:
        return bool(date_forms(told_apart(texts)[0]))
    return bool(number_styles(texts).styles)


def is_absence(text: str, column: Column, dataset: Dataset) -> bool:
    """Whether a text says that nothing is there; of an end also that there is none."""
    words = folded(text)
    if _DASHES.fullmatch(text) or words in NOTHING.split("|"):
        return True
    if column.kind is not Kind.DATE:
        return False
    ends = dataset.interval is not None and column.name == dataset.interval[1]
    if _ZEROS.fullmatch(text) or (ends and words in NO_END.split("|")):
        return True
    days = [DateFormat(form).read(text) for form in date_forms([text]) if ends and form != "serial"]
    return bool(days) and all(day and not _NO_YEARS[0] < day.year < _NO_YEARS[1] for day in days)


def read_as_empty(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Propose that the optional columns of such cells read them as empty, also as an option."""
    for column in dataset.columns:
        key = ("columns", column.name)
        if column.required or column.kind is Kind.TEXT:
            continue
        if options := proposal.options.get(key):
            proposal.options[key] = tuple(_with_empty(words, sample) for words in options)
        words = proposal.columns.get(column.name)
        if words != TODO and (heading := heading_of(words)) in sample.absent:
            told = ", ".join(f"“{text}”" for text in sample.absent[heading or ""])
            proposal.columns[column.name] = _with_empty(words, sample)
            proposal.column_why[column.name] += f"; {told} says that nothing is there"


def _with_empty(words: Any, sample: Sample) -> Any:
    heading = heading_of(words)
    if heading not in sample.absent or heading is None:
        return words
    return {**(words if isinstance(words, dict) else {"heading": heading}), "empty": sample.absent[heading]}

"""Rows that add up others, taken out of a sample's rows: called a total in their first cell, or among the
lines and proved by what they add up.

What belongs here: totals and headings of sections. What does not: reading the file (``sample``).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.styles import number_styles
from mbr_pipeline.profiling.words.meanings import TOTALS

if TYPE_CHECKING:
    from mbr_pipeline.profiling.sample import Sample

_TOTALS_BEGIN = (
    "total ", "summe ", "gesamt", "subtotal ", "sub total ", "zwischensumme ", "sous total ", "subtotaal ",
    "subtotale ", "totale ", "totaal ",
)  # fmt: skip
_TOTAL_WORDS = word_set(
    "total totals subtotal sum summe gesamt zwischensumme gesamtsumme sous-total suma totaal subtotaal totale"
    " subtotale"
)
_MOST_WORDS = 3
_TIME = re.compile(r"\b[0-9]{1,2}:[0-9]{2}\b")
_FEWEST = 2


def _set_sections_apart(sample: Sample) -> None:
    first = next(iter(sample.headings), "")
    alone = [row for row in sample.rows if [text for text in row.values() if text] == [row.get(first)]]
    if len(sample.headings) > 2 and alone and any(not row.get(first) for row in sample.rows):
        sample.sections = [row[first] for row in alone]
        sample.rows = [row for row in sample.rows if row not in alone]


def set_totals_apart(sample: Sample) -> None:
    """Take rows that are called a total out of the rows: their first filled cell says so, and half of what
    most rows have is empty.
    """
    usual = sorted(len([text for text in row.values() if text]) for row in sample.rows)
    most = usual[len(usual) * 3 // 4] if usual else 0
    texts: list[str] = []
    every = list(sample.rows)
    for row in every:
        first = next((row[name] for name in sample.headings if row.get(name)), "")
        words = folded(first)
        is_called = words in TOTALS.split("|") or words.startswith(_TOTALS_BEGIN)
        if is_called and len([text for text in row.values() if text]) * 3 <= most * 2:
            sample.rows.remove(row)
            sample.totals.append(row)
            text = (
                first
                if words in TOTALS.split("|")
                else " ".join(first.split()[: 1 if first.split()[0].endswith(":") else 2]) + "*"
            )
            if text not in texts:
                texts.append(text)
    texts += _set_between_totals_apart(sample, every)
    _set_sections_apart(sample)
    if texts:
        sample.settings["totals"], sample.why["totals"] = texts, "rows that are called a total"


def _set_between_totals_apart(sample: Sample, every: list[dict[str, str]]) -> list[str]:
    """Take out the rows between the totals at the end, such as tax and shipping, that have the cells of a
    total and make the last one together with the first; return what they are called.
    """
    at = next((i for i in range(len(every), 0, -1) if not _is_of_the_end(sample, every, i - 1)), 0)
    end = every[at:]
    while end and end[0] not in sample.totals:
        end.pop(0)
    between = [row for row in end if row not in sample.totals]
    if not between or end[-1] not in sample.totals:
        return []
    first = next(name for name in sample.headings if end[-1].get(name))
    for name in (name for name, text in end[-1].items() if text and name != first):
        texts = [row.get(name, "") for row in (end[0], *between, end[-1])]
        styles = number_styles(texts).styles
        numbers = [styles[0].read(text) or Decimal(0) for text in texts] if styles else []
        if not numbers or sum(numbers[:-1]) != numbers[-1]:
            return []
    sample.rows = [row for row in sample.rows if row not in between]
    sample.totals[-1:-1] = between
    return [_without_number(row[first]) for row in between]


def _is_of_the_end(sample: Sample, every: list[dict[str, str]], at: int) -> bool:
    """Whether a row is a total or has the same cells as the last row, which is one."""
    filled = [name for name, text in every[at].items() if text]
    return every[-1] in sample.totals and (
        every[at] in sample.totals or filled == [name for name, text in every[-1].items() if text]
    )


def _without_number(text: str) -> str:
    """A name as it is in any month: Tax (19%) is Tax (*."""
    name, mark, _ = text.partition("(")
    return f"{name}{mark}*" if mark and name else text


def set_footer_apart(sample: Sample) -> None:
    """Take the last rows out that have nothing but a first cell with a time of day, as reports end, where a
    column is filled in every other row: rows without it are skipped.
    """
    named = [heading for heading in sample.headings if heading]
    above = list(sample.rows)
    while above and [h for h in named if above[-1].get(h)] == named[:1]:
        above.pop()
    full = [h for h in named[1:] if above and all(row.get(h) for row in above)]
    is_timed = any(_TIME.search(row[named[0]]) for row in sample.rows[len(above) :])
    if len(named) > _FEWEST and is_timed and full:
        sample.rows = above
        sample.settings["where"] = {"skip": {full[0]: [""]}}
        sample.why["where"] = f"the last rows of the file have no “{full[0]}”"


def is_called_a_total(text: str) -> bool:
    """Whether a short text ends with a word for a total: _ACCOUNT_TOTAL, Grand total."""
    words = folded(text).split()
    return 0 < len(words) <= _MOST_WORDS and words[-1] in _TOTAL_WORDS


def set_inner_totals_apart(sample: Sample) -> None:
    """Take rows out that a column among the others calls a total, if the money of each adds up rows right
    above it; they are skipped by that column's text.
    """
    for heading in filter(None, sample.headings):
        labels = [text for text in dict.fromkeys(sample.values(heading)) if is_called_a_total(text)]
        at = [i for i, row in enumerate(sample.rows) if row.get(heading) in labels]
        if not labels or len(at) * 2 >= len(sample.rows):
            continue
        if any(_adds_up(column, at) for column in _columns_of_numbers(sample)):
            sample.totals += [sample.rows[i] for i in at]
            sample.rows = [row for i, row in enumerate(sample.rows) if i not in at]
            before = sample.settings.get("where", {"skip": {}})
            sample.settings["where"] = {"skip": {**before["skip"], heading: labels}}
            sample.why["where"] = f"the rows with {' and '.join(labels)} add up those above them"
            return


def _columns_of_numbers(sample: Sample) -> list[list[Decimal]]:
    found = []
    for heading in filter(None, sample.headings):
        texts = sample.values(heading)
        styles = number_styles(texts).styles
        if styles and any("." in text or "," in text for text in texts):
            found.append([styles[0].read(row.get(heading, "")) or Decimal(0) for row in sample.rows])
    return found


def _adds_up(column: list[Decimal], totals: list[int]) -> bool:
    """Whether each total is the sum of the lines right above it, one of them of several."""
    several = False
    for total in totals:
        lines, whole, found = 0, Decimal(0), 0
        for at in range(total - 1, -1, -1):
            if at in totals:
                continue
            lines, whole = lines + 1, whole + column[at]
            if whole == column[total] and column[total]:
                found = lines
                if found >= _FEWEST:
                    break
        if not found:
            return False
        several |= found >= _FEWEST
    return several

"""Counts of a day that the lines above the headings name, where no column does.

What belongs here: the question whether counts are of that day. What does not: days in columns
(``columns.dates``, ``other_cells``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from connectors.mapped.place import beside_label
from connectors.mapped.values import DateFormat
from mbr_pipeline.profiling.as_yaml import flow
from mbr_pipeline.profiling.doubts.look import doubt
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import FORMS

_WORD = re.compile(r"\S+")
_MONTH = re.compile(r"(?:[^\W\d_]{3,}\.?|\b[0-9]{1,2}),?[ ./-]+20[0-9]{2}\b|\b20[0-9]{2}[ ./-][0-9]{1,2}\b")
"""A year with what may be a month, in whatever language."""


def day_above(proposal: Proposal, sample: Sample) -> None:
    """Ask whether counts are of a day that stands above the headings: counts of an old day would pass for
    those of the folder's month.
    """
    if proposal.columns.get("as_of_date") != {"period": "last_day"}:
        return
    for line, cells in enumerate(sample.above, 1):
        for text in filter(None, map(str.strip, cells)):
            days = [form for form in FORMS if DateFormat(form).within(text)]
            if days or _MONTH.search(text):
                ways = [way for way in _ways(sample, line, cells, text, days) if _reads(sample, way)]
                why = f"the lines above the headings say “{text}”: of which day are the counts?"
                why += (
                    f" Perhaps {flow(ways[0])}"
                    if ways
                    else " If not of the folder's month, land them in theirs"
                )
                doubt(proposal, "as_of_date", why, *ways, first=True)
                return


def _ways(sample: Sample, line: int, cells: list[str], text: str, forms: list[str]) -> Iterator[Any]:
    """Ways to read the day behind its label: what stands in front of it in its cell, or the cell before."""
    before = [cell.strip() for cell in cells[: [cell.strip() for cell in cells].index(text)] if cell.strip()]
    is_counted = sample.settings.get("header_row") == str(len(sample.above) + 1)
    for form in forms:
        if len(DateFormat(form).within(text)) > 1:
            label = before[-1] if before else text[: _begin(text, form)].strip()
            yield {"above": label or f"#{line}", "dates": form, "range": "end"}
            continue
        at = _begin(text, form)
        label = text[:at].strip() or (before[-1] if before else f"#{line}" if is_counted else "")
        rest = form if DateFormat(form).read(text[at:]) else f"{form}%"
        if label:
            yield {"above": label, "dates": rest}


def _begin(text: str, form: str) -> int:
    """Where in a text its first day of a form begins."""
    starts = [found.start() for found in _WORD.finditer(text)]
    return next((at for at in starts if DateFormat(f"{form}%").read(text[at:])), 0)


def _reads(sample: Sample, way: dict[str, str]) -> bool:
    found = beside_label(list(enumerate(sample.above, 1)), way["above"])
    form = DateFormat(way["dates"])
    return len(found) == 1 and bool(form.within(found[0]) if "range" in way else form.read(found[0]))

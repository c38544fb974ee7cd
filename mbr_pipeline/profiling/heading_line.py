"""The line of a file's headings: by the width of what follows, and by names that are known.

What belongs here: lines of cells. What does not: reading the file (``sample``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from mbr_pipeline.profiling.headings import score
from mbr_pipeline.profiling.words import money_names as names
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?[0-9][0-9.,' \u00a0\u202f:/-]*\W?\w{0,3}\)?")
_FIRST_LINES = 40

Lines = Sequence[tuple[int, Sequence[str]]]


def width_of(records: Lines) -> int:
    """Return how many cells the lines of the table have: the width that most cells stand in, 1 where few
    lines have several.
    """
    cells: Counter[int] = Counter()
    for _, line in records:
        if len(line) > 1:
            cells[len(line)] += sum(bool(cell.strip()) for cell in line)
    wide = sum(len(line) > 1 for _, line in records)
    return cells.most_common(1)[0][0] if cells and wide * 2 >= len(records) else 1


def heading_line(records: Lines) -> int | None:
    """Return the physical line of the headings: of the lines that are as wide as the table and filled with
    names, the one with the most names that are known, else the first; None if there is none.
    """
    width = width_of(records)
    fitting = [
        (line, cells) for line, cells in records[:_FIRST_LINES] if len(cells) >= width and is_header(cells)
    ]
    if not fitting:
        return None
    return max(fitting, key=lambda found: sum(_is_known(cell.strip()) for cell in found[1]))[0]


def is_header(cells: Sequence[str]) -> bool:
    """Whether cells look like headings: mostly filled, mostly different, and none a number or date."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return (
        bool(filled)
        and len(filled) * 10 >= len(cells) * 6
        and len(set(filled)) * 10 >= len(filled) * 7
        and not any(map(_NUMBER.fullmatch, filled))
    )


@lru_cache(maxsize=10_000)
def _is_known(text: str) -> bool:
    return any(score(text, listed)[0] > 97 for listed in _listed())


@lru_cache(maxsize=1)
def _listed() -> tuple[str, ...]:
    numbers = (names.QUANTITIES, names.PRICES, names.AMOUNTS, names.OWN_PRICES, names.OWN_AMOUNTS)
    seats = (names.ENTITLED, names.ASSIGNED, names.INVOICE_TOTALS, names.CLIENT_PRICES)
    texts = {listed for columns in HEADINGS.values() for listed in columns.values() if listed}
    return (*numbers, *seats, *sorted(texts))

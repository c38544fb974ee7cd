"""What the doubts share: which of the vendor's columns a proposal does not use, and how one is asked about.

What belongs here: helpers. What does not: doubts.
"""

from __future__ import annotations

from typing import Any

from connectors.mapped.words import TODO
from mbr_pipeline.profiling.proposal import Proposal, heading_of, headings_in
from mbr_pipeline.profiling.sample import Sample

_MOST_TEXTS = 12
"""A column that sorts rows has at most so many texts."""


def used(proposal: Proposal) -> set[str]:
    """Return the vendor's columns that the proposal's columns and ``where`` look at, also as an option."""
    found = {h for words in proposal.columns.values() for h in headings_in(words)}
    found |= {h for options in proposal.options.values() for words in options for h in headings_in(words)}
    where = proposal.words.get("where")
    if isinstance(where, dict):
        found |= {h for tests in where.values() for h in tests}
    return found


def is_open(proposal: Proposal, column: str) -> bool:
    """Whether a column is asked already."""
    return proposal.columns.get(column) == TODO


def doubt(proposal: Proposal, column: str, why: str, *more: Any, first: bool = False) -> None:
    """Turn a column's answer into a question that keeps the answer among its options."""
    now = proposal.columns.get(column)
    kept: tuple[Any, ...] = () if now is None or now == TODO else (now,)
    kept += tuple(o for o in proposal.options.get(("columns", column), ()) if o not in kept)
    both = (*more, *kept) if first else (*kept, *more)
    options = tuple(o for at, o in enumerate(both) if o not in both[:at])
    proposal.put(column, TODO, why, options)


def sorting(sample: Sample) -> dict[str, list[str]]:
    """Return the columns that sort rows, with their texts: a few of them, each of several rows or not."""
    found = {}
    for heading in filter(None, sample.headings):
        texts = list(dict.fromkeys(row.get(heading, "") for row in sample.rows))
        if 1 < len(texts) <= _MOST_TEXTS and any(texts) and len(texts) < len(sample.rows):
            found[heading] = texts
    return found


def fewest_texts(proposal: Proposal, sample: Sample) -> str | None:
    """Return the column that every row fills with the fewest texts, by which a word can be said of all rows;
    of several that of the currency, which has the same texts next month.
    """
    filled = [h for h in sample.headings if h and all(row.get(h) for row in sample.rows)]
    currency = heading_of(proposal.columns.get("currency"))
    return min(filled, key=lambda h: (len(set(sample.values(h))), h != currency), default=None)

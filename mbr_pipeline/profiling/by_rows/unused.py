"""The columns of a file that a proposal has no use for yet, and how two columns hang together.

What belongs here: helpers of this folder. What does not: choosing.
"""

from __future__ import annotations

import re

from connectors.mapped.words import TODO
from mbr_pipeline.profiling.proposal import Proposal, heading_of, headings_in
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import date_forms, number_styles

_ID = re.compile(r"[A-Za-z0-9._:/#-]*[0-9][A-Za-z0-9._:/#-]*")

_FEWEST = 3
_DECIMAL = re.compile(r"-?[0-9]*[.,][0-9]+")


def unused(proposal: Proposal, sample: Sample) -> list[str]:
    """Return the filled columns that no column and no test of rows looks at, also not as an option."""
    taken = {h for words in proposal.columns.values() for h in headings_in(words)}
    taken |= {h for options in proposal.options.values() for words in options for h in headings_in(words)}
    tests = [proposal.words.get("where"), *proposal.options.get(("where",), ())]
    taken |= {h for way in tests if isinstance(way, dict) for test in way.values() for h in test}
    return [h for h in sample.headings if h and h not in taken and sample.values(h)]


def is_text(sample: Sample, heading: str) -> bool:
    """Whether cells are neither numbers nor dates."""
    texts = sample.values(heading)
    if not all(any(c.isdigit() for c in text) for text in texts):
        return True
    return not number_styles(texts).styles and not date_forms(texts)


def is_of_ids(sample: Sample, heading: str) -> bool:
    """Whether every cell is one word with a digit, and no date nor number with decimals."""
    texts = sample.values(heading)
    return all(_ID.fullmatch(text) and not _DECIMAL.fullmatch(text) for text in texts) and (
        date_forms(texts) in ([], ["serial"])
    )


def is_running(sample: Sample, heading: str) -> bool:
    """Whether cells count the rows, one by one."""
    texts = [row.get(heading, "") for row in sample.rows]
    if len(texts) < _FEWEST or not all(text.isdigit() for text in texts):
        return False
    return [int(text) for text in texts] == list(range(int(texts[0]), int(texts[0]) + len(texts)))


def stands_with(sample: Sample, one: str, other: str) -> dict[str, set[str]]:
    """Return the texts of one column, each with those of the other that stand beside it."""
    found: dict[str, set[str]] = {}
    for row in sample.rows:
        if row.get(one):
            found.setdefault(row[one], set()).add(row.get(other, ""))
    return found


def go_together(sample: Sample, one: str, other: str) -> bool:
    """Whether each text of one stands with one of the other, both ways."""
    both = (stands_with(sample, one, other), stands_with(sample, other, one))
    return all(len(texts) == 1 for found in both for texts in found.values())


def customer_of(proposal: Proposal) -> str | None:
    """The customer's column, or the first that it may be."""
    for column in ("vendor_customer_id", "client_id"):
        words = proposal.columns.get(column)
        options = proposal.options.get(("columns", column), ()) if words == TODO else ()
        if found := next(filter(None, map(heading_of, (words, *options))), None):
            return found
    return None

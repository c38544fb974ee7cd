"""Customers whose rows are the sum of those of their parts: a column names the parent, or their names are
paths (Maple:East).

What belongs here: such customers. What does not: other sums (``rollups``), products (``bundles``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mbr_pipeline.profiling.by_rows.unused import customer_of, go_together, is_text
from mbr_pipeline.profiling.numbers import Column
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.which_rows.measure import ALL, filled, looked_at, parts, product_of, sum_of

_MARKS = ("::", ":", "/", "\\", ">", "|", "→", "»")
"""Between the parts of a path."""

_SEVERAL = 2


def sums_of_children(proposal: Proposal, sample: Sample, every: Sequence[Column]) -> bool:
    """Ask which rows are read where a customer has, of every product, what its parts have together."""
    customer = customer_of(proposal)
    if not customer:
        return False
    keys = [customer, *_names_of(proposal, sample, customer)]
    for key in keys:
        for heading in (None, *(h for h in sample.headings if h and h not in keys)):
            if heading and (heading in looked_at(proposal) or heading == product_of(proposal)):
                continue
            above = [row.get(heading, "") for row in sample.rows] if heading else _by_paths(sample, key)
            called = {
                row[key]
                for row, parent in zip(sample.rows, above, strict=True)
                if row.get(key) != parent and row.get(key)
            }
            found = [parent for parent in dict.fromkeys(above) if parent in called]
            sums = [text for text in found if _is_sum(proposal, sample, every[0], key, above, text)]
            if sums:
                named = f"“{heading}” names customers of the file" if heading else f"“{key}” has paths"
                why = (
                    f"{named}, and the rows of {', '.join(sums)} are the sum of those below: which are read?"
                )
                ways: list[dict[str, Any]] = [{"skip": {key: found}}]
                if heading and "" in above:
                    ways.append({"only": {heading: [""]}})
                proposal.ask_rows(why, (*ways, {"only": {heading or key: ALL}}))
                return True
    return False


def _names_of(proposal: Proposal, sample: Sample, customer: str) -> list[str]:
    """Columns that say the customer in other words: a name beside an id."""
    name = heading_of(proposal.columns.get("vendor_customer_name"))
    found = [h for h in sample.headings if h and h != customer and sample.values(h) and is_text(sample, h)]
    return [h for h in found if h == name or go_together(sample, customer, h)]


def _by_paths(sample: Sample, key: str) -> list[str]:
    """The text that each row's path begins with, up to its last part; nothing where it is no path."""
    texts = [row.get(key, "") for row in sample.rows]
    mark = next((mark for mark in _MARKS if any(mark in text for text in texts)), "")
    return [text.rpartition(mark)[0].strip() if mark else "" for text in texts]


def _is_sum(
    proposal: Proposal, sample: Sample, column: Column, key: str, above: list[str], parent: str
) -> bool:
    """Whether what a customer has of every product is what those below have, of one two or more."""
    several = False
    for rows in parts(sample, product_of(proposal)).values():
        own = filled(column, [at for at in rows if sample.rows[at].get(key) == parent])
        below = [at for at in rows if above[at] == parent and sample.rows[at].get(key) != parent]
        theirs = filled(column, below)
        if (own or theirs) and sum_of(column, own) != sum_of(column, theirs):
            return False
        several |= len(theirs) >= _SEVERAL
    return several

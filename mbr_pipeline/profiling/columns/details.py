"""What tells honest lines of a bill apart that are equal otherwise.

What belongs here: the column ``detail``. What does not: ids of lines (``columns.identifiers``).
"""

from __future__ import annotations

from typing import Any

from mbr_pipeline.profiling.headings import score
from mbr_pipeline.profiling.proposal import Proposal, headings_in
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_MOST_DETAILS = 4


def detail(proposal: Proposal, sample: Sample) -> None:
    """Propose what tells honest lines apart: every column of users, resources and operations."""
    if "detail" not in proposal.columns:
        return
    used = {h for name, words in proposal.columns.items() if name != "detail" for h in headings_in(words)}
    names = HEADINGS["vendor_charges"]["detail"]
    found = [
        h
        for h in sample.headings
        if score(h, names)[0] > 99 and h not in used and len(set(sample.values(h))) > 1
    ][:_MOST_DETAILS]
    if not found:
        del proposal.columns["detail"], proposal.column_why["detail"]
        return
    words: Any = found if len(found) > 1 else found[0]
    proposal.put("detail", words, "tells lines apart that are equal otherwise")

"""What tells honest lines of a bill apart that are equal otherwise.

What belongs here: the column ``detail``. What does not: ids of lines (``columns.identifiers``).
"""

from __future__ import annotations

from typing import Any

from connectors.mapped.values import is_midnight
from mbr_pipeline.profiling.headings import score
from mbr_pipeline.profiling.proposal import Proposal, heading_of, headings_in
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_MOST_DETAILS = 4


def detail(proposal: Proposal, sample: Sample) -> None:
    """Propose what tells honest lines apart: every column of users, resources and operations, and the time of
    day at which a period begins, which its days have not.
    """
    if proposal.dataset != "vendor_charges":
        return
    begin = heading_of(proposal.columns.get("charge_period_start"))
    timed = [begin] if begin and not all(map(is_midnight, sample.values(begin))) else []
    used = {h for name, words in proposal.columns.items() if name != "detail" for h in headings_in(words)}
    names = HEADINGS["vendor_charges"]["detail"]
    found = [
        h
        for h in sample.headings
        if score(h, names)[0] > 99 and h not in used and len(set(sample.values(h))) > 1
    ][:_MOST_DETAILS] + timed
    if not found:
        proposal.columns.pop("detail", None)
        proposal.column_why.pop("detail", None)
        return
    words: Any = found if len(found) > 1 else found[0]
    proposal.put("detail", words, "tells lines apart that are equal otherwise")

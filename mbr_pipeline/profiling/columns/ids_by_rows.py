"""A customer's id that no list of headings knows, found by how it stands beside the customer's name.

What belongs here: columns that go with a name in every row. What does not: ids known by their headings
(``identifiers``).
"""

from __future__ import annotations

from connectors.mapped.words import TODO
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample

_ENDS = ("id", "code", "number", "account", "key", "ref", "reference", "nr")


def ids_beside(proposal: Proposal, sample: Sample, column: str, named: str) -> bool:
    """Propose the id that stands with each name in every row, or ask; return whether there is any.

    One that is called as the name is but for its last word is taken; any other may be something else.
    """
    stem = _squashed(named).removesuffix("name")
    found = [h for h in sample.headings if h and h != named and _is_an_id(h) and _goes_with(sample, named, h)]
    alike = [h for h in found if len(stem) > 2 and _squashed(h).removeprefix(stem) in _ENDS]
    if len(alike) == 1 and _squashed(named) != stem:
        proposal.put(column, alike[0], f"“{alike[0]}” is another for each “{named}”")
    elif found:
        both = " or ".join(f"“{h}”" for h in (*found, named))
        proposal.put(column, TODO, f"{both}: which tells your customers apart?", (*found, named))
    return bool(found)


def _is_an_id(heading: str) -> bool:
    return _squashed(heading).endswith(_ENDS)


def _goes_with(sample: Sample, named: str, heading: str) -> bool:
    pairs = {(row.get(named, ""), row.get(heading, "")) for row in sample.rows}
    ids = {b for _, b in pairs}
    return 1 < len(pairs) == len(ids) == len({a for a, _ in pairs}) and all(
        any(c.isdigit() for c in text) for text in ids
    )


def _squashed(text: str) -> str:
    return folded(text).replace(" ", "")

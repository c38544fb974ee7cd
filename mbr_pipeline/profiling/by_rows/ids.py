"""Ids told by how they stand in the rows: beside a name, or another in every row.

What belongs here: what rows show of ids. What does not: ids known by their headings
(``columns.identifiers``).
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.by_rows.unused import go_together, is_of_ids
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.proposal import Proposal
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.concepts import concept_of
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_NAMES = {"client_name": HEADINGS["clients"]["client_name"].replace(">name|", ">")}
"""What the names of clients are called in files of lines."""

_FEW = 3
_PART = frozenset(["mpn", "part"])
_ENDS = ("id", "code", "number", "account", "key", "ref", "reference", "nr")


def ids_beside(proposal: Proposal, sample: Sample, column: str, named: str) -> bool:
    """Propose the id that stands with each name in every row, or ask; return whether there is any.

    One that is called as the name is but for its last word is taken, and one that has no words but for a
    customer or an account where names repeat; any other may be something else.
    """
    stem = _squashed(named).removesuffix("name")
    found = [h for h in sample.headings if h and h != named and _is_an_id(h) and _goes_with(sample, named, h)]
    alike = [h for h in found if len(stem) > 2 and _squashed(h).removeprefix(stem) in _ENDS]
    if not alike and _repeats(sample, named) and len(found) == 1:
        alike = [h for h in found if _is_of_a_party(h)]
        stem = "" if alike else stem
    if len(alike) == 1 and _squashed(named) != stem:
        proposal.put(column, alike[0], f"“{alike[0]}” is another for each “{named}”")
    elif found:
        both = " or ".join(f"“{h}”" for h in (*found, named))
        proposal.put(column, TODO, f"{both}: which tells your customers apart?", (*found, named))
    return bool(found)


def _repeats(sample: Sample, named: str) -> bool:
    """Whether there are several names, and one is in several rows: an id beside them is then no line's."""
    return _FEW <= len(set(sample.values(named))) < len(sample.rows)


def _is_of_a_party(heading: str) -> bool:
    """Whether a heading has a word for a code and else only words for customers and accounts."""
    meant = {concept_of(word) for word in folded(heading).split()}
    return "id" in meant and meant - {"id"} <= {"customer", "endcustomer", "company", "account", "tenant"}


def one_with_name(
    sample: Sample, dataset: Dataset, name: str, several: Sequence[str]
) -> tuple[str, str] | None:
    """Of ids that are called alike, return the only one that stands with a name in every row, and why."""
    names = {**_NAMES, **HEADINGS[dataset.name]}.get(name, "")
    called = [h for h in sample.headings if h and score(h, names)[0] > 97 and h not in several]
    for named in called:
        fitting = [heading for heading in several if _goes_with(sample, named, heading)]
        if len(several) > 1 and len(fitting) == 1:
            return fitting[0], f"of {' and '.join(f'“{h}”' for h in several)} the one with each “{named}”"
    return None


def id_of_several(sample: Sample, several: Sequence[str]) -> tuple[str, str] | None:
    """Of columns called alike that go together, but for those that are the same in every row, return the only
    one of ids, and why.
    """
    varied = [heading for heading in several if len(set(sample.values(heading))) > 1]
    ids = [heading for heading in varied if is_of_ids(sample, heading)]
    if len(ids) == 1 and len(varied) > 1 and all(go_together(sample, ids[0], other) for other in varied):
        return ids[0], f"of {' and '.join(f'“{h}”' for h in several)} the one with ids"
    return None


def names_more(sample: Sample, heading: str, names: str) -> str | None:
    """Return a column of names that tells at least twice as many apart as what is taken for the id."""
    ids = len(set(sample.values(heading)))
    called = [h for h in sample.headings if h and h != heading and score(h, names)[0] > 99]
    return next((h for h in called if len(set(sample.values(h))) >= max(2 * ids, _FEW)), None)


def names_with_ids(sample: Sample) -> list[tuple[str, str]]:
    """Return pairs of an id and a name that are called alike and go together in every row."""
    found = []
    for named in sample.headings:
        stem = _squashed(named).removesuffix("name") if named else ""
        if not stem or stem == _squashed(named):
            continue
        ids = [h for h in sample.headings if h and _squashed(h).removeprefix(stem) in _ENDS]
        found += [(h, named) for h in ids if h != named and _goes_with(sample, named, h)]
    return found


def finest_of(sample: Sample, headings: Sequence[str]) -> str | None:
    """Return the one number of a part (MPN) that stands with one of each other id, while they stand with
    several of it. Any other id may be the finer one only by chance: Microsoft's product ids in a small bill.
    """
    found = []
    for heading in headings:
        own = {row.get(heading, "") for row in sample.rows}
        pairs = [{(row.get(heading, ""), row.get(h, "")) for row in sample.rows} for h in headings]
        if all(len(both) == len(own) for both in pairs) and 1 < len(own) < len(sample.rows):
            found.append((len(own), heading))
    sizes = [len({row.get(h, "") for row in sample.rows}) for h in headings]
    found = [(size, heading) for size, heading in found if _PART & set(folded(heading).split())]
    if len(found) == 1 and sizes.count(found[0][0]) == 1 and all(sample.values(h) for h in headings):
        return found[0][1]
    return None


def is_of_lines(sample: Sample, heading: str) -> bool:
    """Whether an id that is called one of lines is another in every row, as those of products are not."""
    texts = sample.values(heading)
    is_called = folded(heading).split()[0] in ("line", "zeile", "ligne", "linea", "pos", "position")
    return is_called and len(set(texts)) == len(texts) == len(sample.rows) > 1


def _is_an_id(heading: str) -> bool:
    return _squashed(heading).endswith(_ENDS)


def _goes_with(sample: Sample, named: str, heading: str) -> bool:
    pairs = {(row.get(named, ""), row.get(heading, "")) for row in sample.rows}
    ids = {b for _, b in pairs}
    return 1 < len(pairs) == len(ids) == len({a for a, _ in pairs}) and all(
        any(c.isdigit() for c in text) or ("." in text and " " not in text) for text in ids
    )


def _squashed(text: str) -> str:
    return folded(text).replace(" ", "")

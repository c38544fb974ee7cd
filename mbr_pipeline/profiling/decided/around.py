"""Making a proposal around what is decided: what of it holds for a file, and what is told of the rest.

What belongs here: answers that a file cannot have, and doubts about rows that another dataset would raise.
What does not: keeping what holds (``held``), proposing (``propose``).
"""

from __future__ import annotations

from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.decided.held import AS_ANSWERED, Held
from mbr_pipeline.profiling.proposal import Proposal, headings_in
from mbr_pipeline.profiling.sample import Sample

_RESHAPING = ("unpivot", "split", "sections")
"""Words that give rows columns which are no headings of the file."""


def applicable(held: Held, sample: Sample) -> Held:
    """Return what is decided without words of the file that do not read it: the sample still asks for them,
    and no date can be read by them.
    """
    asked = [word for word, said in sample.settings.items() if str(said).startswith(TODO)]
    for word in asked:
        if word in held.words:
            sample.why[word] = f"answered {held.words[word]}, which does not read it; {sample.why[word]}"
    found = held.without(*asked)
    return found if found.dates or "dates" not in found.words else found.without("dates")


def fitting(held: Held, sample: Sample, dataset: Dataset) -> Held:
    """Return what is decided without the columns of which the file has not all headings."""
    known = set(sample.headings)
    columns = {
        name: words
        for name, words in held.columns.items()
        if name in dataset.column_names and set(headings_in(words)) <= known
    }
    return Held(held.words, columns)


def put_the_rest(proposal: Proposal, sample: Sample, dataset: Dataset, held: Held) -> None:
    """Put what was decided of columns that only the rows have, once they are reshaped; ask anew where the
    file has no such heading.
    """
    known = set(sample.headings)
    for column, words in held.columns.items():
        strange = [heading for heading in headings_in(words) if heading not in known]
        if not strange or column not in dataset.column_names:
            continue
        if any(word in proposal.words for word in _RESHAPING):
            proposal.put(column, words, AS_ANSWERED)
            continue
        now = proposal.columns.get(column)
        options = proposal.options.get(("columns", column), ())
        kept = (now,) if now not in (None, TODO, *options) else ()
        told = f"answered “{strange[0]}”, which is no heading of the file as it is read now"
        proposal.put(column, TODO, told, (*kept, *options))


def rows_in_doubt(proposal: Proposal, likely: Proposal) -> None:
    """Keep the question which rows count, where the file raises it as the dataset that it looks like: that a
    person says which dataset it is says nothing of its rows.
    """
    options = likely.options.get(("where",), ())
    by_status = set(headings_in(proposal.columns.get("status")))
    looked_at = {
        h for option in options for tests in option.values() if isinstance(tests, dict) for h in tests
    }
    if likely.words.get("where") == TODO and "where" not in proposal.words and not looked_at & by_status:
        proposal.ask("where", likely.why["where"], options)

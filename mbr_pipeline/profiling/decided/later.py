"""What a later file of a known source shows against the profile that reads it, and earlier files did not.

What belongs here: the same doubts that a first file raises, held against those of files that are landed;
texts that say of rows that they may not count; columns that had nothing to read. What does not: asking, and
what becomes of the file (``mbr_pipeline.setup``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS, Dataset
from connectors.files.records import UnreadableFile
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.columns.left_out import may_not_count
from mbr_pipeline.profiling.decided.held import AS_ANSWERED, Held
from mbr_pipeline.profiling.doubts.look import sorting, used
from mbr_pipeline.profiling.proposal import Proposal, headings_in
from mbr_pipeline.profiling.propose import OPTIONAL_TEXTS, propose
from mbr_pipeline.profiling.sample import Sample, take_sample

_TESTS = ("negative_if", "as_written_if", "zero_if", "per")
"""Words by which rows are read in another way because of what a column says."""

_QUOTED = re.compile("“([^”]*)”")

_Text = tuple[str, str, bool]
"""A column, a text of it, and whether such rows are read."""


@dataclass(frozen=True)
class Against:
    """One thing that speaks against a profile: the word or column it is about, what was seen, and words that
    would answer it.
    """

    key: tuple[str, ...]
    why: str
    options: tuple[Any, ...] = ()


@dataclass
class _Seen:
    """What one file shows: doubts by what tells one from another, and texts of columns that sort rows."""

    doubts: dict[tuple[Any, ...], Against] = field(default_factory=dict)
    texts: set[_Text] = field(default_factory=set)


def new_doubts(
    path: Path, dataset_name: str, profile: Mapping[str, Any], earlier: Iterable[Path]
) -> list[Against]:
    """Return what a file shows against its profile, and no earlier file of the source did; nothing of the
    first file, which the profile was made for, or of one that no profile can be proposed for.
    """
    earlier = list(earlier)
    if not earlier:
        return []
    dataset = DATASETS[dataset_name]
    words = {word: said for word, said in profile.items() if word != "columns"}
    held = Held(words, dict(profile.get("columns", {})))
    now = _seen(path, dataset, held)
    if not now.doubts and not now.texts:
        return []
    before = [_seen(each, dataset, held) for each in earlier]
    known = {key for each in before for key in each.doubts}
    texts = {text for each in before for text in each.texts}
    found = [against for key, against in now.doubts.items() if key not in known]
    told = {heading for against in found for heading in _QUOTED.findall(against.why)}
    return [*found, *_new_texts({text for text in now.texts - texts if text[0] not in told})]


def _new_texts(texts: set[_Text]) -> Iterator[Against]:
    """Ask once for texts that no earlier file had: of rows that may not count, and of rows that ``where``
    does not read.
    """
    for is_read, told in (
        (True, "do such rows count"),
        (False, "`where` does not read such rows: is that right"),
    ):
        listed: dict[str, list[str]] = {}
        for heading, text, way in sorted(texts):
            if way == is_read:
                listed.setdefault(heading, []).append(text)
        if listed:
            said = "; ".join(f"“{h}” says {', '.join(found)} in some rows" for h, found in listed.items())
            options = ({"skip": listed},) if is_read else ()
            yield Against(("where",), f"{said}: {told}?", options)


def _seen(path: Path, dataset: Dataset, held: Held) -> _Seen:
    """Look at a file around its profile."""
    try:
        sample = take_sample(path, held.without("where"))
        proposal = propose(path, dataset.name, held)
    except UnreadableFile:
        return _Seen()
    found = {}
    for key, against in _doubts(proposal, held):
        ways = tuple(_as_skip(way, sample) if against.key == ("where",) else way for way in against.options)
        found[key] = replace(against, options=ways)
    return _Seen(found, set(_texts(sample, proposal, held)))


def _texts(sample: Sample, proposal: Proposal, held: Held) -> Iterator[_Text]:
    """Give the texts by which rows may not count, or are not read as no test of ``where`` lists them."""
    where = held.words.get("where")
    tests = where if isinstance(where, Mapping) else {}
    others = used(proposal) | set().union(*(_tested(words) for words in held.columns.values()))
    for heading, texts in sorting(sample).items():
        if heading not in others | set(tests.get("only", {})):
            left = Held({"where": {"skip": {heading: tests.get("skip", {}).get(heading, [])}}})
            yield from ((heading, t, True) for t in texts if may_not_count(t) and left.is_read({heading: t}))
    for heading, listed in tests.get("only", {}).items():
        read = Held({"where": {"only": {heading: listed}}})
        texts = list(dict.fromkeys(row.get(heading, "") for row in sample.rows))
        yield from (
            (heading, text or "nothing", False) for text in texts if not read.is_read({heading: text})
        )


def _as_skip(option: Any, sample: Sample) -> Any:
    """Write which rows are read so that a text which comes up later is read and asked about."""
    if not isinstance(option, dict) or set(option) != {"only"}:
        return option
    skip = {
        heading: [t for t in dict.fromkeys(row.get(heading, "") for row in sample.rows) if t not in kept]
        for heading, kept in option["only"].items()
    }
    return {"skip": skip}


def _doubts(proposal: Proposal, held: Held) -> Iterator[tuple[tuple[Any, ...], Against]]:
    """Give everything that is asked, or proposed beside what the profile says, with what tells it from
    others: what it is about, and the columns that it names.
    """
    for raised in proposal.raised:
        words = held.columns.get(raised.key[-1]) if raised.key[0] == "columns" else None
        why = raised.why.removeprefix(f"{AS_ANSWERED}; ")
        if raised.words == TODO:
            quoted = frozenset(_QUOTED.findall(raised.why))
            yield (raised.key, quoted), Against(raised.key, why, raised.options)
        elif more := _tested(raised.words) - _tested(words):
            yield (raised.key, frozenset(more)), Against(raised.key, f"{why}.", (raised.words,))
    for question in proposal.questions:
        quoted = frozenset(_QUOTED.findall(question.text))
        name = question.key[1] if question.key[0] == "columns" else question.key[0]
        why = question.text.removeprefix(f"{name}: ")
        yield (question.key[:2], quoted), Against(question.key, why, question.options)
    for column, words in proposal.columns.items():
        if column not in (*held.columns, *OPTIONAL_TEXTS) and headings_in(words):
            why = f"“{headings_in(words)[0]}” has something to read now: {proposal.column_why[column]}"
            yield (("columns", column), "proposed"), Against(("columns", column), why, (words,))


def _tested(words: Any) -> set[str]:
    """Return the columns whose texts decide how a row is read."""
    tests = [words.get(word) for word in _TESTS] if isinstance(words, Mapping) else []
    return {heading for test in tests if isinstance(test, Mapping) for heading in test}

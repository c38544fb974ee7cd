"""What a later file of a known source shows against the profile that reads it, and earlier files did not.

What belongs here: the same doubts that a first file raises, held against those of files that are landed;
texts that say of rows that they may not count; columns that had nothing to read. What does not: asking, and
what becomes of the file (``mbr_pipeline.setup``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.by_rows.period_ends import form_of, periods
from mbr_pipeline.profiling.columns.left_out import may_not_count
from mbr_pipeline.profiling.decided.held import AS_ANSWERED, Held
from mbr_pipeline.profiling.doubts.look import sorting, used
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.proposal import Proposal, headings_in
from mbr_pipeline.profiling.propose import OPTIONAL_TEXTS, propose
from mbr_pipeline.profiling.sample import Sample, take_sample
from mbr_pipeline.profiling.styles import ends
from mbr_pipeline.profiling.words.meanings import MEANINGS

_TESTS = ("negative_if", "as_written_if", "zero_if", "per")
"""Words by which rows are read in another way because of what a column says."""

_QUOTED = re.compile("“([^”]*)”")
_SAYS = re.compile("“([^”]*)” says (.*?) in some rows")

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
    written = json.dumps(profile)
    now = _seen(path, _stamp(path), dataset_name, written)
    if not now.doubts and not now.texts:
        return []
    before = [_seen(each, _stamp(each), dataset_name, written) for each in earlier]
    known = {key for each in before for key in each.doubts}
    texts = {text for each in before for text in each.texts}
    found = [against for key, against in now.doubts.items() if key not in known]
    found = [against for at, against in enumerate(found) if against not in found[:at]]
    said = [against.why for against in found]
    untold = {t for t in now.texts - texts if not any(f"“{t[0]}”" in why and t[1] in why for why in said)}
    return [*found, *_new_texts(untold)]


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


def _stamp(path: Path) -> tuple[int, int]:
    """Return what changes with a file's content."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=256)
def _seen(path: Path, stamp: tuple[int, int], dataset_name: str, profile: str) -> _Seen:
    """Look at a file around its profile; at one that lies there only once, however often a page asks."""
    del stamp
    dataset, words = DATASETS[dataset_name], json.loads(profile)
    held = Held({word: said for word, said in words.items() if word != "columns"}, words.get("columns", {}))
    try:
        sample = take_sample(path, held.without("where"))
        proposal = propose(path, dataset.name, held)
    except UnreadableFile:
        return _Seen()
    found = {}
    for key, against in _doubts(proposal, held):
        ways = tuple(_as_skip(way, sample) if against.key == ("where",) else way for way in against.options)
        found[key] = replace(against, options=ways)
    found |= _first_ends(sample, proposal, held)
    return _Seen(found, set(_texts(sample, proposal, held)))


def _first_ends(sample: Sample, proposal: Proposal, held: Held) -> dict[tuple[Any, ...], Against]:
    """Ends of agreements that are read as last days, which nothing showed as long as none had one."""
    words = held.columns.get("effective_end") if proposal.dataset == "agreements" else None
    if not isinstance(words, Mapping) or words.get("take") != "day_after":
        return {}
    heading = headings_in(dict(words))[0]
    begun = form_of(proposal, "effective_start")
    shown = ends(periods(sample, begun, form_of(proposal, "effective_end")))
    if not sample.values(heading) or shown == {"day_after"}:
        return {}
    why = f"“{heading}” has days now ({sample.values(heading)[0]}): are they the last days of the lines?"
    key = ("columns", "effective_end")
    return {(key, "first ends"): Against(key, why, ({**words, "take": "day"},))}


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
        unread = [text for text in texts if not read.is_read({heading: text}) and not _is_out(text)]
        yield from ((heading, text or "nothing", False) for text in unread)


def _is_out(text: str) -> bool:
    """Whether a text says itself why its rows are not read, alone or as the other of yes and no."""
    return may_not_count(text) or folded(text) in f"{MEANINGS['true']}|{MEANINGS['false']}".split("|")


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
    """Give everything that is asked of rows and columns, or proposed beside what the profile says, with what
    tells it from others. How dates and numbers are written is what the profile says: a month may have none
    that shows it.
    """
    for raised in proposal.raised:
        if raised.key[0] not in ("columns", "where") or _is_of_writing(raised.options):
            continue
        words = held.columns.get(raised.key[-1]) if raised.key[0] == "columns" else None
        why = raised.why.removeprefix(f"{AS_ANSWERED}; ")
        if raised.words == TODO:
            yield from ((key, Against(raised.key, why, raised.options)) for key in _told(raised.key, why))
        elif more := _tested(raised.words) - _tested(words):
            yield (raised.key, frozenset(more)), Against(raised.key, f"{why}.", (raised.words,))
    for question in proposal.questions:
        name = question.key[1] if question.key[0] == "columns" else question.key[0]
        why = question.text.removeprefix(f"{name}: ")
        yield from ((key, Against(question.key, why, question.options)) for key in _told(question.key, why))
    for column, words in proposal.columns.items():
        if column not in (*held.columns, *OPTIONAL_TEXTS) and headings_in(words):
            why = f"“{headings_in(words)[0]}” has something to read now: {proposal.column_why[column]}"
            yield (("columns", column), "proposed"), Against(("columns", column), why, (words,))


def _is_of_writing(options: tuple[Any, ...]) -> bool:
    return any(isinstance(option, Mapping) and "implied_decimals" in option for option in options)


def _told(key: tuple[str, ...], why: str) -> list[tuple[Any, ...]]:
    """Return what tells a doubt from another one: what it is about and the columns that it names; of rows
    each text of a column.
    """
    if key != ("where",):
        return [(key[:2], frozenset(_QUOTED.findall(why)))]
    said = [(heading, text) for heading, texts in _SAYS.findall(why) for text in texts.split(", ")]
    others = frozenset(_QUOTED.findall(_SAYS.sub("", why)))
    return [*((key, *pair) for pair in said), *([(key, others)] if others or not said else [])]


def _tested(words: Any) -> set[str]:
    """Return the columns whose texts decide how a row is read."""
    tests = [words.get(word) for word in _TESTS] if isinstance(words, Mapping) else []
    return {heading for test in tests if isinstance(test, Mapping) for heading in test}

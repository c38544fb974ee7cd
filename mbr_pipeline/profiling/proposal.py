"""A proposed profile: its words, each with the reason for it, and what is still to be decided.

What belongs here: the container, and its questions. What does not: proposing (``propose``) and writing it as
YAML (``as_yaml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.datasets import Dataset, Kind
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.decided.held import AS_ANSWERED, Held, Kept
from mbr_pipeline.safe_text import shortened

DATASET = ("dataset",)
"""The key of the question which dataset a file is."""

_MOST_WAYS = 8
"""Answers to which rows are read, of two questions together."""


@dataclass(frozen=True)
class Question:
    """What a person has to decide.

    Attributes:
        key: Where the answer goes in ``settings``, such as ``("columns", "currency")``; ``DATASET`` asks
            which dataset the file is.
        text: What is asked, and what was seen.
        options: Answers that can stand there; there may be others.
    """

    key: tuple[str, ...]
    text: str
    options: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Raised:
    """What was seen against something that is decided: the words that would be proposed, ``TODO`` if it would
    be asked, and why.
    """

    key: tuple[str, ...]
    words: Any
    why: str
    options: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A dataset that the file may be, with the reasons; the highest ``points`` come first."""

    dataset: str
    points: float
    reasons: tuple[str, ...]


@dataclass
class Proposal:
    """Words of a profile in the order they are written, with the reason of each; reasons of translated values
    by (column, text). Every question is a TODO in them, so that none can be passed over.

    Attributes:
        dataset: What the file is taken for.
        candidates: What it may be.
        is_certain: Whether the dataset was given, or nothing else is likely.
        cells: Three cells of what each column is made from.
        options: Answers to what is TODO, by its key.
        held: What is decided: nothing that is put or asked changes it.
        raised: What would have been put or asked of it.
    """

    words: dict[str, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    column_why: dict[str, str] = field(default_factory=dict)
    value_why: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    dataset: str = ""
    candidates: tuple[Candidate, ...] = ()
    is_certain: bool = True
    cells: dict[str, tuple[str, ...]] = field(default_factory=dict)
    options: dict[tuple[str, ...], tuple[Any, ...]] = field(default_factory=dict)
    held: Held = field(default_factory=Held)
    raised: list[Raised] = field(default_factory=list)

    def hold(self, held: Held) -> None:
        """Keep what is decided, until ``let_go``."""
        self.held = held
        self.words = Kept({word: value for word, value in held.words.items() if value}, self.words)
        self.columns = Kept(held.columns)
        self.why = {**self.why, **dict.fromkeys(held.words, AS_ANSWERED)}
        self.column_why = Kept(dict.fromkeys(held.columns, AS_ANSWERED))

    def let_go(self) -> None:
        """Make everything changeable: the proposal is made."""
        self.held = Held()
        self.words, self.columns, self.column_why = (
            dict(self.words),
            dict(self.columns),
            dict(self.column_why),
        )

    @property
    def settings(self) -> dict[str, Any]:
        """The profile as ``mbr.yml`` would have it, with its TODOs."""
        return {**self.words, "columns": self.columns}

    @property
    def questions(self) -> list[Question]:
        """Everything that is not decided, the dataset first."""
        found = []
        if not self.is_certain:
            names = tuple(candidate.dataset for candidate in self.candidates)
            seen = "; ".join(f"{c.dataset}: {', '.join(c.reasons)}" for c in self.candidates[:3])
            found.append(Question(DATASET, f"which dataset is this file? {seen}", names))
        for key in _todos(self.settings, ()):
            found.append(Question(key, shortened(self._reason(key)), self.options.get(key, ())))
        return found

    def _reason(self, key: tuple[str, ...]) -> str:
        if key[0] != "columns":
            return f"{key[0]}: {self.why.get(key[0], '')}"
        name = key[1]
        if len(key) > 3 and key[2] == "values":
            return f"{name}: what does “{key[3]}” mean? {self.value_why.get((name, key[3]), '')}"
        return f"{name}: {self.column_why.get(name, '')}"

    def put(self, column: str, words: Any, why: str, options: tuple[Any, ...] = ()) -> None:
        """Propose what a column is made of, or ask with ``TODO``."""
        why = shortened(why)
        if column in self.held.columns:
            self.raised.append(Raised(("columns", column), words, why, options))
            return
        self.columns[column], self.column_why[column] = words, why
        if options:
            self.options["columns", column] = options

    def ask(self, word: str, why: str, options: tuple[Any, ...] = ()) -> None:
        """Leave a word of the file to a person."""
        why = shortened(why)
        if word in self.held.words:
            self.raised.append(Raised((word,), TODO, why, options))
            return
        self.words[word], self.why[word] = TODO, why
        if options:
            self.options[(word,)] = options

    def ask_rows(self, why: str, options: tuple[Any, ...] = ()) -> None:
        """Ask which rows are read, each answer with the tests that are known already, and with each answer
        that an earlier question of rows has.
        """
        before = self.words.get("where")
        known = [before] if isinstance(before, dict) else [{}]
        if before == TODO:
            why = f"{self.why['where']}; {why}"
            known = [way for way in self.options.get(("where",), ()) if isinstance(way, dict)] or known
        merged = [_both(way, option) for option in options or ({},) for way in known]
        self.ask("where", why, tuple(way for way in merged if way)[:_MOST_WAYS])


def _both(known: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Tests of rows that pass where both do: texts of one column that both read, or that either skips."""
    found = {**known, **more}
    for word in known.keys() & more.keys() & {"only", "skip"}:
        found[word] = {**known[word], **more[word]}
        for heading in known[word].keys() & more[word].keys():
            first, second = list(known[word][heading]), list(more[word][heading])
            if word == "skip":
                found[word][heading] = list(dict.fromkeys((*first, *second)))
            elif "*" in first or "*" in second:
                found[word][heading] = second if "*" in first else first
            else:
                found[word][heading] = [text for text in first if text in second] or second
    return found


def _todos(value: Any, key: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _todos(part, (*key, name))
    elif isinstance(value, str) and value.startswith(TODO):
        yield key


def heading_of(words: Any) -> str | None:
    """Return the vendor's column that a canonical one is proposed to come from, if any is."""
    found = words.get("heading") if isinstance(words, Mapping) else words
    return None if not isinstance(found, str) or found.startswith(TODO) else found


def headings_in(words: Any) -> list[str]:
    """Return all of the vendor's columns that a canonical one is proposed to come from."""
    if isinstance(words, str):
        return [] if words.startswith(TODO) else [words]
    if isinstance(words, dict):
        found = [
            words[word] for word in ("heading", "sign_of", "divided_by", "less_percent") if word in words
        ]
        return [*found, *words.get("product_of", []), *words.get("joined", [])]
    return list(words) if isinstance(words, list) else []


def columns_of(proposal: Proposal, dataset: Dataset, *kinds: Kind) -> Iterator[tuple[str, str]]:
    """Give the canonical columns of these kinds that have a heading, with it."""
    for column in dataset.columns:
        heading = heading_of(proposal.columns.get(column.name))
        if column.kind in kinds and heading:
            yield column.name, heading

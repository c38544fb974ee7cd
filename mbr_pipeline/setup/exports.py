"""What one file of a folder is: a dataset in canonical columns, in a known format, or read by a proposed
profile.

What belongs here: recognising one file. What does not: the folder as a whole (``plan``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from connectors.datasets import DATASETS
from connectors.files.opening import SUFFIXES, open_records
from connectors.files.records import EXTRA, UnreadableFile
from connectors.mapped.cells import cell_of
from connectors.mapped.profile import WORDS
from connectors.mapped.words import TODO, mapping_of, texts_of
from connectors.registry import CONNECTORS, SPECS
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.profiling.decided.held import Held
from mbr_pipeline.profiling.proposal import DATASET, Proposal, Question
from mbr_pipeline.profiling.propose import propose


@dataclass
class Export:
    """One file, and what it is taken for.

    Attributes:
        path: Where it is.
        name: Its path below the folder.
        connector: How it is read.
        dataset: What it delivers.
        why: The reason, for people.
        profile: The words it is read by, where ``connector`` is ``mapped``.
        proposal: Where those come from, with what is to be decided.
        answered: The columns that a person decided.
        unused: Answers about columns that nothing asks.
    """

    path: Path
    name: str
    connector: str
    dataset: str
    why: str
    profile: dict[str, Any] = field(default_factory=dict)
    proposal: Proposal | None = None
    answered: frozenset[str] = frozenset()
    unused: tuple[str, ...] = ()

    @property
    def questions(self) -> list[Question]:
        """What is not decided about it."""
        return self.proposal.questions if self.proposal else []

    @property
    def settings(self) -> dict[str, Any]:
        """What its source says under ``settings``."""
        return {self.dataset: self.profile} if self.profile else {}


def files_in(folder: Path) -> list[Path]:
    """Return the files below a folder that can be exports, in order of their names; hidden ones are left
    out.
    """
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        path
        for path in found
        if not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    ]


def is_readable_kind(path: Path) -> bool:
    """Whether its name ends as a file that MBR reads."""
    return path.name.lower().removesuffix(".gz").endswith(tuple(SUFFIXES))


def recognised(path: Path, name: str, answers: Mapping[str, Any], currency: Any = None) -> Export:
    """Return what a file is taken for; ``answers`` by the key of its questions come before any guess.
    ``currency`` is that of files that show none.

    Raises:
        UnreadableFile: It is nothing that can be read.
        ConfigError: An answer is nothing that a profile can say.
    """
    dataset = answers.get(key_of(DATASET))
    for connector in ("canonical", *_native_connectors()):
        found = canonical_dataset(path) if connector == "canonical" else native_dataset(path, connector)
        if found and (dataset is None or dataset == found):
            return Export(
                path, name, connector, found, _WHY.get(connector, f"its columns are those of {connector}")
            )
    if not path.name.lower().removesuffix(".gz").endswith((".csv", ".xlsx")):
        raise UnreadableFile(
            path.name,
            "has not MBR's own columns; other layouts are read from .csv and .xlsx, export one of these",
        )
    proposal = _around(path, dataset, answers)
    unused = _unused(proposal, answers)
    words, answered = _decided(proposal, answers, currency)
    why = "by its headings and contents"
    return Export(path, name, "mapped", proposal.dataset, why, words, proposal, answered, unused)


_LOOKED_AT = 100
_WHY = {"canonical": "it has MBR's own columns", "focus": "it has the columns of a FOCUS cost export"}


def key_of(key: tuple[str, ...]) -> str:
    """Return a question's key as one text."""
    return ".".join(key)


def answer_text(option: Any) -> str:
    """Write an answer as it can be typed."""
    if isinstance(option, str):
        return option
    written: str = yaml.safe_dump(
        option, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    )
    return written.strip()


def answer_in(text: str) -> Any:
    """Read an answer as it was typed: a text, or words in braces.

    Raises:
        yaml.YAMLError: The braces hold no YAML.
    """
    return yaml.safe_load(text) if text.startswith("{") else text


def canonical_dataset(path: Path) -> str | None:
    """Return the dataset whose required columns a file has; of several, the one with the most. A file most
    of whose columns are others has those by chance: a system's lines with a client_id and a client_name.
    """
    names = names_in(path)
    fitting = [
        dataset
        for dataset in DATASETS.values()
        if set(dataset.required_columns) <= names and len(names & set(dataset.column_names)) * 2 >= len(names)
    ]
    return max(fitting, key=lambda dataset: len(dataset.required_columns)).name if fitting else None


def names_in(path: Path) -> set[str]:
    """Return the headings of a table, or the names in the first records of JSON lines; none of what cannot be
    read.
    """
    try:
        file = open_records(path, ())
        if not file.header and ".jsonl" in path.name.lower():
            batch = next(file.batches(), None)
            packed = batch.column(EXTRA).to_pylist()[:_LOOKED_AT] if batch else []
            return {name for text in packed if text for name in json.loads(text)}
        return set(file.header)
    except UnreadableFile:
        return set()


def _native_connectors() -> list[str]:
    """The connectors that know a file by its columns."""
    return ["focus", *(spec.name for spec in SPECS if any(feed.needs for feed in spec.feeds))]


def native_dataset(path: Path, connector: str) -> str | None:
    """Return the dataset that a connector reads from a table whose columns are all there."""
    if ".jsonl" in path.name.lower() or not any(names_in(path)):
        return None  # records without columns fit everything
    entry = CONNECTORS[connector]
    for name in entry.datasets:
        if entry.spec and not entry.spec.feed(name).needs:
            continue
        dataset = DATASETS[name]
        try:
            file = entry.open(path, dataset, _defaults(connector))
        except (UnreadableFile, ValueError, KeyError):
            continue
        if file.header and set(dataset.required_columns) <= set(file.header):
            return name
    return None


def _defaults(connector: str) -> Mapping[str, Any]:
    try:
        return CONNECTORS[connector].check({})
    except ValueError:
        return {}


def _around(path: Path, dataset: str | None, answers: Mapping[str, Any]) -> Proposal:
    """Propose around what was answered, until that is the same: which columns there are follows from the
    dataset, which may follow from how the file is read.
    """
    held = _checked(path, _held(answers, dataset), dataset)
    while True:
        proposal = propose(path, dataset, held)
        more = _checked(path, _held(answers, proposal.dataset), proposal.dataset)
        if more == held:
            return proposal
        held = more


def _held(answers: Mapping[str, Any], dataset: str | None) -> Held:
    """Return the words of the file and the columns that answers decide, None for one that is left out; of two
    for one thing the last.
    """
    columns_of = DATASETS[dataset].column_names if dataset else ()
    names = {f"columns.{name}": name for name in columns_of}
    words: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    for key, answer in answers.items():
        parts = dict(answer) if isinstance(answer, Mapping) else {}
        if key not in names and key not in WORDS:
            continue
        if isinstance(parts.get("columns"), Mapping):  # words of the whole file
            columns |= parts.pop("columns")
            words |= parts
        elif key in names:
            columns[names[key]] = answer
        elif key == "where" and "fill_down" in parts:
            words |= {"fill_down": parts.pop("fill_down"), key: parts}
        elif key == "dates" and isinstance(answer, str) and answer.startswith("["):
            words[key] = yaml.safe_load(answer)  # a list of forms, as it was typed
        else:
            words[key] = answer
    return Held(words, columns)


def _checked(path: Path, held: Held, dataset: str | None) -> Held:
    """Return what is answered, if it can stand in a profile; parts that are still asked are not looked at."""
    kinds = {column.name: column for column in DATASETS[dataset].columns} if dataset else {}
    try:
        for name, words in held.columns.items():
            if name in kinds and words is not None and TODO not in str(words):
                cell_of(kinds[name], words, f"columns.{name}")
        where = held.words.get("where")
        tests = mapping_of(where, "where", ("only", "skip")) if where and where != TODO else {}
        for word, listed in tests.items():
            for heading, texts in mapping_of(listed, f"where.{word}").items():
                texts_of(texts, f"where.{word}.{heading}")
    except ValueError as error:
        raise ConfigError(f"{path.name}: the answer {error}") from error
    return held


def _unused(proposal: Proposal, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of answers about columns that the dataset has not, and about parts that nobody asks."""
    known = {f"columns.{name}" for name in DATASETS[proposal.dataset].column_names}
    known |= {key_of(question.key) for question in proposal.questions}
    return tuple(key for key in answers if key.startswith("columns.") and key not in known)


def _decided(
    proposal: Proposal, answers: Mapping[str, Any], currency: Any
) -> tuple[dict[str, Any], frozenset[str]]:
    """Put answers into a proposal that are parts of a column, such as what a text means; return its words,
    and the columns that a person decided.
    """
    for question in proposal.questions:
        if len(question.key) > 2 and key_of(question.key) in answers:
            place: Any = proposal.settings
            for part in question.key[:-1]:
                place = place[part]
            place[question.key[-1]] = answers[key_of(question.key)]
    _follow(proposal, currency)
    names = DATASETS[proposal.dataset].column_names
    return proposal.settings, frozenset(name for name in names if f"columns.{name}" in answers)


def _follow(proposal: Proposal, currency: Any) -> None:
    """Let one answer settle what follows from it: the folder's currency, and the end of a period whose start
    is the month's.
    """
    if str(proposal.columns.get("currency")).startswith(TODO) and currency:
        proposal.put("currency", {"constant": currency}, "as answered for the folder")
    start, end = DATASETS[proposal.dataset].interval or ("", "")
    is_open = str(proposal.columns.get(end)).startswith(TODO)
    if is_open and proposal.columns.get(start) == {"period": "month_start"}:
        proposal.put(end, {"period": "next_month_start"}, "the month of the folder, as its start")

"""Names on client invoices and agreements that the list of clients does not have.

What belongs here: finding them, asking who each is, and the profile's word for the answer. What does not:
vendors' customers, which are mapped (``mapping_help``), and which column names clients (``ids``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mbr_pipeline.mapping_help.match_clients import Clients
from mbr_pipeline.mapping_help.suggest import MOST_SHOWN, Candidate, Unmapped, best_of
from mbr_pipeline.profiling.proposal import Question
from mbr_pipeline.setup.known_files import LEAVE
from mbr_pipeline.setup.reading import records_of

_NAMING = ("invoice_lines", "agreements")


@dataclass(frozen=True)
class Reads:
    """A file with what it is read as."""

    path: Path
    name: str
    connector: str
    dataset: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Renamed:
    """A person's answer: in this file, a name stands for a client."""

    file: Reads
    text: str
    client_id: str


def strangers(
    files: Sequence[Reads], answers: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Renamed], list[tuple[str, Question]], list[tuple[str, str]]]:
    """Return the names that stand for a client as answered, what is asked, and the names that stay unknown.

    Asked is only about files that are read by a profile, where at least half of the names are known: with
    fewer, another column may be the right one, which is a question of its own.
    """
    known = dict(_of(files, ("clients",), "client_id", "client_name"))
    if not known:
        return [], [], []
    matcher = Clients(Candidate(identifier, name) for identifier, name in known.items())
    done: list[Renamed] = []
    asked: list[tuple[str, Question]] = []
    unknown: list[tuple[str, str]] = []
    for file in (each for each in files if each.dataset in _NAMING):
        named = list(dict.fromkeys(text for text, _ in _of([file], _NAMING, "client_id", "client_id")))
        strange = [text for text in named if text not in known]
        if not strange or len(strange) * 2 > len(named):
            continue
        for text in strange:
            answer = answers.get(file.name, {}).get(f"client.{text}")
            if file.connector != "mapped" or answer == LEAVE:
                unknown.append((file.name, text))
            elif answer in known:
                done.append(Renamed(file, text, str(answer)))
            else:
                asked.append((file.name, _question(text, known, matcher)))
    return done, asked, unknown


def with_renamed(words: Any, renamed: Mapping[str, str]) -> dict[str, Any]:
    """Return the words of a column with these names added."""
    own = dict(words) if isinstance(words, Mapping) else {"heading": words}
    return {**own, "renamed": {**own.get("renamed", {}), **renamed}}


def _question(text: str, known: Mapping[str, str], matcher: Clients) -> Question:
    found = best_of(matcher.score(Unmapped("", text, (text,))))
    nearest = sorted(found, key=lambda each: -each.score)[:MOST_SHOWN]
    likely = "".join(
        f"; {each.candidate.id}"
        + (f" is {known[each.candidate.id]}" if known[each.candidate.id] != each.candidate.id else "")
        + f", {each.because}"
        for each in nearest[:1]
    )
    told = f"“{text}” is no client of the list: which one is it{likely}? {LEAVE} if it lacks there"
    return Question(("client", text), told, (*(each.candidate.id for each in nearest), LEAVE))


def _of(files: Iterable[Reads], datasets: Sequence[str], *columns: str) -> Iterable[tuple[str, str]]:
    for file in files:
        if file.dataset in datasets:
            records = records_of(file.path, file.name, file.connector, file.dataset, file.settings, *columns)
            yield from ((one, other or "") for one, other in records if one)

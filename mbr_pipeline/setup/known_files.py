"""Which dataset of which source a file is, in a workspace that has sources: told by its headings.

What belongs here: holding one file against the sources of ``mbr.yml`` and against what was landed for them.
What does not: months and what is landed already (``next_month``), proposing new profiles (``exports``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.mapped.place import Place
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile, headings_in
from mbr_pipeline.profiling.decided.later import Against, new_doubts
from mbr_pipeline.profiling.proposal import Question
from mbr_pipeline.setup.exports import answer_text, canonical_dataset, key_of, names_in, native_dataset
from mbr_pipeline.setup.reading import ANY_MONTH
from mbr_pipeline.workspace.settings import MspSettings

SOURCE = ("source",)
"""The key of the question which dataset of which source a file is."""

LEAVE = "leave"
"""The answer that a file is not landed."""

AS_BEFORE = "as before"
"""The answer that a file is read as its profile says, whatever it shows that no file before did."""

_EARLIER = 6
"""So many of the last landed files are held against a new one."""

_MOST_ALIKE = 2 / 3
"""The share of headings that a file without one exact match must have in common with the last one landed."""

_SOMEWHAT_ALIKE = 1 / 2


@dataclass(frozen=True)
class Known:
    """One dataset of a source in ``mbr.yml``; ``headings`` are those of the file that was landed for it last,
    in the month ``last``.
    """

    source: str
    dataset: str
    connector: str
    settings: Mapping[str, Any]
    files: str = ""
    headings: tuple[str, ...] = ()
    last: str = ""

    @property
    def label(self) -> str:
        """How an answer names it."""
        return f"{self.source}/{self.dataset}"

    @property
    def profile(self) -> Mapping[str, Any] | None:
        """The profile that reads its files, where one does."""
        return self.settings.get(self.dataset) if self.connector == "mapped" else None


@dataclass(frozen=True)
class Recognised:
    """What a file is: a dataset of a source, or a question, or left out for a reason; notes about it."""

    known: Known | None = None
    question: Question | None = None
    left: str = ""
    notes: tuple[str, ...] = ()


def known_datasets(msp: MspSettings) -> list[Known]:
    """Return every dataset of every source."""
    return [
        Known(name, dataset, source.connector, source.settings, source.files)
        for name, source in msp.sources.items()
        for dataset in source.datasets
    ]


def headings_of(path: Path, known: Known, name: str) -> tuple[str, ...]:
    """Return the headings of a file as its source reads it.

    Raises:
        UnreadableFile: It cannot be read so, or a column that the profile names is not there.
    """
    if known.connector == "mapped":
        dataset = DATASETS[known.dataset]
        if known.dataset not in known.settings:
            raise UnreadableFile(path.name, f"settings.{known.dataset} is missing in mbr.yml")
        profile = profile_of(dataset, known.settings[known.dataset])
        place = Place(f"{known.dataset}.{Path(name).name}", ANY_MONTH)
        return MappedFile(path, profile, place).vendor_headings
    found = (
        canonical_dataset(path) if known.connector == "canonical" else native_dataset(path, known.connector)
    )
    if found != known.dataset:
        raise UnreadableFile(path.name, f"has not the columns of {known.dataset}")
    return tuple(sorted(names_in(path)))


def recognised_as(path: Path, name: str, all_known: Sequence[Known], answer: Any) -> Recognised:
    """Return what a file is; ``answer`` is what a person said.

    It is the dataset whose profile reads it and whose last file had exactly these headings. A subfolder that
    is called as a source says which source it is. Where no file had exactly these, it is the only one whose
    profile reads it, if most headings are the same. Everything else is a question.
    """
    if answer == LEAVE:
        return Recognised(left="as answered")
    fits: list[tuple[Known, tuple[str, ...]]] = []
    refused: list[tuple[Known, str]] = []
    for known in all_known:
        try:
            fits.append((known, headings_of(path, known, name)))
        except UnreadableFile as error:
            refused.append((known, str(error).removeprefix(f"{path.name}: ").removeprefix(f"{path.name} ")))
    if answer:
        return _answered(str(answer), fits, refused, all_known)
    folders = Path(name).parts[:-1]
    fits = [fit for fit in fits if fit[0].source in folders] or fits
    exact = [fit for fit in fits if _same(fit[1], fit[0].headings)]
    if len(exact) == 1:
        return Recognised(exact[0][0])
    near = [fit for fit in fits if _alike(fit[1], fit[0].headings) >= _MOST_ALIKE]
    if not exact and len(fits) == 1 and near:
        return Recognised(fits[0][0], notes=_differences(name, *fits[0]))
    if fits:
        labels = tuple(known.label for known, _ in exact or fits)
        both = " or ".join(labels)
        new = "its profile reads it, but the headings were others"
        first = "it can be read so, and none was landed before"
        why = "both read it" if len(labels) > 1 else new if fits[0][0].headings else first
        return Recognised(question=Question(SOURCE, f"is it {both}? {why}", (*labels, LEAVE)))
    return Recognised(question=Question(SOURCE, _not_known(path, refused), (LEAVE,)))


def doubts_about(
    path: Path, known: Known, earlier: Sequence[Path], month: str, said: Mapping[str, Any]
) -> list[Question]:
    """Return what is asked about a file that a profile reads: doubts that none of the files landed last had,
    and that are not to be read as before. The keys have the month, so that no answer is that of another.
    """
    by_why: dict[str, list[Against]] = {}
    for against in shown_first(path, known, earlier):
        by_why.setdefault(against.why, []).append(against)
    found: dict[str, list[Against]] = {}
    for several in by_why.values():  # of a credit note the amount and the quantity are asked at once
        found.setdefault(key_of(several[0].key), []).extend(several)
    asked = [_doubt(known, key, several, month) for key, several in found.items()]
    return [question for question in asked if said.get(key_of(question.key)) != AS_BEFORE]


def shown_first(path: Path, known: Known, earlier: Sequence[Path]) -> list[Against]:
    """Return what a file that a profile reads shows, and none of the files landed last did."""
    profile = known.profile
    return new_doubts(path, known.dataset, profile, earlier[-_EARLIER:]) if profile else []


def _doubt(known: Known, key: str, several: Sequence[Against], month: str) -> Question:
    ways = [f"{key_of(each.key)}: {answer_text(each.options[0])}" for each in several if each.options]
    such = f", such as by {' and '.join(ways)}" if ways else ""
    why = " ".join(dict.fromkeys(each.why for each in several))
    text = (
        f"{why} No file landed before showed this. Is it read as mbr.yml says ({AS_BEFORE}), or left out"
        f" ({LEAVE}) until settings.{known.dataset} of {known.source} is changed there{such}?"
    )
    return Question((f"{key} in {month}",), text, (AS_BEFORE, LEAVE))


def _answered(
    answer: str,
    fits: Sequence[tuple[Known, tuple[str, ...]]],
    refused: Sequence[tuple[Known, str]],
    all_known: Sequence[Known],
) -> Recognised:
    chosen = next((fit for fit in fits if fit[0].label == answer), None)
    if chosen:
        return Recognised(chosen[0], notes=_differences("", *chosen) if chosen[0].headings else ())
    reason = next((why for known, why in refused if known.label == answer), None)
    labels = tuple(known.label for known in all_known)
    said = f"{answer} cannot read it: it {reason}" if reason else f"mbr.yml has no {answer}"
    return Recognised(question=Question(SOURCE, f"{said}; which is it?", (*labels, LEAVE)))


def _not_known(path: Path, refused: Sequence[tuple[Known, str]]) -> str:
    """Say what a file lacks that is nearly one of a source's, or that it is none, or no whole file."""
    if not path.stat().st_size:
        return f"it is empty: export it again; `{LEAVE}` goes on without it"
    if path.suffix.lower() == ".xlsx" and not is_zipfile(path):
        return f"it is no whole Excel file: export it again; `{LEAVE}` goes on without it"
    likeness = [(_alike(_seen_by(path, known), known.headings), known, why) for known, why in refused]
    share, known, why = max(likeness, key=lambda each: each[0])
    if share >= _SOMEWHAT_ALIKE:
        return (
            f"it looks like {known.label} of {known.last}, but {why.partition(';')[0]}: export it again as it"
            f" was, or change {known.source} in mbr.yml; `{LEAVE}` goes on without it"
        )
    return (
        "it is none of the sources in mbr.yml: add its source there (`mbr profile` proposes it) and run this"
        f" again; `{LEAVE}` goes on without it"
    )


def _seen_by(path: Path, known: Known) -> tuple[str, ...]:
    """Return the headings that a source would see, also where it refuses the file."""
    try:
        if known.connector == "mapped":
            return headings_in(path, profile_of(DATASETS[known.dataset], known.settings[known.dataset]))
        return tuple(sorted(names_in(path)))
    except (UnreadableFile, KeyError):
        return ()


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    return bool(other) and sorted(one) == sorted(other)


def _alike(one: Sequence[str], other: Sequence[str]) -> float:
    together = {*one, *other} - {""}
    return len({*one} & {*other} - {""}) / len(together) if one and other and together else 0.0


def _differences(name: str, known: Known, headings: Sequence[str]) -> tuple[str, ...]:
    more = [heading for heading in headings if heading not in known.headings]
    less = [heading for heading in known.headings if heading not in headings]
    said = [f"has the new column {', '.join(more)}"] if more else []
    said += [f"has no longer {', '.join(less)}, which is not read"] if less else []
    about = f"{name}: " if name else ""
    return (f"{about}{' and '.join(said)}, compared with the file of {known.last}",) if said else ()

"""What dropped files are taken for: where each would land, what it says, and what is asked about it.

What belongs here: putting together, for the page, what `mbr setup` decides in a workspace that is there and
what `mbr land` checks. What does not: deciding and checking (``mbr_pipeline.setup.next_month``,
``mbr_pipeline.ingest.land_checks``), keeping files (``dropped``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from connectors.datasets import DATASETS
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.ingest.land_checks import Place, checked, remarks
from mbr_pipeline.ingest.parse import parse
from mbr_pipeline.profiling.proposal import Question
from mbr_pipeline.serve.files.dropped import Dropped, linked
from mbr_pipeline.setup.exports import key_of
from mbr_pipeline.setup.known_files import LEAVE, SOURCE
from mbr_pipeline.setup.land_month import as_it_lands, place_of
from mbr_pipeline.setup.landed_before import finish_landings
from mbr_pipeline.setup.next_month import Arrival, NextMonth, next_month
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

_LEAVING = re.compile(
    rf" ?\({LEAVE}\)|;? [`]?{LEAVE}[`]? (leaves it out|goes on without it|if it lacks there)"
)
"""How a question says what to answer where nothing can be clicked."""

_FIRST = 5
_MOST_FAULTS = 20


@dataclass(frozen=True)
class Look:
    """What a file says, read as a run will.

    Attributes:
        refusal: Why it may not land as it is; empty where it may.
        rows: How many it has.
        rejected: How many of them are refused.
        totals: Sums of ``amount`` by currency.
        columns: Those that the first records have values in.
        first: The first records.
        faults: The first refused values: line, column_name, value, reason.
        remarks: What people should know of it.
    """

    refusal: str
    rows: int
    rejected: int
    totals: dict[str, Decimal]
    columns: tuple[str, ...]
    first: tuple[dict[str, Any], ...]
    faults: tuple[dict[str, Any], ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A question about a file, as the page puts it."""

    key: str
    text: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """One dropped file.

    Attributes:
        one: The file.
        said: Why it is left or which landed file it is.
        arrival: Where it would land; None where it would not, or where that is asked.
        asked: What is asked first.
        look: What it says; None where it does not land.
        is_known: Whether a source of ``mbr.yml`` reads it, or may.
        is_landed: Whether it lies there already.
    """

    one: Dropped
    said: str = ""
    arrival: Arrival | None = None
    asked: tuple[Asked, ...] = ()
    look: Look | None = None
    is_known: bool = True
    is_landed: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether it can land as it is."""
        return bool(self.arrival and not self.asked and self.look and not self.look.refusal)

    @property
    def meant(self) -> str:
        """Where it would land, as one text: what a person agrees to."""
        if self.arrival is None:
            return ""
        known = self.arrival.known
        return f"{self.arrival.month}/{known.source}/{known.dataset}/{self.arrival.replaces}"


@dataclass(frozen=True)
class Seen:
    """All dropped files of a month.

    Attributes:
        plan: What `mbr setup` would do with them.
        cards: The files.
        notes: What was noticed.
        folder: Where they stand under their names, as long as this is looked at.
    """

    plan: NextMonth
    cards: tuple[Card, ...]
    notes: tuple[str, ...]
    folder: Path = field(default_factory=Path)


@contextmanager
def seen(workspace: Workspace, month: MonthPaths, files: Sequence[Dropped]) -> Iterator[Seen]:
    """Look at the dropped files of a month.

    Raises:
        ConfigError: A setting or an answer is wrong.
    """
    if not files:
        yield Seen(NextMonth(month.period.text), (), ())
        return
    finish_landings(workspace, month.msp_id)
    answers = {one.place: one.answers for one in files}
    with linked(month, files) as folder:
        plan = next_month(folder, workspace, month.msp_id, answers, month.period.text)
        cards = tuple(
            _card(workspace, month, one, plan, files, folder / ".reading" / one.id) for one in files
        )
        notes = tuple(plain(note, files) for note in plan.notes)
        yield Seen(plan, cards, notes, folder)


def plain(text: str, files: Sequence[Dropped]) -> str:
    """Return a message with files called as they were dropped."""
    for one in files:
        text = text.replace(f"{one.id}/", "")
    return text


def _card(
    workspace: Workspace,
    month: MonthPaths,
    one: Dropped,
    plan: NextMonth,
    files: Sequence[Dropped],
    reading: Path,
) -> Card:
    questions = [question for name, question in plan.questions if name == one.place]
    asked = tuple(_asked(question, files) for question in questions)
    arrival = next((each for each in plan.arrivals if each.name == one.place), None)
    if arrival is not None:
        place = place_of(workspace, month.msp_id, arrival)
        look = look_at(place, as_it_lands(workspace, month.msp_id, arrival, reading))
        return Card(one, arrival=arrival, asked=asked, look=look)
    if asked:
        options = asked[0].options
        return Card(one, asked=asked, is_known=not (asked[0].key == key_of(SOURCE) and options == (LEAVE,)))
    landed = next((name for place, name in plan.already if place == one.place), None)
    if landed is not None:
        return Card(one, said=f"is landed already, as {landed}", is_landed=True)
    reason = next((why for place, why in plan.left if place == one.place), "is left out")
    return Card(one, said=plain(reason, files))


def _asked(question: Question, files: Sequence[Dropped]) -> Asked:
    text = _LEAVING.sub("", plain(question.text, files))
    return Asked(key_of(question.key), text, tuple(map(str, question.options)))


def look_at(place: Place, path: Path) -> Look:
    """Read a file as a run will."""
    file = place.landed_file(path)
    refusal = ""
    try:
        checked(place, file)
    except ConfigError as error:
        refusal = str(error).removesuffix("; nothing was landed")
    paths = place.workspace.paths
    parsed = parse(file, paths.parsed, paths.temporary)
    first, faults = list[dict[str, Any]](), list[dict[str, Any]]()
    if not parsed.is_drifted:
        first = _head(parsed.rows_path, _FIRST)
        faults = _head(parsed.rejects_path, _MOST_FAULTS) if parsed.rejected else []
    names = DATASETS[place.dataset].column_names
    columns = tuple(name for name in names if any(row.get(name) is not None for row in first))
    return Look(
        refusal,
        parsed.rows,
        parsed.rejected,
        {currency: Decimal(total) for currency, total in sorted(parsed.totals.items())},
        columns,
        tuple(first),
        tuple(faults),
        tuple(remarks(parsed)),
    )


def _head(path: Path, count: int) -> list[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        batch = next(file.iter_batches(batch_size=count), None)
        return batch.to_pylist() if batch is not None else []

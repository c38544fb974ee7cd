"""What a month has landed, by source and dataset, with what the last run counted of it.

What belongs here: putting the landing zone beside ``gate.json``. What does not: what a file is
(``mbr_pipeline.ingest.landing``), and figures of its own: what no run has read is not counted here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connectors.registry import CONNECTORS
from mbr_pipeline.ingest.landing import SUPERSEDED_FOLDER, LandedFile, Landing, scan
from mbr_pipeline.report.text import figure_texts
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.months.gate import gate_of
from mbr_pipeline.storage.parquet import rows_of
from mbr_pipeline.workspace.paths import MonthPaths

_FIGURES = ("expected", "actual", "difference")


@dataclass(frozen=True)
class OneFile:
    """A landed file; ``rows`` is None where no run has read these bytes. ``instead`` is the file that counts
    in its place.
    """

    name: str
    size: int
    rows: int | None
    instead: str = ""


@dataclass(frozen=True)
class Delivery:
    """What one source has landed of one dataset.

    Attributes:
        connector: How its files are read.
        is_fetched: Whether `mbr fetch` can fetch them.
        files: Those that are read, and those of which a later one counts.
        kept: The names of replaced files.
        due: The day by which it is expected.
        is_late: Whether it is missing, and that day has come.
    """

    source: str
    dataset: str
    connector: str
    is_fetched: bool
    files: tuple[OneFile, ...]
    kept: tuple[str, ...]
    due: date
    is_late: bool


@dataclass(frozen=True)
class Deliveries:
    """All of a month; ``strange``: what lies there and is not read, and why."""

    rows: tuple[Delivery, ...]
    strange: tuple[str, ...]


def deliveries(ask: Ask, today: date) -> Deliveries:
    """Return what is landed of everything that ``mbr.yml`` declares.

    Raises:
        MbrError: `mbr land` is moving files there, or was killed while it did.
    """
    month, msp = ask.month, ask.workspace.msp(ask.month.msp_id)
    landing = scan(ask.workspace.paths, month.msp_id, msp, month.period)
    counted = {
        (entry["path"], entry["sha256"]): entry.get("rows")
        for entry in (gate_of(month) or {}).get("inputs", ())
    }
    by_dataset = _by_dataset(landing, counted)
    rows = []
    for source, dataset in msp.declared():
        entry = msp.sources[source]
        files = tuple(by_dataset.get((source, dataset), ()))
        due = month.period.end.replace(day=entry.due_day or ask.workspace.settings.alerts.due_day)
        rows.append(
            Delivery(
                source,
                dataset,
                entry.connector,
                CONNECTORS[entry.connector].spec is not None,
                files,
                _kept(month, source, dataset),
                due,
                not files and today >= due,
            )
        )
    mine = tuple(text for text in landing.warnings if text.startswith(f"{month.period.text}/"))
    return Deliveries(tuple(rows), mine)


def _by_dataset(
    landing: Landing, counted: Mapping[tuple[str, str], int | None]
) -> dict[tuple[str, str], list[OneFile]]:
    found: dict[tuple[str, str], list[OneFile]] = {}

    def add(file: LandedFile, instead: str) -> None:
        rows = counted.get((file.name, file.sha256))
        one = OneFile(file.path.name, file.size, rows, instead)
        found.setdefault((file.source, file.dataset), []).append(one)

    for file in landing.current:
        add(file, "")
    for each in landing.superseded:
        add(each.file, each.by.path.name)
    return found


def _kept(month: MonthPaths, source: str, dataset: str) -> tuple[str, ...]:
    folder = month.landing / source / SUPERSEDED_FOLDER
    return tuple(path.name for path in sorted(folder.glob(f"{dataset}.*")) if path.is_file())


def controls(month: MonthPaths) -> list[dict[str, Any]]:
    """Return the control totals of the month's last run, and the controls of its files that failed; figures
    as text.
    """
    path = _table(month)
    if path is None:
        return []
    columns = ["source", "control", "dataset", "scope", *_FIGURES, "passed", "message"]
    rows = rows_of(path, columns=columns)
    mine = [
        {**row, **dict(zip(_FIGURES, figure_texts(row[name] for name in _FIGURES), strict=True))}
        for row in rows
        if row["source"] and (row["control"] == "CONTROL_TOTAL_MISMATCH" or not row["passed"])
    ]
    return sorted(
        mine, key=lambda row: (row["passed"], row["source"], row["dataset"] or "", row["scope"] or "")
    )


def _table(month: MonthPaths) -> Path | None:
    """The table of the last run: a blocked one is in ``reports`` until a run is published."""
    folders: Sequence[Path] = (month.report / "blocked", month.published)
    paths = (folder / "fct_control_totals.parquet" for folder in folders)
    return next((path for path in paths if path.exists()), None)

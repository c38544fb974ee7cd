"""The rejected rows of a month's last run, a page at a time, each as it stands in its file.

What belongs here: finding the rows again. What does not: what is rejected and why
(``mbr_pipeline.audit.rejected_rows`` wrote the list).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.datasets import DATASETS
from connectors.files.records import EXTRA, LINE, UnreadableFile
from connectors.registry import CONNECTORS
from mbr_pipeline.audit.rejected_rows import FILE_NAME
from mbr_pipeline.ingest.landing import LandedFile, scan
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.months.gate import gate_of
from mbr_pipeline.workspace.paths import MonthPaths

A_PAGE = 100
_MOST_READ = 32 * 1024 * 1024
"""Bytes of a landed file that is looked through for whole rows; of a larger one only the cells are shown."""


@dataclass(frozen=True)
class Row:
    """One rejected row: what is wrong, by column (``""``: the row itself), and all its cells, where they can
    be read.
    """

    line: int
    faults: Mapping[str, tuple[str, str]]
    cells: Mapping[str, str]


@dataclass(frozen=True)
class InFile:
    """Rejected rows of one file, and the columns that one of them has something in."""

    file: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """One page of the list; ``has_more`` whether another follows, ``count`` how many faults the run found."""

    files: tuple[InFile, ...]
    has_more: bool
    count: int | None


def rejected(ask: Ask, number: int) -> Page:
    """Return a page of the list, the first being 1."""
    month = ask.month
    start = (number - 1) * A_PAGE
    listed = list(islice(_listed(month), start, start + A_PAGE + 1))
    files = _files(ask) if listed else {}
    found = []
    for name, faults in groupby(listed[:A_PAGE], key=lambda each: each["file"]):
        found.append(_in_file(name, list(faults), files.get(name)))
    gate = gate_of(month)
    return Page(tuple(found), len(listed) > A_PAGE, gate.get("rejected_count") if gate else None)


def _listed(month: MonthPaths) -> Iterator[dict[str, str]]:
    try:
        with (month.report / FILE_NAME).open(encoding="utf-8", newline="") as handle:
            yield from csv.DictReader(handle)
    except FileNotFoundError:
        return


def _files(ask: Ask) -> dict[str, LandedFile]:
    msp = ask.workspace.msp(ask.month.msp_id)
    landing = scan(ask.workspace.paths, ask.month.msp_id, msp, ask.month.period)
    return {file.name: file for file in (*landing.current, *landing.earlier)}


def _in_file(name: str, faults: Iterable[Mapping[str, str]], landed: LandedFile | None) -> InFile:
    by_line: dict[int, dict[str, tuple[str, str]]] = {}
    for fault in faults:
        of_line = by_line.setdefault(int(fault["line"]), {})
        of_line[fault["column"] or ""] = (fault["value"] or "", fault["reason"] or "")
    cells = _cells(landed, by_line) if landed else {}
    rows = tuple(Row(line, wrong, cells.get(line, {})) for line, wrong in by_line.items())
    names = dict.fromkeys(column for row in rows for column in (*row.cells, *row.faults) if column)
    order = {column: at for at, column in enumerate(DATASETS[landed.dataset].column_names)} if landed else {}
    columns = sorted(names, key=lambda column: order.get(column, len(order)))
    return InFile(name, rows, tuple(columns))


def _cells(landed: LandedFile, lines: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return the rows of some lines as their reader gives them; none of a file that is too large to look
    through, or that is no longer readable.
    """
    if landed.size > _MOST_READ:
        return {}
    wanted = pa.array(sorted(lines), pa.int64())
    found: dict[int, dict[str, str]] = {}
    try:
        settings: Any = json.loads(landed.settings)
        file = CONNECTORS[landed.connector].open(landed.path, DATASETS[landed.dataset], settings)
        for batch in file.batches():
            for row in batch.filter(pc.is_in(batch.column(LINE), value_set=wanted)).to_pylist():
                extra = json.loads(row.pop(EXTRA, None) or "{}")
                line = row.pop(LINE)
                found[line] = {
                    name: str(value) for name, value in {**row, **extra}.items() if value is not None
                }
            file.faults.clear()
            if len(found) == len(wanted):
                break
    except (UnreadableFile, OSError, ValueError):
        return {}
    return found

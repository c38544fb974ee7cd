"""The list of all rejected rows as a file: ``reports/<msp_id>/<period>/rejected.csv`` (contract §6.1).

What belongs here: writing it for people and their spreadsheets. What does not: what is rejected
(``mbr_pipeline.ingest.parse``, ``mbr_pipeline.ingest.load``), and the short list in ``gate.json``
(``mbr_pipeline.audit.gate``). Everything listed came from outside: no text may become a formula, another line
or a control character.
"""

from __future__ import annotations

import csv
from typing import Any

import duckdb

from mbr_pipeline.safe_text import neutral, shown
from mbr_pipeline.storage.atomic_files import replacing
from mbr_pipeline.workspace.paths import MonthPaths

FILE_NAME = "rejected.csv"

_AT_ONCE = 10_000


def write(connection: duckdb.DuckDBPyConnection, month: MonthPaths) -> None:
    """Write every fault of every rejected row of the month, a part at a time; where nothing is rejected,
    remove an earlier list.
    """
    path = month.report / FILE_NAME
    found = connection.execute("select file, line, column_name, value, reason from raw.rejects order by all")
    rows = found.fetchmany(_AT_ONCE)
    if not rows:
        path.unlink(missing_ok=True)
        return
    with replacing(path, newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("file", "line", "column", "value", "reason"))
        while rows:
            writer.writerows([_cell(value) for value in row] for row in rows)
            rows = found.fetchmany(_AT_ONCE)


def _cell(value: Any) -> Any:
    return neutral(shown(value)) if isinstance(value, str) else value

"""The ledger's database: its soundness and its chains.

What belongs here: SQLite's own check, the imprint of its file, reading rows that may be damaged. What does
not: recomputing a chain (``chain``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.errors import MbrError
from mbr_pipeline.release.verify.chain import Chain, from_rows
from mbr_pipeline.release.verify.findings import Checked
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.storage.database import imprint
from mbr_pipeline.storage.database.opening import URL_VARIABLE, open_database
from mbr_pipeline.storage.database.tables import ledger
from mbr_pipeline.workspace.paths import WorkspacePaths

_FILE = "ledger/ledger.sqlite"
_ENTRY = tuple(Entry.__dataclass_fields__)
_SHOWN = 20


def check_ledger(
    checked: Checked,
    workspace: WorkspacePaths,
    environment: Mapping[str, str] = os.environ,
    msp_id: str | None = None,
) -> dict[str, Chain]:
    """Check the ledger's database and return its chains by MSP, or the one asked for, as far as they can be
    read.
    """
    if environment.get(URL_VARIABLE):
        place = "the ledger's database"
        try:
            with open_database(workspace.ledger, environment).reading() as connection:
                query = sa.select(ledger).order_by(ledger.c.msp_id, ledger.c.seq)
                rows = [dict(row) for row in connection.execute(query).mappings()]
        except MbrError as error:
            checked.add(place, "unreadable", one_line(error))
            return {}
        return _chains(checked, rows, place, msp_id)
    if workspace.ledger.exists():
        return _chains(checked, _read_file(checked, workspace.ledger), _FILE, msp_id)
    kept = imprint.place_of(workspace.ledger)
    if kept and kept.exists():
        checked.add(_FILE, "missing", "the ledger was written and is not there: restore it from a backup")
    return {}


def _read_file(checked: Checked, file: Path) -> list[dict[str, Any]]:
    """Check the SQLite file and return its entries, as far as it can be read. Nothing is written, but what a
    killed writer left half done is undone, as whoever opens the file does.
    """
    rows: list[dict[str, Any]] = []
    checked.count("integrity checks")
    try:
        with closing(sqlite3.connect(file, timeout=60)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            for (problem,) in connection.execute(f"pragma integrity_check({_SHOWN})"):
                if problem != "ok":
                    checked.add(_FILE, "changed", f"SQLite's integrity check: {one_line(problem)}")
            if connection.execute("select 1 from sqlite_master where name = ?", (ledger.name,)).fetchone():
                query = f"select {', '.join(_ENTRY)} from {ledger.name} order by msp_id, seq"
                rows.extend(dict(zip(_ENTRY, row, strict=True)) for row in connection.execute(query))
    except (sqlite3.Error, UnicodeError, MemoryError) as error:  # texts and sizes are whatever lies there
        checked.add(_FILE, "unreadable", f"SQLite cannot read it: {one_line(error)}")
    try:
        _say_imprint(checked, imprint.hold(file))
    except OSError as error:
        checked.add(_FILE, "unreadable", f"it cannot be read: {error.strerror}")
    return rows


def _say_imprint(checked: Checked, state: imprint.State) -> None:
    if state == "changed":
        checked.add(
            _FILE, "changed", "bytes of it were changed by another hand than MBR's since it was written"
        )
    elif state == "ahead":
        checked.add(
            _FILE, "changed", "it is older than what MBR last wrote there: entries may be missing at the end"
        )
    elif state == "behind":
        checked.add(
            _FILE,
            "changed",
            "it was written after its imprint was taken, by another program or a run that was killed: bytes"
            " that belong to no entry are not checked until MBR writes there again",
            is_warning=True,
        )
    elif state == "unknown":
        checked.add(
            _FILE,
            "missing",
            "its imprint is not in warehouse/: bytes that belong to no entry are not checked until MBR writes"
            " there again",
            is_warning=True,
        )


def _chains(checked: Checked, rows: list[dict[str, Any]], place: str, msp_id: str | None) -> dict[str, Chain]:
    by_msp: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if msp_id in (None, row["msp_id"]):
            by_msp.setdefault(str(row["msp_id"]), []).append(row)
    return {msp_id: from_rows(checked, msp_id, found, place) for msp_id, found in by_msp.items()}

"""The load controls: missing, empty, drifted or rejected input of a month, per
declared dataset (contract §5).

What belongs here: evaluating them while loading. What does not: controls that compare datasets
with each other (dbt).
"""

from __future__ import annotations

from typing import Any

import duckdb

from connectors.datasets import DATASETS
from mbr_pipeline.ingest.parse import ParsedFile
from mbr_pipeline.ingest.raw_tables import LOAD_CONTROLS
from mbr_pipeline.workspace.settings import MspSettings


def load_controls(connection: duckdb.DuckDBPyConnection, msp: MspSettings, files: list[ParsedFile]) -> None:
    """Create ``raw.load_controls``: SOURCE_MISSING, SCHEMA_DRIFT, SOURCE_EMPTY and ROW_REJECTED per declared
    dataset of the period.
    """
    counted = connection.execute(
        "select source, dataset, count(distinct (file, line)) from raw.rejects group by all"
    ).fetchall()
    rejected = {(source, dataset): count for source, dataset, count in counted}
    LOAD_CONTROLS.create(
        connection,
        (row for pair in msp.declared() for row in _controls(pair, files, rejected.get(pair, 0))),
    )


def _controls(pair: tuple[str, str], files: list[ParsedFile], rejected: int) -> list[dict[str, Any]]:
    source, name = pair
    mine = [f for f in files if (f.landed.source, f.landed.dataset) == pair]

    def control(code: str, expected: int, actual: int, passed: bool, message: str) -> dict[str, Any]:
        return {
            "control": code,
            "source": source,
            "dataset": name,
            "scope": f"{len(mine)} files",
            "expected": expected,
            "actual": actual,
            "passed": passed,
            "message": message,
        }

    if not mine:
        return [
            control(
                "SOURCE_MISSING",
                1,
                0,
                False,
                f"no file of {name} is landed: land {source}/{name}.csv or undeclare it",
            )
        ]
    drifted = [f for f in mine if f.is_drifted]
    found = sum(f.rows for f in mine)
    drift_text = (
        "; ".join(_drift_message(f) for f in drifted) or "every file has the required columns, each once"
    )
    result = [
        control("SOURCE_MISSING", 1, len(mine), True, f"{len(mine)} files are landed"),
        control("SCHEMA_DRIFT", 0, len(drifted), not drifted, drift_text),
        control(
            "ROW_REJECTED",
            0,
            rejected,
            rejected == 0,
            (
                f"{rejected} of {found} rows are rejected: see the list of rejected rows"
                if rejected
                else f"all {found} rows were accepted"
            ),
        ),
    ]
    readable = [f for f in mine if not f.is_drifted or _is_blank(f)]
    if DATASETS[name].must_have_rows and len(readable) == len(mine):
        empty_text = f"{name} has no rows: export it again" if found == 0 else f"{found} rows are landed"
        result.append(control("SOURCE_EMPTY", 1, found, found > 0, empty_text))
    return result


def _is_blank(file: ParsedFile) -> bool:
    return file.landed.size == 0


def _drift_message(file: ParsedFile) -> str:
    if file.unreadable:
        return file.unreadable
    parts = [f"required columns missing: {', '.join(file.missing_columns)}"] if file.missing_columns else []
    parts += [f"columns repeated: {', '.join(file.repeated_columns)}"] if file.repeated_columns else []
    return f"{file.landed.name}: {'; '.join(parts)}"

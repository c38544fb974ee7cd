"""A row of a FOCUS file, and mapping it.

Belongs here: what the tests share. Does not: expectations.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.files.records import RecordFile
from connectors.focus.reader import focus_records

OWN = Path(__file__).parents[1] / "fixtures" / "focus_1_0.csv"


Row = dict[str, str]


Focus = Callable[..., Path]


def read_focus(path: Path) -> tuple[list[dict[str, Any]], RecordFile]:
    opened = focus_records(path)
    return [record for batch in opened.batches() for record in batch.to_pylist()], opened


def own_rows() -> list[Row]:
    with OWN.open(newline="") as stream:
        return list(csv.DictReader(stream))

"""A table's rows as CSV for a person with a spreadsheet.

What belongs here: writing values. What does not: which tables. Numbers are written as they are kept; text
that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mbr_pipeline.safe_text import neutral, without_commands


def as_csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV in UTF-8, one line for the columns' names; a null is an empty cell, a list JSON."""
    names = list(columns)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return buffer.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    text = without_commands(str(value))
    return neutral(text) if isinstance(value, str) else text

"""What the tests of FOCUS share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.connectors.focus.focus_rows import Focus, Row, own_rows


@pytest.fixture
def focus(tmp_path: Path) -> Focus:
    """Writes rows as a FOCUS CSV file; without rows given, one of them with the changes named."""

    def _focus(rows: list[Row] | None = None, name: str = "x.csv", **changes: str) -> Path:
        rows = rows if rows is not None else [own_rows()[3] | changes]
        path = tmp_path / name
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return _focus

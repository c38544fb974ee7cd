"""What the tests of a month step by step share.

Belongs here: fixtures that several files of this folder use. Does not: what only one needs.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.monthly_close import MonthlyClose
from tests.monthly_close.months import month_of
from tests.support.handmade_marts import write_marts
from tests.support.small import settings, write, write_msp


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", settings(["acme", "birch"]))
    write_msp(tmp_path, "acme")
    return tmp_path


@pytest.fixture
def built(root: Path) -> MonthlyClose:
    """A month that is loaded and whose marts stand, as after dbt."""
    month = month_of(root)
    month.load()
    with duckdb.connect(str(month.paths.warehouse_file)) as connection:
        write_marts(connection, schemas=("marts", "intermediate"))
    return month

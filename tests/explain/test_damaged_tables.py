"""`mbr explain` where published tables are damaged: restored and read at once, or named with the cure.

Belongs here: the published tables. Does not: derivations, which need the month's records (tests/worlds).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.explain import explain_client, explain_exception
from mbr_pipeline.explain.published import find_exceptions, of_month
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.release.months import Month
from tests.support.small import PERIOD

UNDERBILLED = "1" * 24


def _damage(month: Month) -> None:
    for name in ("fct_exceptions", "fct_variance_bridge", "dim_client"):
        (month.paths.published / f"{name}.parquet").write_bytes(b"x" * 100)


def test_those_of_a_closed_month_are_restored_and_read_at_once(tmp_path: Path) -> None:
    month = Month(tmp_path)
    month.told("close", "--except", "C-2", "--reason", "r")
    _damage(month)
    [found] = find_exceptions(WorkspacePaths(tmp_path), UNDERBILLED)
    assert (found.month.period.text, found.finding.client_id) == (PERIOD, "C-2")
    _damage(month)
    [row] = of_month(month.paths, lambda tables: tables.rows("fct_exceptions"))
    assert row["exception_id"] == UNDERBILLED


def test_those_of_an_open_month_are_named_with_the_cure_each_time(tmp_path: Path) -> None:
    month = Month(tmp_path)
    _damage(month)
    cure = f"are damaged: run `mbr run --period {PERIOD} --msp acme`"
    for _ in range(2):
        with pytest.raises(MbrError, match=cure):
            explain_exception(WorkspacePaths(tmp_path), UNDERBILLED)
        with pytest.raises(MbrError, match=cure):
            explain_client(WorkspacePaths(tmp_path), "C-2", PERIOD, "acme")


def test_what_is_nowhere_is_still_said_to_be_nowhere(tmp_path: Path) -> None:
    Month(tmp_path)
    with pytest.raises(ConfigError, match="no exception 222222"):
        explain_exception(WorkspacePaths(tmp_path), "222222")

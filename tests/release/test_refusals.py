"""What closing, opening again, sealing and comparing are refused with, and that nothing is left behind by it
(contract §9).

Belongs here: refusals in words. Does not: what closing does (``test_closing``). The month is that of
``tests.release.months``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.release.status import months_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.release.months import CREDITED, Month, gate
from tests.support.small import PERIOD

EXCEPT = ("--except", "C-2", "--reason", "its count is asked for")


def test_a_month_that_was_mistyped_is_refused_and_listed_nowhere(month: Month) -> None:
    assert month.refused("close", "--period", "2031-01")[0] == 3
    assert month.refused("reopen", "--period", "2031-02", "--reason", "r")[0] == 2
    assert month.refused("seal", "--period", "2031-03")[0] == 2
    assert months_of(Workspace.open(WorkspacePaths(month.root))) == [("acme", PERIOD)]


def test_a_held_client_is_named_as_a_shell_takes_it(month: Month) -> None:
    held = {**gate()[1], "client_id": "O'Neil & Co"}
    month.publish({"marts.fct_client_gate": [held]})
    assert """--except 'O'"'"'Neil & Co' --reason TEXT""" in month.refused("close")[1]


def test_one_version_has_nothing_to_be_compared_with(month: Month) -> None:
    none = f"acme {PERIOD} has no two versions to compare: "
    assert month.refused("restatement") == (2, f"{none}it was never closed")
    month.told("close", *EXCEPT)
    has = "it has one version, the next is there once it was opened again and run"
    assert month.refused("restatement") == (2, f"{none}{has}")
    month.told("reopen", "--reason", "r")
    month.publish(CREDITED)
    said = f"acme {PERIOD} has no versions 2 and 1 to compare: its newest version is 2"
    assert month.refused("restatement", "--from", "2", "--to", "1") == (2, said)


def test_a_month_that_another_ledger_closed_is_never_changed(tmp_path: Path) -> None:
    month = Month(tmp_path)
    month.told("close", *EXCEPT)
    (tmp_path / "ledger/ledger.sqlite").unlink()
    published = tmp_path / "published/acme"
    kept = {path: path.read_bytes() for path in published.rglob("*.*") if path.is_file()}
    for change in (
        ("close", *EXCEPT),
        ("decide", "waive", "1" * 24, "--until", "2026-12", "--reason", "known"),
    ):
        code, told = month.refused(*change)
        assert (code, "no entry of this ledger closed it" in told) == (1, True)
    month.audit(CREDITED)
    with pytest.raises(MbrError, match="version 1 is kept and no entry of this ledger closed it"):
        MonthlyClose.of(WorkspacePaths(tmp_path), "acme", PERIOD).publish()
    assert {path: path.read_bytes() for path in published.rglob("*.*") if path.is_file()} == kept
    assert month.kinds() == []

"""A shared workspace is one ledger's: another installation that is pointed at it by mistake is refused.

Belongs here: the mark in the shared folder, and a run that meets another's. Does not: stores (tests/mirror).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.storage.database.identity import ledger_id
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.storage.database.tables import identity
from mbr_pipeline.workspace import belonging, spread
from mbr_pipeline.workspace.belonging import refuse_another_ledger
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.launching import bytes_below
from tests.support.postgres import Server
from tests.support.small import PERIOD, settings, write, write_msp


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkspacePaths:
    monkeypatch.setenv("MBR_DISTRIBUTED", "1")
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    return WorkspacePaths(tmp_path)


def test_a_run_by_another_ledger_is_refused_before_it_changes_anything(
    workspace: WorkspacePaths, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("east"))
    MonthlyClose.of(workspace, "acme", PERIOD).load()
    spread.end()
    before = bytes_below(workspace.root)
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("west"))
    said = (
        r"published belongs to another ledger than this one: name that ledger in MBR_LEDGER_URL, or give this"
        r" installation a workspace of its own; if that ledger is gone for good, remove .*mbr-ledger\.json;"
        r" nothing was changed$"
    )
    with pytest.raises(ConfigError, match=said):
        MonthlyClose.of(workspace, "acme", PERIOD).load()
    assert bytes_below(workspace.root) == before
    monkeypatch.delenv("MBR_DISTRIBUTED")  # nor one machine beside them
    monkeypatch.delenv("MBR_LEDGER_URL")
    with pytest.raises(ConfigError, match=said):
        refuse_another_ledger(workspace)


def test_a_ledger_that_was_moved_is_the_same_and_one_in_the_place_of_another_takes_over_by_hand(
    workspace: WorkspacePaths, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("before"))
    refuse_another_ledger(workspace)
    known = ledger_id(open_database(workspace.ledger))
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("moved"))
    with open_database(workspace.ledger).writing() as connection:  # as a dump that is restored
        connection.execute(sa.insert(identity).values(ledger_id=known))
    refuse_another_ledger(workspace)
    monkeypatch.setenv("MBR_LEDGER_URL", server.empty("new"))
    with pytest.raises(ConfigError, match=r"remove .*mbr-ledger\.json"):
        refuse_another_ledger(workspace)
    (workspace.published / belonging.MARK).unlink()
    refuse_another_ledger(workspace)
    said = json.loads((workspace.published / belonging.MARK).read_text())
    assert said == {"ledger": ledger_id(open_database(workspace.ledger))}
    assert [path.name for path in workspace.published.iterdir()] == [belonging.MARK]


def test_of_two_that_come_first_together_one_is_refused(workspace: WorkspacePaths) -> None:
    mark = workspace.published / belonging.MARK
    for own in ("east", "west"):
        belonging._make(mark, own)
    assert mark.read_text() == "east"
    assert [path.name for path in workspace.published.iterdir()] == [belonging.MARK]


def test_one_machine_asks_nothing_and_marks_nothing(
    workspace: WorkspacePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MBR_DISTRIBUTED")
    monkeypatch.setenv("MBR_LEDGER_URL", "postgresql://mbr@127.0.0.1:1/nobody")  # who asked would be told
    refuse_another_ledger(workspace)
    assert not workspace.published.exists()

"""Landings and accepted mappings in the chain (contract §8.1, §8.2): who may, entered once, also where the
command died before it entered them.

Belongs here: the commands in this process. Does not: what may land or be mapped (tests/ingest,
tests/mapping_help).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.land import command as land_command
from mbr_pipeline.cli.map import command as map_command
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry, faults
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.ingest.land_files import land_files
from mbr_pipeline.mapping_help.accept import Choice, accept
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.mapping_help.month import CLIENT_MAP, SETTINGS, ran
from tests.support.small import LANDED, PERIOD, settings, write, write_msp

PEOPLE = """people:
  clerk1: {name: First clerk, roles: [clerk]}
"""
WHERE = ("--msp", "acme", "--period", PERIOD)
BILL = "2026-10/vendor/vendor_charges.bill.csv"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", settings(["acme"], PEOPLE))
    write_msp(tmp_path, "acme", {"vendor/vendor_charges.csv": None})
    write(tmp_path / "bill.csv", LANDED["vendor/vendor_charges.csv"])
    write(tmp_path / "next.csv", LANDED["vendor/vendor_charges.csv"].replace("50.00", "60.00"))
    return tmp_path


def _entries(root: Path) -> list[Entry]:
    found = chain(WorkspacePaths(root), "acme")
    assert list(faults("acme", found)) == []
    return found


def _land(root: Path, file: str, *more: str, who: str = "clerk1") -> Any:
    options = (*WHERE, "--source", "vendor", "--dataset", "vendor_charges", "--workspace", str(root))
    return CliRunner().invoke(land_command, [str(root / file), *options, *more], env={"MBR_ACTOR": who})


def _accept(root: Path, *words: str, who: str = "clerk1") -> Any:
    options = ("--workspace", str(root), *WHERE, "--as", who)
    return CliRunner().invoke(map_command, ["accept", *options, *words])


def test_a_landing_is_entered_with_its_bytes_and_what_it_replaces(root: Path) -> None:
    assert _land(root, "bill.csv").exit_code == 0
    assert _land(root, "bill.csv").exit_code == 0  # landed already, entered already
    assert _land(root, "next.csv", "--replaces", "vendor_charges.bill.csv").exit_code == 0
    assert _land(root, "next.csv", "--replaces", "vendor_charges.bill.csv").exit_code == 0
    after = "2026-10/vendor/vendor_charges.next.csv"
    one, two = sha256_of(root / "bill.csv"), sha256_of(root / "next.csv")
    assert [(e.kind, e.actor, e.period, e.body) for e in _entries(root)] == [
        ("land", "clerk1", PERIOD, {"file": BILL, "sha256": one, "replaces": None}),
        ("land", "clerk1", PERIOD, {"file": after, "sha256": two, "replaces": BILL}),
    ]
    # the first one again, in place of its correction
    assert _land(root, "bill.csv", "--replaces", "vendor_charges.next.csv").exit_code == 0
    assert _entries(root)[2].body == {"file": BILL, "sha256": one, "replaces": after}


def test_a_landing_that_died_before_its_entry_is_entered_by_repeating_it(root: Path) -> None:
    place = Place.of(Workspace.open(WorkspacePaths(root)), "acme", PERIOD, "vendor", "vendor_charges")
    land_files(place, [root / "bill.csv"], [])
    assert _entries(root) == []
    for _ in range(2):
        assert _land(root, "bill.csv").exit_code == 0
    assert [entry.body["file"] for entry in _entries(root)] == [BILL]


def test_what_does_not_land_is_not_entered(root: Path) -> None:
    write(root / "bill.csv", "nothing\n1\n")
    assert isinstance(_land(root, "bill.csv").exception, ConfigError)
    assert _entries(root) == []


def test_who_is_not_listed_lands_nothing_and_the_attempt_is_entered(root: Path) -> None:
    refused = _land(root, "bill.csv", who="stranger").exception
    assert isinstance(refused, ConfigError)
    assert "stranger is not among `people`" in str(refused)
    [entry] = _entries(root)
    assert (entry.kind, entry.actor, entry.body["command"]) == ("denied", "stranger", "land")
    assert entry.body["subject"] == BILL
    assert not (root / "landing/acme" / BILL).exists()
    shutil.rmtree(root / "ledger")
    assert _land(root, "bill.csv", "--as", "clerk1", who="stranger").exit_code == 0
    assert [entry.actor for entry in _entries(root)] == ["clerk1"]


@pytest.fixture
def mapped(tmp_path: Path) -> Path:
    """A month that was run: only then anything is mapped."""
    ran(tmp_path, [])
    write(tmp_path / "mbr.yml", SETTINGS + PEOPLE)
    return tmp_path


ROW = {"source": "pax8", "vendor_customer_id": "T-9", "client_id": "!ignore", "valid_from": "2026-10-01"}


def test_an_accepted_row_is_entered_once_however_often_it_is_accepted(mapped: Path) -> None:
    first = _accept(mapped, "customer", "pax8", "T-9", "!ignore")
    assert first.exit_code == 0, first.exception
    file = mapped / "rules/acme/client_map.csv"
    before = file.read_bytes()
    again = _accept(mapped, "customer", "pax8", "T-9", "!ignore")
    assert (again.exit_code, "has this row already" in again.stdout) == (0, True)
    assert file.read_bytes() == before
    [entry] = _entries(mapped)
    assert (entry.kind, entry.actor, entry.period) == ("map_accept", "clerk1", PERIOD)
    assert entry.body == {"file": "client_map", "row": ROW}


def test_an_acceptance_that_died_before_its_entry_is_entered_by_repeating_it(mapped: Path) -> None:
    opened = Workspace.open(WorkspacePaths(mapped))
    accept(opened, opened.month("acme", PERIOD), Choice("customer", "pax8", "T-9", "!ignore"))
    assert _entries(mapped) == []
    for _ in range(2):
        assert _accept(mapped, "customer", "pax8", "T-9", "!ignore").exit_code == 0
    assert [entry.body["row"] for entry in _entries(mapped)] == [ROW]


def test_a_row_that_says_something_else_is_refused_as_before(mapped: Path) -> None:
    write(mapped / "rules/acme/client_map.csv", f"{CLIENT_MAP}pax8,T-9,C1,,\n")
    refused = _accept(mapped, "customer", "pax8", "T-9", "!ignore").exception
    assert isinstance(refused, ConfigError)
    assert _entries(mapped) == []


def test_who_is_not_listed_maps_nothing_and_the_attempt_is_entered(mapped: Path) -> None:
    refused = _accept(mapped, "customer", "pax8", "T-9", "!ignore", who="stranger").exception
    assert isinstance(refused, ConfigError)
    [entry] = _entries(mapped)
    assert (entry.kind, entry.body["command"]) == ("denied", "map_accept")
    assert entry.body["subject"] == "pax8 T-9"
    assert not (mapped / "rules/acme/client_map.csv").exists()

"""Landings by `mbr setup` are entries of the ledger, as those by `mbr land` are (contract §8.1).

Belongs here: who landed what, repeats, and who may not. Does not: what lands where (``test_next_month``).
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.setup.books import PORTAL, landed, november, of_november, setup

OCTOBER = [
    "2026-10/pax8/vendor_charges.pax8-bill.csv",
    "2026-10/psa/agreements.psa-agreements.csv",
    "2026-10/psa/clients.psa-clients.csv",
    "2026-10/psa/invoice_lines.psa-invoices.csv",
]
BILL = "2026-11/pax8/vendor_charges.pax8-bill.csv"


def _entries(books: Path) -> list[tuple[str, str, str | None, Any]]:
    found = chain(WorkspacePaths(books), "books")
    return [(entry.kind, entry.actor, entry.period, entry.body) for entry in found]


def _files(books: Path) -> list[str]:
    return [body["file"] for _, _, _, body in _entries(books)]


def test_files_of_a_first_and_of_another_month_are_entered_once(books: Path, tmp_path: Path) -> None:
    assert sorted(_files(books)) == OCTOBER
    assert {(kind, period, body["replaces"]) for kind, _, period, body in _entries(books)} == {
        ("land", "2026-10", None)
    }
    new = november(tmp_path)
    assert setup(new, books, "--as", "clerk1").exit_code == 0
    by_clerk = {body["file"]: (who, period) for _, who, period, body in _entries(books)[4:]}
    assert len(by_clerk) == 4
    assert set(by_clerk.values()) == {("clerk1", "2026-11")}
    digest = hashlib.sha256(of_november(PORTAL).encode()).hexdigest()
    assert [body["sha256"] for _, _, _, body in _entries(books) if body["file"] == BILL] == [digest]
    before = _entries(books)
    assert setup(new, books, "--as", "clerk2").exit_code == 0
    assert _entries(books) == before


def test_a_command_that_died_before_it_entered_is_repeated_and_enters(books: Path, tmp_path: Path) -> None:
    shutil.rmtree(books / "ledger")
    assert setup(tmp_path / "exports", books).exit_code == 0
    assert sorted(_files(books)) == OCTOBER


def test_who_may_not_land_lands_nothing(books: Path, tmp_path: Path) -> None:
    with (books / "mbr.yml").open("a") as file:
        file.write("people:\n  clerk1: {name: First clerk, roles: [clerk]}\n")
    before = landed(books)
    done = setup(november(tmp_path), books, "--as", "stranger")
    assert "stranger is not among `people`" in str(done.exception)
    assert landed(books) == before
    kind, who, period, body = _entries(books)[-1]
    assert (kind, who, period, body["command"]) == ("denied", "stranger", "2026-11", "land")

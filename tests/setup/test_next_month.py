"""Another month in a workspace that `mbr setup` made: what lands where, what is asked, what stays as it is.

Belongs here: everything up to the run. Does not: a first month (``test_setup``), the run (``tests/e2e``).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.setup.known_files import LEAVE
from mbr_pipeline.setup.land_month import land_month
from mbr_pipeline.setup.next_month import BESIDE, next_month
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.setup.books import (
    AGREEMENTS,
    CLIENTS,
    PORTAL,
    asked,
    landed,
    november,
    of_november,
    planned,
    setup,
    write,
)


def test_new_files_land_in_their_month_without_a_question(books: Path, tmp_path: Path) -> None:
    settings, rules = (books / "mbr.yml").read_bytes(), sorted((books / "rules").rglob("*"))
    done = setup(november(tmp_path), books)
    assert done.exit_code == 0, done.exception
    there = landed(books)
    assert {name for name in there if name.startswith("2026-11")} == {
        "2026-11/psa/clients.psa-clients.csv",
        "2026-11/psa/agreements.psa-agreements.csv",
        "2026-11/psa/invoice_lines.psa-invoices.csv",
        "2026-11/pax8/vendor_charges.pax8-bill.csv",
    }
    assert there["2026-11/pax8/vendor_charges.pax8-bill.csv"] == of_november(PORTAL)
    assert "4 new files landed for 2026-11" in done.output
    assert ((books / "mbr.yml").read_bytes(), sorted((books / "rules").rglob("*"))) == (settings, rules)


def test_the_same_folder_with_more_files_leaves_what_is_landed_alone(books: Path, tmp_path: Path) -> None:
    before = landed(books)
    folder = tmp_path / "exports"
    shutil.copytree(november(tmp_path), folder / "november")
    done = setup(folder, books)
    assert done.exit_code == 0, done.exception
    assert "pax8 bill.csv: is landed already, 2026-10/pax8/vendor_charges.pax8-bill.csv" in done.output
    after = landed(books)
    assert {name: text for name, text in after.items() if name in before} == before
    assert len(after) == len(before) + 4


def test_running_it_again_changes_nothing(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path)
    assert setup(folder, books).exit_code == 0
    before = landed(books)
    done = setup(folder, books)
    assert (done.exit_code, landed(books)) == (0, before), done.exception
    assert "nothing new is here" in done.output and "--period 2026-11" in done.output


def test_after_a_kill_between_any_two_sources_a_rerun_lands_the_rest(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path)
    whole = planned(folder, books)
    assert whole.questions == []
    for stop in range(1, len(whole.arrivals)):
        copy = tmp_path / f"killed-{stop}"
        shutil.copytree(books, copy)
        workspace = Workspace.open(WorkspacePaths(copy))
        landing = land_month(workspace, "books", next_month(folder, workspace, "books", {}, None).arrivals)
        for _ in range(stop):
            next(landing)
        landing.close()
        done = setup(folder, copy)
        assert done.exit_code == 0, done.exception
        assert sum(name.startswith("2026-11") for name in landed(copy)) == 4


def test_an_unchanged_list_in_a_folder_of_new_files_lands_and_is_said(books: Path, tmp_path: Path) -> None:
    found = planned(november(tmp_path, psa_clients=CLIENTS), books)
    assert (found.questions, len(found.arrivals)) == ([], 4)
    assert found.notes == [
        "psa clients.csv: is the same as 2026-10/psa/clients.psa-clients.csv, taken as exported again",
        "psa agreements.csv: “103” is not in the list of clients",
    ]


def test_unchanged_agreements_are_asked_about_since_nothing_else_would_tell_that_they_are_old(
    books: Path, tmp_path: Path
) -> None:
    found = planned(november(tmp_path, psa_agreements=AGREEMENTS), books)
    assert asked(found) == [("psa agreements.csv", "land for 2026-11", ("2026-11", LEAVE))]
    assert "2026-10/psa/agreements.psa-agreements.csv" in found.questions[0][1].text


def test_an_unchanged_list_beside_old_files_is_asked_about(books: Path, tmp_path: Path) -> None:
    folder = november(tmp_path, psa_clients=CLIENTS, pax8_october=PORTAL)
    found = planned(folder, books)
    assert asked(found) == [("psa clients.csv", "land for 2026-11", ("2026-11", LEAVE))]
    assert "2026-10/psa/clients.psa-clients.csv" in found.questions[0][1].text
    yes = planned(folder, books, {"psa clients.csv": {"land for 2026-11": "2026-11"}})
    assert (yes.questions, len(yes.arrivals)) == ([], 4)
    assert [name for name, _ in yes.already] == ["pax8 october.csv"]
    no = planned(folder, books, {"psa clients.csv": {"land for 2026-11": LEAVE}})
    assert (len(no.arrivals), [name for name, _ in no.already]) == (
        3,
        ["pax8 october.csv", "psa clients.csv"],
    )


def test_a_changed_file_of_a_landed_month_is_asked_about_and_replaces_on_demand(
    books: Path, tmp_path: Path
) -> None:
    corrected = PORTAL.replace("10,18.00,180.00", "12,18.00,216.00")
    folder = write(tmp_path / "new", pax8_bill=corrected)
    found = planned(folder, books)
    old = "vendor_charges.pax8-bill.csv"
    assert (found.period, asked(found)) == (
        "2026-10",
        [("pax8 bill.csv", "replaces in 2026-10", (old, BESIDE, LEAVE))],
    )
    answers = tmp_path / "answers.yml"
    done = setup(folder, books, "--answers", str(answers))
    assert isinstance(done.exception, ConfigError) and "1 thing to decide" in str(done.exception)
    assert landed(books)[f"2026-10/pax8/{old}"] == PORTAL
    answers.write_text(yaml.safe_dump({"pax8 bill.csv": {"replaces in 2026-10": old}}))
    assert setup(folder, books, "--answers", str(answers)).exit_code == 0
    there = landed(books)
    assert there[f"2026-10/pax8/{old}"] == corrected
    assert there[f"2026-10/pax8/.superseded/{old}"] == PORTAL
    # the file that it replaced may still be in the folder
    write(folder, pax8_bill_old=PORTAL)
    again = planned(folder, books)
    assert (again.questions, again.arrivals) == ([], [])
    assert again.left == [("pax8 bill old.csv", "it was replaced in 2026-10")]

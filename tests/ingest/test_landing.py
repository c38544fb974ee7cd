"""What is found in the landing zone, what is passed over and why, and when its fingerprint changes
(contract §2).

Belongs here: ``mbr_pipeline.ingest.landing`` alone. Does not: reading what the files say.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mbr_pipeline.ingest.landing import months_with_files, scan
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings
from tests.ingest.scanning import hashes_at, scan_at, warning_of
from tests.support.small import LANDED, write, write_msp


def test_every_declared_file_is_found_once_with_source_and_dataset(root: Path) -> None:
    landing = scan_at(root)
    assert [f.name for f in landing.current] == [
        "2026-10/psa/agreements.csv",
        "2026-10/psa/clients.csv",
        "2026-10/psa/invoice_lines.csv",
        "2026-10/psa/products.csv",
        "2026-10/vendor/license_counts.csv",
        "2026-10/vendor/vendor_charges.csv",
        "2026-10/vendor/vendor_invoices.csv",
    ]
    assert (landing.earlier, landing.warnings) == ((), ())


def test_a_dataset_may_come_in_parts_with_any_middle_and_gzipped(root: Path) -> None:
    for name in (
        "vendor_charges.page2.csv",
        "vendor_charges.2026-10-31.v2.jsonl.gz",
        "vendor_charges.x.XLSX",
    ):
        write(root / "landing/acme/2026-10/vendor" / name, name)
    assert len([f for f in scan_at(root).current if f.dataset == "vendor_charges"]) == 4


PASSED_OVER = {
    "landing/acme/2026-10/vendor/notes.csv": "notes is not a dataset",
    "landing/acme/2026-10/vendor/vendor_charges2.csv": "not a dataset",
    "landing/acme/2026-10/vendor/vendor_charges.pdf": "unknown kind of file",
    "landing/acme/2026-10/vendor/clients.csv": "not declared for source vendor",
    "landing/acme/2026-10/pax8/clients.csv": "source pax8 is not declared",
    "landing/acme/2026-10/clients.csv": "not in a source folder",
    "landing/acme/2026-10/psa/deeper/clients.csv": "not in a source folder",
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_what_cannot_be_placed_is_passed_over_and_named(name: str, root: Path) -> None:
    write(root / name, "x")
    warning = warning_of(root)
    assert warning.startswith(name.removeprefix("landing/acme/"))
    assert PASSED_OVER[name] in warning
    assert len(scan_at(root).current) == 7


@pytest.mark.parametrize("period", ["2026-10", "2026-09"])
def test_a_link_to_nowhere_is_passed_over_and_named_also_in_an_earlier_period(
    period: str, root: Path
) -> None:
    link = root / f"landing/acme/{period}/vendor/vendor_charges.more.csv"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(root / "nowhere.csv")
    said = "it is a link to nowhere, passed over: land what it should lead to"
    assert warning_of(root) == f"{period}/vendor/vendor_charges.more.csv: {said}"
    assert len(scan_at(root).current) == 7


def test_a_link_to_a_file_is_that_file(root: Path) -> None:
    target = root / "exports/charges.csv"
    write(target, LANDED["vendor/vendor_charges.csv"] + "\n")
    link = root / "landing/acme/2026-10/vendor/vendor_charges.more.csv"
    link.symlink_to(target)
    landing = scan_at(root)
    assert "2026-10/vendor/vendor_charges.more.csv" in [file.name for file in landing.current]
    assert landing.warnings == ()


def test_months_with_files_are_those_with_a_file_of_a_declared_dataset(root: Path) -> None:
    write(root / "landing/acme/2026-07/vendor/vendor_charges.csv", LANDED["vendor/vendor_charges.csv"])
    write(root / "landing/acme/2026-08/vendor/notes.txt", "no dataset")
    write(root / "landing/acme/2026-09/other/vendor_charges.csv", LANDED["vendor/vendor_charges.csv"])
    write(root / "landing/acme/2026-13/vendor/vendor_charges.csv", LANDED["vendor/vendor_charges.csv"])
    (root / "landing/acme/2026-11/vendor").mkdir(parents=True)
    (root / "landing/acme/2026-11/vendor/vendor_charges.csv").symlink_to(root / "nowhere.csv")
    paths, msp = WorkspacePaths(root), load_settings(root).msps["acme"]
    assert months_with_files(paths, "acme", msp) == ["2026-07", "2026-10"]
    assert months_with_files(paths, "acme", msp, known={"2026-07"}) == ["2026-10"]


def test_links_in_a_ring_are_passed_over_and_named(root: Path) -> None:
    folder = root / "landing/acme/2026-10/vendor"
    (folder / "vendor_charges.a.csv").symlink_to(folder / "vendor_charges.b.csv")
    (folder / "vendor_charges.b.csv").symlink_to(folder / "vendor_charges.a.csv")
    assert [warning.split(": ")[0] for warning in scan_at(root).warnings] == [
        "2026-10/vendor/vendor_charges.a.csv",
        "2026-10/vendor/vendor_charges.b.csv",
    ]


@pytest.mark.parametrize("period", ["2026-10", "2026-09"])
def test_a_file_whose_name_is_not_utf_8_is_passed_over_and_named(period: str, root: Path) -> None:
    folder = root / f"landing/acme/{period}/vendor"
    folder.mkdir(parents=True, exist_ok=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/vendor_charges.\xfc.csv")).write_text("x", encoding="utf-8")
    said = "its name is not UTF-8, passed over: rename it"
    assert warning_of(root) == f"{period}/vendor/vendor_charges.\\xfc.csv: {said}"
    assert len(hashes_at(root)) == 7


def test_folders_whose_names_are_not_utf_8_are_named_so_that_the_warning_can_be_written(root: Path) -> None:
    for name in (b"/2026-10/v\xfc", b"/M\xe4rz"):
        write(Path(os.fsdecode(os.fsencode(root / "landing/acme") + name + b"/clients.csv")), "x")
    assert scan_at(root).warnings == (
        "2026-10/v\\xfc/clients.csv: its name is not UTF-8, passed over: rename it",
        "M\\xe4rz: not a period folder (YYYY-MM), passed over",
    )


@pytest.mark.parametrize("period", ["2026-10", "2026-09"])
def test_a_source_folder_that_is_a_link_is_read_as_the_folder(period: str, root: Path) -> None:
    elsewhere = root / "elsewhere"
    write(elsewhere / "vendor_charges.linked.csv", "linked")
    link = root / f"landing/acme/{period}/vendor"
    link.parent.mkdir(exist_ok=True)
    if link.exists():
        link.rename(root / "moved")
    link.symlink_to(elsewhere, target_is_directory=True)
    landing = scan_at(root)
    found = landing.current if period == "2026-10" else landing.earlier
    assert [file.name for file in found if file.source == "vendor"] == [
        f"{period}/vendor/vendor_charges.linked.csv"
    ]
    assert landing.warnings == ()


@pytest.mark.parametrize("name", ["2026-09", "2026-10/vendor"])
def test_a_folder_that_is_a_link_to_nowhere_is_passed_over_and_named(name: str, root: Path) -> None:
    link = root / "landing/acme" / name
    if link.exists():
        link.rename(root / "moved")
    link.symlink_to(root / "nowhere", target_is_directory=True)
    assert warning_of(root).startswith(f"{name}: it is a link to nowhere, passed over: land ")


def test_a_link_to_a_folder_anywhere_deeper_is_passed_over_and_named(root: Path) -> None:
    (root / "landing/acme/2026-10/vendor/again").symlink_to(
        root / "landing/acme/2026-10/vendor", target_is_directory=True
    )
    (root / "landing/acme/2026-10/psa/up").symlink_to(root / "landing/acme", target_is_directory=True)
    said = "it is a link to a folder in a source folder, passed over: land the files themselves"
    assert scan_at(root).warnings == (f"2026-10/psa/up: {said}", f"2026-10/vendor/again: {said}")
    assert len(scan_at(root).current) == 7


def test_a_workspace_in_a_folder_called_like_that_of_fetches_is_read(root: Path) -> None:
    inside = root / ".fetch/workspace"
    write_msp(inside, "acme")
    assert (
        len(scan(WorkspacePaths(inside), "acme", load_settings(root).msps["acme"], Period("2026-10")).current)
        == 7
    )


def test_a_folder_that_is_no_period_is_named(root: Path) -> None:
    (root / "landing/acme/2026-1O").mkdir()
    assert "2026-1O" in warning_of(root)


def test_a_pipe_in_the_landing_zone_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "landing/acme/2026-10/psa/clients.pipe.csv")
    assert "not a regular file" in warning_of(root)

"""What is found in the landing zone, what is passed over and why, and when its fingerprint changes (contract
§2).

Belongs here: ``mbr_pipeline.ingest.landing`` alone. Does not: reading what the files say.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mbr_pipeline.ingest.landing import Landing, inputs_hash, periods_landed, scan
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import settings, write, write_msp


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    return tmp_path


def _scan(root: Path, period: str = "2026-10") -> Landing:
    return scan(WorkspacePaths(root), "acme", load_settings(root).msps["acme"], Period(period))


def _warning(root: Path) -> str:
    [warning] = _scan(root).warnings
    return warning


def test_every_declared_file_is_found_once_with_source_and_dataset(root: Path) -> None:
    landing = _scan(root)
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
    assert len([f for f in _scan(root).current if f.dataset == "vendor_charges"]) == 4


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
    warning = _warning(root)
    assert warning.startswith(name.removeprefix("landing/acme/"))
    assert PASSED_OVER[name] in warning
    assert len(_scan(root).current) == 7


@pytest.mark.parametrize("period", ["2026-10", "2026-09"])
def test_a_link_to_nowhere_is_passed_over_and_named_also_in_an_earlier_period(
    period: str, root: Path
) -> None:
    link = root / f"landing/acme/{period}/vendor/vendor_charges.more.csv"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(root / "nowhere.csv")
    said = "it is a link to nowhere, passed over: land what it should lead to"
    assert _warning(root) == f"{period}/vendor/vendor_charges.more.csv: {said}"
    assert len(_scan(root).current) == 7


def test_links_in_a_ring_are_passed_over_and_named(root: Path) -> None:
    folder = root / "landing/acme/2026-10/vendor"
    (folder / "vendor_charges.a.csv").symlink_to(folder / "vendor_charges.b.csv")
    (folder / "vendor_charges.b.csv").symlink_to(folder / "vendor_charges.a.csv")
    assert [warning.split(": ")[0] for warning in _scan(root).warnings] == [
        "2026-10/vendor/vendor_charges.a.csv",
        "2026-10/vendor/vendor_charges.b.csv",
    ]


@pytest.mark.parametrize("period", ["2026-10", "2026-09"])
def test_a_file_whose_name_is_not_utf_8_is_passed_over_and_named(period: str, root: Path) -> None:
    folder = root / f"landing/acme/{period}/vendor"
    folder.mkdir(parents=True, exist_ok=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/vendor_charges.\xfc.csv")).write_text("x", encoding="utf-8")
    said = "its name is not UTF-8, passed over: rename it"
    assert _warning(root) == f"{period}/vendor/vendor_charges.\\xfc.csv: {said}"
    assert len(_remembered(root)) == 7


def test_folders_whose_names_are_not_utf_8_are_named_so_that_the_warning_can_be_written(root: Path) -> None:
    for name in (b"/2026-10/v\xfc", b"/M\xe4rz"):
        write(Path(os.fsdecode(os.fsencode(root / "landing/acme") + name + b"/clients.csv")), "x")
    assert _scan(root).warnings == (
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
    landing = _scan(root)
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
    assert _warning(root).startswith(f"{name}: it is a link to nowhere, passed over: land ")


def test_a_link_to_a_folder_anywhere_deeper_is_passed_over_and_named(root: Path) -> None:
    (root / "landing/acme/2026-10/vendor/again").symlink_to(
        root / "landing/acme/2026-10/vendor", target_is_directory=True
    )
    (root / "landing/acme/2026-10/psa/up").symlink_to(root / "landing/acme", target_is_directory=True)
    said = "it is a link to a folder in a source folder, passed over: land the files themselves"
    assert _scan(root).warnings == (f"2026-10/psa/up: {said}", f"2026-10/vendor/again: {said}")
    assert len(_scan(root).current) == 7


def test_a_workspace_in_a_folder_called_like_that_of_fetches_is_read(root: Path) -> None:
    inside = root / ".fetch/workspace"
    write_msp(inside, "acme")
    assert (
        len(scan(WorkspacePaths(inside), "acme", load_settings(root).msps["acme"], Period("2026-10")).current)
        == 7
    )


def test_a_folder_that_is_no_period_is_named(root: Path) -> None:
    (root / "landing/acme/2026-1O").mkdir()
    assert "2026-1O" in _warning(root)


def test_a_pipe_in_the_landing_zone_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "landing/acme/2026-10/psa/clients.pipe.csv")
    assert "not a regular file" in _warning(root)


def test_a_file_whose_bytes_equal_another_is_loaded_once(root: Path) -> None:
    folder = root / "landing/acme/2026-10"
    (folder / "vendor/vendor_charges.copy.csv").write_bytes(
        (folder / "vendor/vendor_charges.csv").read_bytes()
    )
    assert "its bytes equal" in _warning(root)
    assert len(_scan(root).current) == 7


def test_of_earlier_periods_only_bills_and_invoices_are_looked_at_and_later_ones_never(root: Path) -> None:
    for path in (root / "landing/acme/2026-10").glob("*/*.csv"):
        write(root / "landing/acme/2026-09" / path.parent.name / path.name, path.read_text(encoding="utf-8"))
    assert {f.dataset for f in _scan(root, "2026-10").earlier} == {
        "vendor_charges",
        "vendor_invoices",
        "invoice_lines",
    }
    assert _scan(root, "2026-09").earlier == ()
    assert len(_scan(root, "2026-09").current) == 7


def test_the_fingerprint_changes_with_content_place_and_rules_and_with_nothing_else(root: Path) -> None:
    def fingerprint(*others: bytes) -> str:
        return inputs_hash(_scan(root).current, *others)

    before = fingerprint(b"a", b"b")
    clients = root / "landing/acme/2026-10/psa/clients.csv"
    os.utime(clients, (0, 0))
    assert fingerprint(b"a", b"b") == before
    assert fingerprint(b"ab", b"") != before
    write(clients, clients.read_text(encoding="utf-8") + "C-2,Birch\n")
    assert fingerprint(b"a", b"b") != before
    write_msp(root, "acme")
    assert fingerprint(b"a", b"b") == before
    clients.rename(clients.with_name("clients.renamed.csv"))
    assert fingerprint(b"a", b"b") != before


def test_a_file_replaced_within_the_same_second_and_size_is_hashed_anew(root: Path) -> None:
    clients = root / "landing/acme/2026-10/psa/clients.csv"
    before = {f.path: f.sha256 for f in _scan(root).current}
    state = clients.stat()
    write(clients, clients.read_text(encoding="utf-8").replace("Alder", "Elder"))
    os.utime(clients, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert {f.path: f.sha256 for f in _scan(root).current}[clients] != before[clients]


def test_a_damaged_hash_cache_is_begun_anew(root: Path) -> None:
    before = _scan(root).current
    write(root / "warehouse/acme/hashes.json", "{")
    assert _scan(root).current == before


def test_scanning_writes_nothing_into_the_landing_zone(root: Path) -> None:
    before = sorted(root.glob("landing/**/*"))
    _scan(root)
    assert sorted(root.glob("landing/**/*")) == before


def test_periods_of_all_msps_are_listed_once(root: Path) -> None:
    for name in ("acme/2026-08", "other/2026-10", "other/notes"):
        (root / "landing" / name).mkdir(parents=True)
    assert periods_landed(WorkspacePaths(root)) == ["2026-08", "2026-10"]


def test_a_folder_is_a_period_only_if_it_is_written_like_one(root: Path) -> None:
    names = [
        "2026-00",
        "2026-13",
        "2026-1",
        "2026-001",
        "202-010",
        "20260-1",
        "2026_10",
        "202a-10",
        "-026-10",
        "2026-1x",
        "26-10",
        "2026-9",
        "2026-009",
        "２０26-10",
        "0000-01",
        "0202-10",
        "9999-12",
    ]
    for name in ["2025-12", *names]:
        write(root / "landing/acme" / name / "vendor/vendor_charges.csv", name)
    landing = _scan(root)
    assert [f.name for f in landing.earlier] == ["2025-12/vendor/vendor_charges.csv"]
    assert sorted(landing.warnings) == sorted(
        f"{name}: not a period folder (YYYY-MM), passed over" for name in names
    )
    assert periods_landed(WorkspacePaths(root)) == ["2025-12", "2026-10"]


def test_months_and_files_stand_in_the_order_of_their_names_whenever_they_came(root: Path) -> None:
    for period in ("2026-09", "2026-01", "2026-12", "2025-12", "2026-02"):
        write(root / f"landing/acme/{period}/vendor/vendor_charges.csv", period)
    write(root / "landing/acme/2026-09/vendor/vendor_charges.b.csv", "b")
    write(root / "landing/acme/2026-09/vendor/vendor_charges.a.csv", "a")
    assert [f.name for f in _scan(root).earlier] == [
        *(f"{period}/vendor/vendor_charges.csv" for period in ("2025-12", "2026-01", "2026-02")),
        *(f"2026-09/vendor/vendor_charges.{part}csv" for part in ("a.", "b.", "")),
    ]
    assert periods_landed(WorkspacePaths(root)) == [
        "2025-12",
        "2026-01",
        "2026-02",
        "2026-09",
        "2026-10",
        "2026-12",
    ]


def test_a_file_beside_the_periods_and_a_workspace_without_landing_zone_are_nothing_landed(
    root: Path,
) -> None:
    write(root / "landing/acme/2026-09", "a file, not a folder")
    write(root / "landing/2026-08", "another")
    assert (_scan(root).earlier, _scan(root).warnings) == ((), ())
    assert periods_landed(WorkspacePaths(root)) == ["2026-10"]
    assert periods_landed(WorkspacePaths(root / "elsewhere")) == []
    assert scan(
        WorkspacePaths(root / "elsewhere"), "acme", load_settings(root).msps["acme"], Period("2026-10")
    ) == Landing((), (), ())


def test_a_file_knows_what_it_is_and_where_it_lies(root: Path) -> None:
    path = root / "landing/acme/2026-10/vendor/vendor_charges.Page.2.CSV.GZ"
    write(path, "nine more")
    [found] = [f for f in _scan(root).current if f.path == path]
    assert (found.period, found.source, found.dataset, found.connector, found.size) == (
        "2026-10",
        "vendor",
        "vendor_charges",
        "canonical",
        9,
    )
    assert found.name == "2026-10/vendor/vendor_charges.Page.2.CSV.GZ"
    # by `sha256sum`
    assert found.sha256 == "6fabe53f6aa0bb4b9cbad3491c012a85e1970a364fd9a7fd25f5e5842741ac2f"


def test_a_name_that_begins_with_a_dot_is_named_whole(root: Path) -> None:
    write(root / "landing/acme/2026-10/vendor/.vendor_charges.csv", "x")
    assert _warning(root).startswith(
        "2026-10/vendor/.vendor_charges.csv: .vendor_charges.csv is not a dataset"
    )


def test_equal_bytes_of_two_datasets_or_two_sources_are_two_files(root: Path) -> None:
    write(root / "mbr.yml", settings(["acme"]).replace("[clients,", "[vendor_invoices, clients,"))
    text = (root / "landing/acme/2026-10/vendor/vendor_invoices.csv").read_text(encoding="utf-8")
    write(root / "landing/acme/2026-10/psa/vendor_invoices.csv", text)
    write(root / "landing/acme/2026-10/vendor/vendor_charges.csv", text)
    landing = _scan(root)
    assert (len(landing.current), landing.warnings) == (8, ())


def _remembered(root: Path) -> dict[str, list[object]]:
    content: dict[str, list[object]] = json.loads(
        (root / "warehouse/acme/hashes.json").read_text(encoding="utf-8")
    )
    return content


def test_bytes_that_were_hashed_are_not_read_again_until_the_file_changes(root: Path) -> None:
    clients = root / "landing/acme/2026-10/psa/clients.csv"
    real = {f.path: f.sha256 for f in _scan(root).current}
    known = _remembered(root)
    assert set(known) == {str(path) for path in real}
    assert known[str(clients)][4] == real[clients]
    # a cache that remembers something else is believed: so the file was not read
    write(
        root / "warehouse/acme/hashes.json",
        json.dumps(known | {str(clients): [*known[str(clients)][:4], "remembered"]}),
    )
    assert {f.path: f.sha256 for f in _scan(root).current}[clients] == "remembered"
    for at in range(4):  # size, time of content, time of change, inode: any of them tells another file
        other = list(known[str(clients)])
        other[at] = 1
        write(root / "warehouse/acme/hashes.json", json.dumps(known | {str(clients): other}))
        assert {f.path: f.sha256 for f in _scan(root).current}[clients] == real[clients]
        assert _remembered(root) == known


def test_the_cache_is_written_only_when_something_was_hashed(root: Path) -> None:
    _scan(root)
    cache = root / "warehouse/acme/hashes.json"
    inode = cache.stat().st_ino
    _scan(root)
    assert cache.stat().st_ino == inode
    write(root / "landing/acme/2026-10/vendor/vendor_charges.more.csv", "x")
    _scan(root)
    assert len(_remembered(root)) == 8

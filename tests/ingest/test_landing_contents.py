"""What files in the landing zone hold: equal bytes, the fingerprint, and the cache of hashes (contract
§2).

Belongs here: bytes and their order. Does not: what is passed over (``test_landing``).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest.landing import Landing, inputs_hash, periods_landed, scan
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings
from tests.ingest.scanning import hashes_at, remember_at, scan_at, warning_of
from tests.support.small import settings, write, write_msp


def test_a_file_whose_bytes_equal_another_is_loaded_once(root: Path) -> None:
    folder = root / "landing/acme/2026-10"
    (folder / "vendor/vendor_charges.copy.csv").write_bytes(
        (folder / "vendor/vendor_charges.csv").read_bytes()
    )
    assert "its bytes equal" in warning_of(root)
    assert len(scan_at(root).current) == 7


_BY_NAME = {
    "vendor_customer_id": {"file_name": "*"},
    "sku_id": "SKU",
    "as_of_date": {"period": "last_day"},
    "entitled_quantity": "Seats",
}


def test_two_customers_files_of_equal_bytes_are_two_where_the_name_says_whose_they_are(root: Path) -> None:
    source = {"connector": "mapped", "datasets": ["license_counts"]}
    for name in ("C-1", "C-2"):
        write(root / f"landing/acme/2026-10/portal/license_counts.{name}.csv", "SKU,Seats\nS,5\n")
    for customer, files in (({"file_name": "*"}, 2), ("SKU", 1)):
        words = {"license_counts": {"columns": _BY_NAME | {"vendor_customer_id": customer}}}
        portal = f"      portal: {json.dumps(source | {'settings': words})}\n"
        write(root / "mbr.yml", settings(["acme"], portal))
        landing = scan_at(root)
        assert len([file for file in landing.current if file.source == "portal"]) == files
        assert len(landing.warnings) == 2 - files


def test_of_earlier_periods_only_bills_and_invoices_are_looked_at_and_later_ones_never(root: Path) -> None:
    for path in (root / "landing/acme/2026-10").glob("*/*.csv"):
        write(root / "landing/acme/2026-09" / path.parent.name / path.name, path.read_text(encoding="utf-8"))
    assert {f.dataset for f in scan_at(root, "2026-10").earlier} == {
        "vendor_charges",
        "vendor_invoices",
        "invoice_lines",
    }
    assert scan_at(root, "2026-09").earlier == ()
    assert len(scan_at(root, "2026-09").current) == 7


def test_the_fingerprint_changes_with_content_place_and_rules_and_with_nothing_else(root: Path) -> None:
    def fingerprint(*others: bytes) -> str:
        return inputs_hash(scan_at(root).current, *others)

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
    before = {f.path: f.sha256 for f in scan_at(root).current}
    state = clients.stat()
    write(clients, clients.read_text(encoding="utf-8").replace("Alder", "Elder"))
    os.utime(clients, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert {f.path: f.sha256 for f in scan_at(root).current}[clients] != before[clients]


def test_a_damaged_hash_cache_is_begun_anew(root: Path) -> None:
    before = scan_at(root).current
    write(root / "warehouse/acme/hashes.json", "{")
    assert scan_at(root).current == before


def test_scanning_writes_nothing_into_the_landing_zone(root: Path) -> None:
    before = sorted(root.glob("landing/**/*"))
    scan_at(root)
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
    landing = scan_at(root)
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
    assert [f.name for f in scan_at(root).earlier] == [
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
    assert (scan_at(root).earlier, scan_at(root).warnings) == ((), ())
    assert periods_landed(WorkspacePaths(root)) == ["2026-10"]
    assert periods_landed(WorkspacePaths(root / "elsewhere")) == []
    assert scan(
        WorkspacePaths(root / "elsewhere"), "acme", load_settings(root).msps["acme"], Period("2026-10")
    ) == Landing((), (), ())


def test_a_file_knows_what_it_is_and_where_it_lies(root: Path) -> None:
    path = root / "landing/acme/2026-10/vendor/vendor_charges.Page.2.CSV.GZ"
    write(path, "nine more")
    [found] = [f for f in scan_at(root).current if f.path == path]
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
    assert warning_of(root).startswith(
        "2026-10/vendor/.vendor_charges.csv: .vendor_charges.csv is not a dataset"
    )


def test_equal_bytes_of_two_datasets_or_two_sources_are_two_files(root: Path) -> None:
    write(root / "mbr.yml", settings(["acme"]).replace("[clients,", "[vendor_invoices, clients,"))
    text = (root / "landing/acme/2026-10/vendor/vendor_invoices.csv").read_text(encoding="utf-8")
    write(root / "landing/acme/2026-10/psa/vendor_invoices.csv", text)
    write(root / "landing/acme/2026-10/vendor/vendor_charges.csv", text)
    landing = scan_at(root)
    assert (len(landing.current), landing.warnings) == (8, ())


def test_bytes_that_were_hashed_are_not_read_again_until_the_file_changes(root: Path) -> None:
    clients = root / "landing/acme/2026-10/psa/clients.csv"
    real = {f.path: f.sha256 for f in scan_at(root).current}
    known = hashes_at(root)
    assert set(known) == {str(path) for path in real}
    assert known[str(clients)][4] == real[clients]
    # a cache that remembers something else is believed: so the file was not read
    remember_at(root, known | {str(clients): [*known[str(clients)][:4], "remembered"]})
    assert {f.path: f.sha256 for f in scan_at(root).current}[clients] == "remembered"
    for at in range(4):  # size, time of content, time of change, inode: any of them tells another file
        other = list(known[str(clients)])
        other[at] = 1
        remember_at(root, known | {str(clients): other})
        assert {f.path: f.sha256 for f in scan_at(root).current}[clients] == real[clients]
        assert hashes_at(root) == known


def test_the_cache_is_written_only_when_something_was_hashed(root: Path) -> None:
    scan_at(root)
    cache = root / "warehouse/acme/hashes.json"
    inode = cache.stat().st_ino
    scan_at(root)
    assert cache.stat().st_ino == inode
    write(root / "landing/acme/2026-10/vendor/vendor_charges.more.csv", "x")
    scan_at(root)
    assert len(hashes_at(root)) == 8


def _replacing(root: Path) -> Path:
    """A source of which the last file of each dataset counts, with three exports of the month so far."""
    declared = settings(["acme"])
    write(root / "mbr.yml", declared.replace("license_counts]}", "license_counts], files: replace}"))
    folder = root / "landing/acme/2026-10/vendor"
    for name in ("vendor_charges.1028.csv", "vendor_charges.1101.csv", "vendor_charges.10.csv"):
        write(folder / name, name)
    return folder


def test_of_a_source_that_replaces_only_the_last_name_of_each_dataset_counts(root: Path) -> None:
    _replacing(root)
    landing = scan_at(root)
    assert [f.path.name for f in landing.current if f.source == "vendor"] == [
        "license_counts.csv",
        "vendor_charges.csv",
        "vendor_invoices.csv",
    ], "by code point a letter comes behind every digit"
    (root / "landing/acme/2026-10/vendor/vendor_charges.csv").unlink()
    landing = scan_at(root)
    assert [f.path.name for f in landing.current if f.dataset == "vendor_charges"] == [
        "vendor_charges.1101.csv"
    ]
    assert [(s.file.path.name, s.by.path.name) for s in landing.superseded] == [
        ("vendor_charges.10.csv", "vendor_charges.1101.csv"),
        ("vendor_charges.1028.csv", "vendor_charges.1101.csv"),
    ]
    assert landing.warnings == tuple(
        f"2026-10/vendor/{name}: vendor_charges.1101.csv counts in its place (files: replace)"
        for name in ("vendor_charges.10.csv", "vendor_charges.1028.csv")
    )


def test_it_does_so_in_earlier_periods_and_with_equal_bytes_too(root: Path) -> None:
    folder = _replacing(root)
    write(folder / "vendor_charges.z.csv", "vendor_charges.10.csv")
    folder.rename(root / "landing/acme/2026-10/moved")
    (root / "landing/acme/2026-09").mkdir()
    (root / "landing/acme/2026-10/moved").rename(root / "landing/acme/2026-09/vendor")
    assert [f.name for f in scan_at(root).earlier] == [
        "2026-09/vendor/vendor_charges.z.csv",
        "2026-09/vendor/vendor_invoices.csv",
    ]


def test_what_was_replaced_is_kept_and_never_read(root: Path) -> None:
    folder = root / "landing/acme/2026-10/vendor"
    before = scan_at(root)
    for name in ("vendor_charges.csv", ".incoming/2026-10/vendor/vendor_charges.csv", "notes.txt"):
        write(folder / ".superseded" / name, "old")
    assert scan_at(root) == before


def test_a_landing_that_was_interrupted_is_not_computed_from(root: Path) -> None:
    write(root / "landing/acme/2026-09/vendor/.superseded/.landing.json", "{}")
    with pytest.raises(MbrError, match="2026-09/vendor/.superseded/.landing.json: `mbr land` is at work"):
        scan_at(root)

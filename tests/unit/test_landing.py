"""What is found in the landing zone, what is passed over and why, and when its fingerprint changes (contract §2).

Belongs here: ``mbr_pipeline.landing`` alone. Does not: reading what the files say.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mbr_pipeline.landing import Landing, inputs_hash, periods_landed, scan
from mbr_pipeline.periods import Period
from mbr_pipeline.settings import load_settings
from mbr_pipeline.workspace_paths import WorkspacePaths
from tests.small import settings, write, write_msp


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
        "2026-10/psa/agreements.csv", "2026-10/psa/clients.csv", "2026-10/psa/invoice_lines.csv", "2026-10/psa/products.csv",
        "2026-10/vendor/license_counts.csv", "2026-10/vendor/vendor_charges.csv", "2026-10/vendor/vendor_invoices.csv",
    ]  # fmt: skip
    assert (landing.earlier, landing.warnings) == ((), ())


def test_a_dataset_may_come_in_parts_with_any_middle_and_gzipped(root: Path) -> None:
    for name in ("vendor_charges.page2.csv", "vendor_charges.2026-10-31.v2.jsonl.gz", "vendor_charges.x.XLSX"):
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


def test_a_folder_that_is_no_period_is_named(root: Path) -> None:
    (root / "landing/acme/2026-1O").mkdir()
    assert "2026-1O" in _warning(root)


def test_a_pipe_in_the_landing_zone_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "landing/acme/2026-10/psa/clients.pipe.csv")
    assert "not a regular file" in _warning(root)


def test_a_file_whose_bytes_equal_another_is_loaded_once(root: Path) -> None:
    folder = root / "landing/acme/2026-10"
    (folder / "vendor/vendor_charges.copy.csv").write_bytes((folder / "vendor/vendor_charges.csv").read_bytes())
    assert "its bytes equal" in _warning(root)
    assert len(_scan(root).current) == 7


def test_of_earlier_periods_only_bills_and_invoices_are_looked_at_and_later_ones_never(root: Path) -> None:
    for path in (root / "landing/acme/2026-10").glob("*/*.csv"):
        write(root / "landing/acme/2026-09" / path.parent.name / path.name, path.read_text(encoding="utf-8"))
    assert {f.dataset for f in _scan(root, "2026-10").earlier} == {"vendor_charges", "vendor_invoices", "invoice_lines"}
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

"""Controls of loading: what was expected, what was found (contract §5).

Belongs here: ``mbr_pipeline.ingest.load_controls`` as loading calls it. Does not: the records
(``test_load``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from mbr_pipeline.ingest import load, load_controls
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile, parse
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.settings import Policies
from tests.ingest.loading import MSP, Land, P, charge


def _controls(warehouse: duckdb.DuckDBPyConnection, *files: ParsedFile) -> dict[tuple[str, str], bool]:
    load.start_month(warehouse, "acme", MSP, Policies(), P, {})
    for dataset in ("vendor_charges", "license_counts", "clients", "invoice_lines"):
        load.load_dataset(warehouse, dataset, [f for f in files if f.landed.dataset == dataset], P)
    load_controls.load_controls(warehouse, MSP, list(files))
    rows = warehouse.execute("select dataset, control, passed from raw.load_controls").fetchall()
    return {(dataset, control): passed for dataset, control, passed in rows}


def test_every_declared_dataset_has_its_controls_and_a_missing_one_only_that(
    warehouse: duckdb.DuckDBPyConnection, land: Land, tmp_path: Path
) -> None:
    drifted = land("license_counts", "x")
    blank = tmp_path / "blank.csv"
    blank.write_bytes(b"")
    landed = LandedFile(blank, P.text, "vendor", "vendor_charges", "canonical", sha256_of(blank), 0)
    controls = _controls(
        warehouse,
        parse(landed, tmp_path / "cache", tmp_path / "tmp"),
        drifted,
        land("invoice_lines", source="psa"),
    )
    assert controls == {
        # 0 bytes have no header and no rows
        ("vendor_charges", "SOURCE_MISSING"): True,
        ("vendor_charges", "SCHEMA_DRIFT"): False,
        ("vendor_charges", "ROW_REJECTED"): True,
        ("vendor_charges", "SOURCE_EMPTY"): False,
        # one row, and it is refused
        ("license_counts", "SOURCE_MISSING"): True,
        ("license_counts", "SCHEMA_DRIFT"): True,
        ("license_counts", "ROW_REJECTED"): False,
        ("license_counts", "SOURCE_EMPTY"): True,
        ("clients", "SOURCE_MISSING"): False,
        ("invoice_lines", "SOURCE_MISSING"): True,
        ("invoice_lines", "SCHEMA_DRIFT"): True,
        ("invoice_lines", "ROW_REJECTED"): True,
        ("invoice_lines", "SOURCE_EMPTY"): False,
    }


def _control_rows(warehouse: duckdb.DuckDBPyConnection, *files: ParsedFile) -> list[tuple[Any, ...]]:
    _controls(warehouse, *files)
    query = "select control, source, dataset, scope, expected, actual, passed, message from raw.load_controls"
    return warehouse.execute(query).fetchall()


def test_controls_say_what_was_expected_what_was_found_and_what_to_do(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    rows = _control_rows(
        warehouse,
        land("clients", "C-1,Alder", "C-2,Birch", source="psa"),
        land(
            "vendor_charges",
            charge("1"),
            "2,V-1,,SKU-1,recurring,x,5.00,50.00,USD,2026-10-01,2026-11-01",
            charge("3", "x"),
        ),
        land("vendor_charges", charge("4"), part="2"),
        land("license_counts"),
        # another source's files are not these
        land("vendor_charges", charge("1", "x"), source="psa"),
    )
    clients, vendor, counts = (
        ("psa", "clients", "1 files"),
        ("vendor", "vendor_charges", "2 files"),
        ("vendor", "license_counts", "1 files"),
    )
    columns = "every file has the required columns, each once"
    rejected = (
        "2 of 4 rows are rejected: see the list of rejected rows, and land the corrected export with `mbr"
        " land … --replaces` the file they are in"
    )
    assert rows == [
        ("SOURCE_MISSING", *clients, 1, 1, True, "1 file is landed"),
        ("SCHEMA_DRIFT", *clients, 0, 0, True, columns),
        ("ROW_REJECTED", *clients, 0, 0, True, "all 2 rows were accepted"),
        ("SOURCE_MISSING", *vendor, 1, 2, True, "2 files are landed"),
        ("SCHEMA_DRIFT", *vendor, 0, 0, True, columns),
        # two rows, of which one has two faults
        ("ROW_REJECTED", *vendor, 0, 2, False, rejected),
        ("SOURCE_EMPTY", *vendor, 1, 4, True, "4 rows are landed"),
        ("SOURCE_MISSING", *counts, 1, 1, True, "1 file is landed"),
        ("SCHEMA_DRIFT", *counts, 0, 0, True, columns),
        ("ROW_REJECTED", *counts, 0, 0, True, "all 0 rows were accepted"),
        ("SOURCE_EMPTY", *counts, 1, 0, False, "license_counts has no rows: export it again"),
        (
            "SOURCE_MISSING",
            "psa",
            "invoice_lines",
            "0 files",
            1,
            0,
            False,
            "no file of invoice_lines is landed: land psa/invoice_lines.csv or undeclare it",
        ),
    ]
    types = warehouse.execute(
        "select typeof(expected), typeof(actual), typeof(passed) from raw.load_controls limit 1"
    ).fetchone()
    assert types == ("DECIMAL(38,12)", "DECIMAL(38,12)", "BOOLEAN")


def test_a_single_row_is_not_empty_and_a_single_rejected_one_is_told(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    rows = _control_rows(
        warehouse,
        land("vendor_charges", charge("1", "x")),
        land("license_counts", "T-1,SKU-1,2026-10-01,10,10"),
    )
    found = {
        (control, dataset): (int(actual), passed) for control, _, dataset, _, _, actual, passed, _ in rows
    }
    assert found["ROW_REJECTED", "vendor_charges"] == (1, False)
    assert found["SOURCE_EMPTY", "vendor_charges"] == (1, True)
    assert found["SOURCE_EMPTY", "license_counts"] == (1, True)


def test_drift_is_told_file_by_file_and_hides_whether_the_rest_is_empty(
    warehouse: duckdb.DuckDBPyConnection, land: Land, tmp_path: Path
) -> None:
    for part, text in {"a": "line_id,note,note\n1,2,3\n", "b": "note\nx\n", "c": None}.items():
        path = tmp_path / f"2026-10/vendor/vendor_charges.{part}.csv{'.gz' if text is None else ''}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x1f\x8b cut" if text is None else text.encode())
    drifted = [
        parse(
            LandedFile(path, P.text, "vendor", "vendor_charges", "canonical", sha256_of(path), 9),
            tmp_path / "cache",
            tmp_path / "tmp",
        )
        for path in sorted((tmp_path / "2026-10/vendor").iterdir())
    ]
    rows = _control_rows(warehouse, *drifted, land("vendor_charges", part="d"))
    [drift] = [row for row in rows if row[0] == "SCHEMA_DRIFT" and row[2] == "vendor_charges"]
    assert drift[3:7] == ("4 files", 0, 3, False)
    first, repeated, second, unreadable, *_ = drift[7].split("; ")
    missing = (
        "line_id, invoice_id, vendor_customer_id, sku_id, charge_category, quantity, unit_cost, amount,"
        " currency, "
    )
    missing += "charge_period_start, charge_period_end"
    assert (
        first == "2026-10/vendor/vendor_charges.a.csv: required columns missing:"
        f" {missing.removeprefix('line_id, ')}"
    )
    assert repeated == "columns repeated: note"
    assert second == f"2026-10/vendor/vendor_charges.b.csv: required columns missing: {missing}"
    assert "vendor_charges.c.csv.gz" in unreadable
    # the last file is empty, but three cannot be looked into
    assert not [row for row in rows if row[0] == "SOURCE_EMPTY" and row[2] == "vendor_charges"]
    # a file that cannot be used has no rejected rows of its own
    assert [row[5] for row in rows if row[0] == "ROW_REJECTED" and row[2] == "vendor_charges"] == [0]


def test_a_file_without_a_byte_is_empty_and_one_without_a_column_is_not(
    warehouse: duckdb.DuckDBPyConnection, land: Land, tmp_path: Path
) -> None:
    path = tmp_path / "2026-10/vendor/vendor_charges.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\n")
    one_byte = parse(
        LandedFile(path, P.text, "vendor", "vendor_charges", "canonical", sha256_of(path), 1),
        tmp_path / "cache",
        tmp_path / "tmp",
    )
    rows = _control_rows(warehouse, one_byte, land("license_counts"))
    assert [row[0] for row in rows if row[2] == "vendor_charges"] == [
        "SOURCE_MISSING",
        "SCHEMA_DRIFT",
        "ROW_REJECTED",
    ]


def _found(rows: list[tuple[Any, ...]], code: str) -> list[tuple[Any, ...]]:
    return [row[2:] for row in rows if row[0] == code]


def test_counts_of_another_month_are_stale_and_one_of_this_month_is_enough(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    before, after = "T-1,SKU-1,2026-09-30,10,10", "T-1,SKU-1,2026-11-01,10,10"
    said = (
        "none of 2 rows is dated in 2026-10, the latest is of 2026-11-01: land the counts taken in 2026-10 by"
        " `mbr land … --replaces`, and these in the month of their date"
    )
    rows = _control_rows(warehouse, land("license_counts", before, after))
    assert _found(rows, "SOURCE_STALE") == [("license_counts", "1 files", 1, 0, False, said)]
    for day in ("2026-10-01", "2026-10-31"):
        rows = _control_rows(warehouse, land("license_counts", before, f"T-1,SKU-1,{day},10,10", after))
        assert [row[2:5] for row in _found(rows, "SOURCE_STALE")] == [(1, 1, True)]


def test_customers_without_a_count_of_the_month_are_warned_of_where_their_source_has_one(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    stale = ("T-2,SKU-1,2026-09-30,10,10", "T-3,SKU-1,2026-09-29,10,10", "T-3,SKU-1,2026-11-01,1,1")
    _control_rows(warehouse, land("license_counts", "T-1,SKU-1,2026-10-31,10,10", *stale))
    assert load_controls.stale_customers(warehouse) == [
        "vendor: no seat count of 2 customers is dated in 2026-10, so none of their seats are counted,"
        " first T-2 (latest 2026-09-30): export them again"
    ]
    _control_rows(warehouse, land("license_counts", *stale))
    assert load_controls.stale_customers(warehouse) == [], "the control says it of the whole source"


def test_empty_missing_and_damaged_counts_are_not_called_stale(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    for files in ((), (land("license_counts"),), (land("license_counts", "T-1,SKU-1,2026-09-30,x,10"),)):
        assert _found(_control_rows(warehouse, *files), "SOURCE_STALE") == []
        assert load_controls.stale_customers(warehouse) == []


def test_files_that_count_the_same_twice_are_told_with_what_to_do(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    counted = ("T-1,SKU-1,2026-10-01,10,10", "T-2,SKU-1,2026-10-01,4,4")
    old, new = (land("license_counts", *counted, part=part) for part in ("1", "2"))
    assert [row[2:5] for row in _found(_control_rows(warehouse, old), "DOUBLE_LANDING")] == [(0, 0, True)]
    other = land("license_counts", counted[0], part="3")
    said = (
        "license_counts.1.csv and license_counts.2.csv both count T-1 SKU-1 on 2026-10-01 and 1 more"
        " (2 more such pairs): land the right one by `mbr land … --replaces` the other; exports of the month"
        " so far want `files: replace` in mbr.yml"
    )
    rows = _control_rows(warehouse, old, new, other)
    assert _found(rows, "DOUBLE_LANDING") == [("license_counts", "3 files", 0, 3, False, said)]

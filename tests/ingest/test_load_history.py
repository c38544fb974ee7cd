"""Raw tables of a month and what landed before it: of history only what can matter (contract §2, §3).

Belongs here: records of earlier periods. Does not: those of one period (``test_load``).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.ingest import load
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile, parse
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.ingest.loading import Land, P, charge, in_raw, rejected_rows


def test_a_record_landed_before_with_equal_content_belongs_to_the_earlier_period(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = land("vendor_charges", charge("1")), land("vendor_charges", charge("1"), period="2026-09")
    assert in_raw(warehouse, "vendor_charges", *files) == [
        ("2026-09", "2026-09/vendor/vendor_charges.1.csv:2")
    ]
    assert rejected_rows(warehouse) == []


def test_a_record_landed_before_with_other_content_stands_and_the_later_one_is_refused(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = (
        land("vendor_charges", charge("1", "51.00")),
        land("vendor_charges", charge("1"), period="2026-09"),
    )
    assert in_raw(warehouse, "vendor_charges", *files) == [
        ("2026-09", "2026-09/vendor/vendor_charges.1.csv:2")
    ]
    assert rejected_rows(warehouse) == [("2026-10/vendor/vendor_charges.1.csv", 2, "line_id", "1")]


def test_records_refused_in_an_earlier_period_do_not_stand_in_the_way(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    earlier = land("vendor_charges", charge("1", "51.00"), charge("1", "52.00"), period="2026-09")
    assert in_raw(warehouse, "vendor_charges", land("vendor_charges", charge("1")), earlier) == [
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:2")
    ]
    assert rejected_rows(warehouse) == [], "only the period's own rows are listed"


@pytest.mark.parametrize("again", ["51.00", "52.00"])
def test_a_corrected_export_may_repeat_one_of_two_contents_that_were_refused(
    warehouse: duckdb.DuckDBPyConnection, land: Land, again: str
) -> None:
    earlier = land("vendor_charges", charge("1", "51.00"), charge("1", "52.00"), period="2026-09")
    assert in_raw(
        warehouse, "vendor_charges", land("vendor_charges", charge("1", again), charge("1", again)), earlier
    ) == [("2026-10", "2026-10/vendor/vendor_charges.1.csv:2")]
    assert rejected_rows(warehouse) == []


def test_the_first_of_several_earlier_landings_stands_for_all(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = [
        land("vendor_charges", charge("1", amount), period=period)
        for period, amount in (
            ("2026-07", "50.00"),
            ("2026-08", "51.00"),
            ("2026-09", "50.00"),
            ("2026-10", "51.00"),
        )
    ]
    assert in_raw(warehouse, "vendor_charges", *files) == [
        ("2026-07", "2026-07/vendor/vendor_charges.1.csv:2")
    ]
    assert [file for file, *_ in rejected_rows(warehouse)] == ["2026-10/vendor/vendor_charges.1.csv"]


def test_of_history_only_what_reaches_into_the_period_or_repeats_it_is_loaded(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    earlier = land(
        "vendor_charges",
        charge("over", "1.00", "2026-08-01", "2026-09-01"),
        charge("until its first day", "2.00", "2026-09-01", "2026-10-01"),
        charge("into it", "3.00", "2026-09-15", "2026-10-02"),
        charge("ahead of it", "4.00", "2026-11-01", "2026-12-01"),
        charge("all year", "5.00", "2026-01-01", "2027-01-01"),
        charge("billed before", "6.00", "2026-08-01", "2026-09-01", "T-2"),
        charge("nothing on its first day", "7.00", "2026-10-01", "2026-10-01"),
        period="2026-09",
    )
    current = land("vendor_charges", charge("billed again", "6.00", "2026-08-01", "2026-09-01", "T-2"))
    load.load_dataset(warehouse, "vendor_charges", [current, earlier], P)
    found = {line_id for (line_id,) in warehouse.execute("select line_id from raw.vendor_charges").fetchall()}
    assert found == {
        "into it",
        "ahead of it",
        "all year",
        "billed before",
        "billed again",
        "nothing on its first day",
    }


def test_of_history_a_charge_counts_as_repeated_only_if_it_equals_one_in_every_part(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    same = {
        "vendor_customer_id": "T-1",
        "sku_id": "SKU-1",
        "subscription_id": "sub",
        "charge_category": "recurring",
        "charge_type": "new",
        "term": "P1M",
        "quantity": "10",
        "unit_cost": "5.00",
        "amount": "50.00",
        "currency": "USD",
        "charge_period_start": "2026-08-01",
        "charge_period_end": "2026-09-01",
        "detail": "",
    }
    other = {
        "vendor_customer_id": "T-2",
        "sku_id": "SKU-2",
        "subscription_id": "",
        "charge_category": "usage",
        "charge_type": "",
        "term": "P1Y",
        "quantity": "11",
        "unit_cost": "5.01",
        "amount": "50.01",
        "currency": "EUR",
        "charge_period_start": "2026-08-02",
        "charge_period_end": "2026-09-02",
        "detail": "user 2",
    }
    lines = [same, *(same | {column: value} for column, value in other.items())]

    def landed(period: str, source: str, rows: list[dict[str, str]]) -> ParsedFile:
        path = tmp_path / period / source / "vendor_charges.csv"
        path.parent.mkdir(parents=True)
        text = "\n".join(
            [",".join(["line_id", "invoice_id", *same])]
            + [f"{n},V-{period},{','.join(row.values())}" for n, row in enumerate(rows)]
        )
        path.write_text(text + "\n", encoding="utf-8")
        file = LandedFile(
            path, period, source, "vendor_charges", "canonical", sha256_of(path), path.stat().st_size
        )
        return parse(file, tmp_path / "cache", tmp_path / "tmp")

    files = [
        landed(P.text, "vendor", [same | {"quantity": "10.0"}]),
        landed("2026-09", "vendor", lines),
        landed("2026-09", "other", [same]),
    ]
    assert [
        (period, record.partition("/")[2]) for period, record in in_raw(warehouse, "vendor_charges", *files)
    ] == [
        ("2026-09", "vendor/vendor_charges.csv:2"),
        ("2026-10", "vendor/vendor_charges.csv:2"),
    ]


def test_of_history_a_line_that_ends_where_the_period_begins_is_left_and_one_day_more_is_loaded(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    def line(line_id: str, start: str, end: str) -> str:
        return f"{line_id},I-1,C-1,SEAT,1,1.00,1.00,USD,{start},{end},"

    earlier = land(
        "invoice_lines",
        line("a", "2026-09-01", "2026-10-01"),
        line("b", "2026-09-01", "2026-10-02"),
        line("c", "2026-10-31", "2026-12-01"),
        line("d", "2026-12-01", "2027-01-01"),
        period="2026-09",
        source="psa",
    )
    loaded = in_raw(
        warehouse,
        "invoice_lines",
        land("invoice_lines", line("z", "2026-10-01", "2026-11-01"), source="psa"),
        earlier,
    )
    assert [record.rpartition(":")[2] for _, record in loaded] == ["3", "4", "5", "2"]

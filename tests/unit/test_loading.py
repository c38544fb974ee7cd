"""Raw tables of a month: one record per identity, conflicts refused, of history only what can matter (contract §2, §3, §5).

Belongs here: ``mbr_pipeline.loading`` on typed files. Does not: typing them, and what dbt compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mbr_pipeline import loading
from mbr_pipeline.files import sha256_of
from mbr_pipeline.landing import LandedFile
from mbr_pipeline.parsing import ParsedFile, parse
from mbr_pipeline.periods import Period
from mbr_pipeline.settings import MspSettings, Policies, SourceSettings
from mbr_pipeline.warehouse import connected
from tests.small import LANDED

P = Period("2026-10")
HEADERS = {name.split("/")[1].removesuffix(".csv"): text.splitlines()[0] for name, text in LANDED.items()}
MSP = MspSettings(
    name="Acme",
    sources={
        "vendor": SourceSettings(datasets=["vendor_charges", "license_counts"]),
        "psa": SourceSettings(datasets=["clients", "invoice_lines"]),
    },
)
Land = Callable[..., ParsedFile]


@pytest.fixture
def land(tmp_path: Path) -> Land:
    """Lands lines of a dataset and types them."""

    def _land(dataset: str, *lines: str, period: str = P.text, source: str = "vendor", part: str = "1") -> ParsedFile:
        path = tmp_path / period / source / f"{dataset}.{part}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([HEADERS[dataset], *lines]) + "\n", encoding="utf-8")
        landed = LandedFile(path, period, source, dataset, "canonical", sha256_of(path), path.stat().st_size)
        return parse(landed, tmp_path / "cache", tmp_path / "tmp")

    return _land


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connected(None, tmp_path / "tmp") as connection:
        loading.start_month(connection, "acme", MSP, Policies(), P, {})
        yield connection


def _charge(line_id: str, amount: str = "50.00", start: str = "2026-10-01", end: str = "2026-11-01", customer: str = "T-1") -> str:
    return f"{line_id},V-1,{customer},SKU-1,recurring,10,5.00,{amount},USD,{start},{end}"


def _loaded(warehouse: duckdb.DuckDBPyConnection, dataset: str, *files: ParsedFile) -> list[tuple[Any, ...]]:
    loading.load_dataset(warehouse, dataset, list(files), P)
    return warehouse.execute(f"select landed_period, record_id from raw.{dataset} order by 2").fetchall()


def _rejected(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return warehouse.execute("select file, line, column_name, value from raw.rejects order by all").fetchall()


def test_records_say_where_they_come_from(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    assert _loaded(warehouse, "vendor_charges", land("vendor_charges", _charge("1"), _charge("2"))) == [
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:2"),
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:3"),
    ]
    assert _rejected(warehouse) == []


def test_a_record_repeated_in_the_period_is_loaded_once(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    files = land("vendor_charges", _charge("1"), _charge("1", "50.0")), land("vendor_charges", _charge("1"), _charge("2"), part="2")
    assert [record for _, record in _loaded(warehouse, "vendor_charges", *files)] == [
        "2026-10/vendor/vendor_charges.1.csv:2",
        "2026-10/vendor/vendor_charges.2.csv:3",
    ]
    assert _rejected(warehouse) == []


def test_two_contents_of_one_identity_in_the_period_are_all_refused(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    files = land("vendor_charges", _charge("1"), _charge("2")), land("vendor_charges", _charge("1", "51.00"), part="2")
    assert [record for _, record in _loaded(warehouse, "vendor_charges", *files)] == ["2026-10/vendor/vendor_charges.1.csv:3"]
    assert _rejected(warehouse) == [
        ("2026-10/vendor/vendor_charges.1.csv", 2, "line_id", "1"),
        ("2026-10/vendor/vendor_charges.2.csv", 2, "line_id", "1"),
    ]


def test_a_record_landed_before_with_equal_content_belongs_to_the_earlier_period(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = land("vendor_charges", _charge("1")), land("vendor_charges", _charge("1"), period="2026-09")
    assert _loaded(warehouse, "vendor_charges", *files) == [("2026-09", "2026-09/vendor/vendor_charges.1.csv:2")]
    assert _rejected(warehouse) == []


def test_a_record_landed_before_with_other_content_stands_and_the_later_one_is_refused(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = land("vendor_charges", _charge("1", "51.00")), land("vendor_charges", _charge("1"), period="2026-09")
    assert _loaded(warehouse, "vendor_charges", *files) == [("2026-09", "2026-09/vendor/vendor_charges.1.csv:2")]
    assert _rejected(warehouse) == [("2026-10/vendor/vendor_charges.1.csv", 2, "line_id", "1")]


def test_records_refused_in_an_earlier_period_do_not_stand_in_the_way(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    earlier = land("vendor_charges", _charge("1", "51.00"), _charge("1", "52.00"), period="2026-09")
    assert _loaded(warehouse, "vendor_charges", land("vendor_charges", _charge("1")), earlier) == [
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:2")
    ]
    assert _rejected(warehouse) == [], "only the period's own rows are listed"


def test_the_first_of_several_earlier_landings_stands_for_all(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    files = [land("vendor_charges", _charge("1", amount), period=period) for period, amount in
             (("2026-07", "50.00"), ("2026-08", "51.00"), ("2026-09", "50.00"), ("2026-10", "51.00"))]  # fmt: skip
    assert _loaded(warehouse, "vendor_charges", *files) == [("2026-07", "2026-07/vendor/vendor_charges.1.csv:2")]
    assert [file for file, *_ in _rejected(warehouse)] == ["2026-10/vendor/vendor_charges.1.csv"]


def test_one_line_id_on_two_sources_is_two_records_but_one_client_id_is_one(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    charges = [land("vendor_charges", _charge("1", amount), source=source) for source, amount in (("a", "1.00"), ("b", "2.00"))]
    assert len(_loaded(warehouse, "vendor_charges", *charges)) == 2
    clients = [land("clients", f"C-1,{name}", source=source) for source, name in (("a", "Alder"), ("b", "Birch"))]
    assert _loaded(warehouse, "clients", *clients) == []
    assert [(file, value) for file, _, _, value in _rejected(warehouse)] == [
        ("2026-10/a/clients.1.csv", "C-1"), ("2026-10/b/clients.1.csv", "C-1"),
    ]  # fmt: skip


def test_equal_counts_add_up_instead_of_being_one(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    line = "T-1,SKU-1,2026-10-01,10,10"
    assert len(_loaded(warehouse, "license_counts", land("license_counts", line, line))) == 2


def test_of_history_only_what_reaches_into_the_period_or_repeats_it_is_loaded(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    earlier = land(
        "vendor_charges",
        _charge("over", "1.00", "2026-08-01", "2026-09-01"),
        _charge("until its first day", "2.00", "2026-09-01", "2026-10-01"),
        _charge("into it", "3.00", "2026-09-15", "2026-10-02"),
        _charge("ahead of it", "4.00", "2026-11-01", "2026-12-01"),
        _charge("all year", "5.00", "2026-01-01", "2027-01-01"),
        _charge("billed before", "6.00", "2026-08-01", "2026-09-01", "T-2"),
        _charge("nothing on its first day", "7.00", "2026-10-01", "2026-10-01"),
        period="2026-09",
    )
    current = land("vendor_charges", _charge("billed again", "6.00", "2026-08-01", "2026-09-01", "T-2"))
    loading.load_dataset(warehouse, "vendor_charges", [current, earlier], P)
    found = {line_id for (line_id,) in warehouse.execute("select line_id from raw.vendor_charges").fetchall()}
    assert found == {"into it", "ahead of it", "all year", "billed before", "billed again", "nothing on its first day"}


def test_totals_are_those_of_the_period(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    files = [land("vendor_charges", _charge("1", "0.10"), _charge("2", "0.20")),
             land("vendor_charges", _charge("3", "9.00", "2026-01-01", "2027-01-01"), period="2026-09")]  # fmt: skip
    result = loading.load_dataset(warehouse, "vendor_charges", files, P)
    assert (result.rows, result.landed, result.totals) == (3, 2, {"USD": "0.300000000000"})


def _controls(warehouse: duckdb.DuckDBPyConnection, *files: ParsedFile) -> dict[tuple[str, str], bool]:
    for dataset in ("vendor_charges", "license_counts", "clients", "invoice_lines"):
        loading.load_dataset(warehouse, dataset, [f for f in files if f.landed.dataset == dataset], P)
    loading.load_controls(warehouse, MSP, list(files))
    rows = warehouse.execute("select dataset, control, passed from raw.load_controls").fetchall()
    return {(dataset, control): passed for dataset, control, passed in rows}


def test_every_declared_dataset_has_its_controls_and_a_missing_one_only_that(
    warehouse: duckdb.DuckDBPyConnection, land: Land, tmp_path: Path
) -> None:
    drifted = land("license_counts", "x")
    blank = tmp_path / "blank.csv"
    blank.write_bytes(b"")
    landed = LandedFile(blank, P.text, "vendor", "vendor_charges", "canonical", "0", 0)
    controls = _controls(
        warehouse, parse(landed, tmp_path / "cache", tmp_path / "tmp"), drifted, land("invoice_lines", source="psa")
    )
    assert controls == {
        # 0 bytes have no header and no rows
        ("vendor_charges", "SOURCE_MISSING"): True, ("vendor_charges", "SCHEMA_DRIFT"): False,
        ("vendor_charges", "ROW_REJECTED"): True, ("vendor_charges", "SOURCE_EMPTY"): False,
        # one row, and it is refused
        ("license_counts", "SOURCE_MISSING"): True, ("license_counts", "SCHEMA_DRIFT"): True,
        ("license_counts", "ROW_REJECTED"): False, ("license_counts", "SOURCE_EMPTY"): True,
        ("clients", "SOURCE_MISSING"): False,
        ("invoice_lines", "SOURCE_MISSING"): True, ("invoice_lines", "SCHEMA_DRIFT"): True,
        ("invoice_lines", "ROW_REJECTED"): True, ("invoice_lines", "SOURCE_EMPTY"): False,
    }  # fmt: skip

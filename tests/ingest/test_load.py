"""Raw tables of a month: one record per identity, conflicts refused, of history only what can matter
(contract §2, §3, §5).

Belongs here: ``mbr_pipeline.ingest.load`` on typed files. Does not: typing them, and what dbt compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from mbr_pipeline.ingest import load, load_controls
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile, parse
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.settings import MspSettings, Policies, SourceSettings
from tests.support.small import LANDED

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

    def _land(
        dataset: str, *lines: str, period: str = P.text, source: str = "vendor", part: str = "1"
    ) -> ParsedFile:
        path = tmp_path / period / source / f"{dataset}.{part}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([HEADERS[dataset], *lines]) + "\n", encoding="utf-8")
        landed = LandedFile(path, period, source, dataset, "canonical", sha256_of(path), path.stat().st_size)
        return parse(landed, tmp_path / "cache", tmp_path / "tmp")

    return _land


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connected(None, tmp_path / "tmp") as connection:
        load.start_month(connection, "acme", MSP, Policies(), P, {})
        yield connection


def _charge(
    line_id: str,
    amount: str = "50.00",
    start: str = "2026-10-01",
    end: str = "2026-11-01",
    customer: str = "T-1",
) -> str:
    return f"{line_id},V-1,{customer},SKU-1,recurring,10,5.00,{amount},USD,{start},{end}"


def _loaded(warehouse: duckdb.DuckDBPyConnection, dataset: str, *files: ParsedFile) -> list[tuple[Any, ...]]:
    load.load_dataset(warehouse, dataset, list(files), P)
    return warehouse.execute(f"select landed_period, record_id from raw.{dataset} order by 2").fetchall()


def _rejected(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return warehouse.execute("select file, line, column_name, value from raw.rejects order by all").fetchall()


def test_records_say_where_they_come_from(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    assert _loaded(warehouse, "vendor_charges", land("vendor_charges", _charge("1"), _charge("2"))) == [
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:2"),
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:3"),
    ]
    assert _rejected(warehouse) == []


def test_a_record_repeated_in_the_period_is_loaded_once(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = (
        land("vendor_charges", _charge("1"), _charge("1", "50.0")),
        land("vendor_charges", _charge("1"), _charge("2"), part="2"),
    )
    assert [record for _, record in _loaded(warehouse, "vendor_charges", *files)] == [
        "2026-10/vendor/vendor_charges.1.csv:2",
        "2026-10/vendor/vendor_charges.2.csv:3",
    ]
    assert _rejected(warehouse) == []


def test_two_contents_of_one_identity_in_the_period_are_all_refused(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = (
        land("vendor_charges", _charge("1"), _charge("2")),
        land("vendor_charges", _charge("1", "51.00"), part="2"),
    )
    assert [record for _, record in _loaded(warehouse, "vendor_charges", *files)] == [
        "2026-10/vendor/vendor_charges.1.csv:3"
    ]
    assert _rejected(warehouse) == [
        ("2026-10/vendor/vendor_charges.1.csv", 2, "line_id", "1"),
        ("2026-10/vendor/vendor_charges.2.csv", 2, "line_id", "1"),
    ]


def test_a_record_landed_before_with_equal_content_belongs_to_the_earlier_period(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = land("vendor_charges", _charge("1")), land("vendor_charges", _charge("1"), period="2026-09")
    assert _loaded(warehouse, "vendor_charges", *files) == [
        ("2026-09", "2026-09/vendor/vendor_charges.1.csv:2")
    ]
    assert _rejected(warehouse) == []


def test_a_record_landed_before_with_other_content_stands_and_the_later_one_is_refused(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = (
        land("vendor_charges", _charge("1", "51.00")),
        land("vendor_charges", _charge("1"), period="2026-09"),
    )
    assert _loaded(warehouse, "vendor_charges", *files) == [
        ("2026-09", "2026-09/vendor/vendor_charges.1.csv:2")
    ]
    assert _rejected(warehouse) == [("2026-10/vendor/vendor_charges.1.csv", 2, "line_id", "1")]


def test_records_refused_in_an_earlier_period_do_not_stand_in_the_way(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    earlier = land("vendor_charges", _charge("1", "51.00"), _charge("1", "52.00"), period="2026-09")
    assert _loaded(warehouse, "vendor_charges", land("vendor_charges", _charge("1")), earlier) == [
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:2")
    ]
    assert _rejected(warehouse) == [], "only the period's own rows are listed"


@pytest.mark.parametrize("again", ["51.00", "52.00"])
def test_a_corrected_export_may_repeat_one_of_two_contents_that_were_refused(
    warehouse: duckdb.DuckDBPyConnection, land: Land, again: str
) -> None:
    earlier = land("vendor_charges", _charge("1", "51.00"), _charge("1", "52.00"), period="2026-09")
    assert _loaded(
        warehouse, "vendor_charges", land("vendor_charges", _charge("1", again), _charge("1", again)), earlier
    ) == [("2026-10", "2026-10/vendor/vendor_charges.1.csv:2")]
    assert _rejected(warehouse) == []


def test_the_first_of_several_earlier_landings_stands_for_all(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = [
        land("vendor_charges", _charge("1", amount), period=period)
        for period, amount in (
            ("2026-07", "50.00"),
            ("2026-08", "51.00"),
            ("2026-09", "50.00"),
            ("2026-10", "51.00"),
        )
    ]
    assert _loaded(warehouse, "vendor_charges", *files) == [
        ("2026-07", "2026-07/vendor/vendor_charges.1.csv:2")
    ]
    assert [file for file, *_ in _rejected(warehouse)] == ["2026-10/vendor/vendor_charges.1.csv"]


def test_one_line_id_on_two_sources_is_two_records_but_one_client_id_is_one(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    charges = [
        land("vendor_charges", _charge("1", amount), source=source)
        for source, amount in (("a", "1.00"), ("b", "2.00"))
    ]
    assert len(_loaded(warehouse, "vendor_charges", *charges)) == 2
    clients = [
        land("clients", f"C-1,{name}", source=source) for source, name in (("a", "Alder"), ("b", "Birch"))
    ]
    assert _loaded(warehouse, "clients", *clients) == []
    assert [(file, value) for file, _, _, value in _rejected(warehouse)] == [
        ("2026-10/a/clients.1.csv", "C-1"),
        ("2026-10/b/clients.1.csv", "C-1"),
    ]


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


def test_totals_are_those_of_the_period(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    files = [
        land("vendor_charges", _charge("1", "0.10"), _charge("2", "0.20")),
        land("vendor_charges", _charge("3", "9.00", "2026-01-01", "2027-01-01"), period="2026-09"),
    ]
    result = load.load_dataset(warehouse, "vendor_charges", files, P)
    assert (result.rows, result.landed, result.totals) == (3, 2, {"USD": "0.300000000000"})


def _controls(warehouse: duckdb.DuckDBPyConnection, *files: ParsedFile) -> dict[tuple[str, str], bool]:
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
    landed = LandedFile(blank, P.text, "vendor", "vendor_charges", "canonical", "0", 0)
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


def test_a_month_begins_with_its_parameters_and_declarations_and_nothing_else(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rules = {"sku_map": pa.table({"sku_id": ["S"]}), "metering": pa.table({"product_code": ["P", "Q"]})}
    policies = Policies.model_validate(
        {"materiality": "0.1234", "rounding_tolerance": "3", "min_coverage_pct": "99.0001"}
    )
    # begun again, on another month of another MSP: of the first one nothing is left
    load.start_month(
        warehouse, "birch", MSP.model_copy(update={"name": "Birch & Co"}), policies, Period("2026-12"), rules
    )
    cursor = warehouse.execute("select * from raw.run")
    columns = [(name, str(kind)) for name, kind, *_ in cursor.description or ()]
    assert cursor.fetchall() == [
        (
            "birch",
            "Birch & Co",
            "2026-12",
            date(2026, 12, 1),
            date(2027, 1, 1),
            3,
            Decimal("0.1234"),
            Decimal("99.0001"),
        )
    ]
    assert columns == [
        ("msp_id", "VARCHAR"),
        ("msp_name", "VARCHAR"),
        ("period", "VARCHAR"),
        ("period_start", "DATE"),
        ("period_end", "DATE"),
        ("rounding_tolerance", "INTEGER"),
        ("materiality", "DECIMAL(28,4)"),
        ("min_coverage_pct", "DECIMAL(9,4)"),
    ]
    known = (
        "select currency, minor_units from raw.currencies where currency in ('USD', 'JPY', 'KWD') order by 1"
    )
    assert warehouse.execute(known).fetchall() == [
        ("JPY", 0),
        ("KWD", 3),
        ("USD", 2),
    ]
    assert warehouse.execute(
        "select source, dataset, is_psa, connector from raw.declared_datasets"
    ).fetchall() == [
        ("psa", "clients", True, "canonical"),
        ("vendor", "vendor_charges", False, "canonical"),
        ("vendor", "license_counts", False, "canonical"),
        ("psa", "invoice_lines", True, "canonical"),
    ]
    assert warehouse.execute("select count(*) from raw.metering").fetchone() == (2,)
    assert warehouse.execute("select * from raw.rejects").fetchall() == []
    tables = warehouse.execute(
        "select table_name from duckdb_tables() where schema_name = 'raw' order by 1"
    ).fetchall()
    assert [name for (name,) in tables] == [
        "currencies",
        "declared_datasets",
        "metering",
        "rejects",
        "run",
        "sku_map",
    ]


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
            _charge("1"),
            "2,V-1,,SKU-1,recurring,x,5.00,50.00,USD,2026-10-01,2026-11-01",
            _charge("3", "x"),
        ),
        land("vendor_charges", _charge("4"), part="2"),
        land("license_counts"),
        # another source's files are not these
        land("vendor_charges", _charge("1", "x"), source="psa"),
    )
    clients, vendor, counts = (
        ("psa", "clients", "1 files"),
        ("vendor", "vendor_charges", "2 files"),
        ("vendor", "license_counts", "1 files"),
    )
    columns = "every file has the required columns, each once"
    assert rows == [
        ("SOURCE_MISSING", *clients, 1, 1, True, "1 files are landed"),
        ("SCHEMA_DRIFT", *clients, 0, 0, True, columns),
        ("ROW_REJECTED", *clients, 0, 0, True, "all 2 rows were accepted"),
        ("SOURCE_MISSING", *vendor, 1, 2, True, "2 files are landed"),
        ("SCHEMA_DRIFT", *vendor, 0, 0, True, columns),
        # two rows, of which one has two faults
        ("ROW_REJECTED", *vendor, 0, 2, False, "2 of 4 rows are rejected: see the list of rejected rows"),
        ("SOURCE_EMPTY", *vendor, 1, 4, True, "4 rows are landed"),
        ("SOURCE_MISSING", *counts, 1, 1, True, "1 files are landed"),
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
        land("vendor_charges", _charge("1", "x")),
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
        (period, record.partition("/")[2]) for period, record in _loaded(warehouse, "vendor_charges", *files)
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
    loaded = _loaded(
        warehouse,
        "invoice_lines",
        land("invoice_lines", line("z", "2026-10-01", "2026-11-01"), source="psa"),
        earlier,
    )
    assert [record.rpartition(":")[2] for _, record in loaded] == ["3", "4", "5", "2"]


def test_what_was_loaded_is_counted_and_summed_for_the_period_alone(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = [
        land(
            "vendor_charges",
            _charge("1", "0.10"),
            _charge("2", "-3.00").replace("USD", "EUR"),
            _charge("4", "0.30"),
        ),
        land("vendor_charges", _charge("3", "9.00", "2026-01-01", "2027-01-01"), period="2026-09"),
    ]
    result = load.load_dataset(warehouse, "vendor_charges", files, P)
    assert (result.dataset, result.rows, result.landed) == ("vendor_charges", 4, 3)
    assert list(result.totals.items()) == [("EUR", "-3.000000000000"), ("USD", "0.400000000000")]
    counted = load.load_dataset(
        warehouse, "license_counts", [land("license_counts", "T-1,SKU-1,2026-10-01,10,10")], P
    )
    assert (counted.rows, counted.landed, counted.totals) == (1, 1, {})
    assert load.load_dataset(warehouse, "clients", [], P) == load.LoadedDataset("clients", 0, 0, {})


def test_a_dataset_without_any_file_is_an_empty_table_of_the_full_shape(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    load.load_dataset(warehouse, "invoice_lines", [], P)
    cursor = warehouse.execute("select * from raw.invoice_lines")
    assert [(name, str(kind)) for name, kind, *_ in cursor.description or ()] == [
        ("source", "VARCHAR"),
        ("landed_period", "VARCHAR"),
        ("record_id", "VARCHAR"),
        ("invoice_line_id", "VARCHAR"),
        ("invoice_id", "VARCHAR"),
        ("client_id", "VARCHAR"),
        ("product_code", "VARCHAR"),
        ("quantity", "DECIMAL(18,6)"),
        ("unit_price", "DECIMAL(25,10)"),
        ("amount", "DECIMAL(28,4)"),
        ("currency", "VARCHAR"),
        ("service_period_start", "DATE"),
        ("service_period_end", "DATE"),
        ("agreement_line_id", "VARCHAR"),
        ("charge_category", "VARCHAR"),
    ]
    assert cursor.fetchall() == []


def test_refused_records_are_listed_with_what_they_say_and_their_long_names_are_cut(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    long = "L" * 201
    file = land("vendor_charges", _charge(long), _charge(long, "51.00"), _charge("2", "x"))
    assert _loaded(warehouse, "vendor_charges", file) == []
    rejects = warehouse.execute(
        "select source, dataset, line, column_name, value, reason from raw.rejects order by line"
    ).fetchall()
    conflict = "the same identifier is there with different content: land a corrected export"
    assert rejects[:2] == [
        ("vendor", "vendor_charges", line, "line_id", "L" * 200, conflict) for line in (2, 3)
    ]
    assert rejects[2][:5] == ("vendor", "vendor_charges", 4, "amount", "x")


def test_records_that_differ_in_a_detail_or_in_what_is_empty_are_two_contents(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    clients = [
        land("clients", f"C-1,{name}", source="psa", part=part)
        for part, name in (("1", "Alder"), ("2", "alder"))
    ]
    assert _loaded(warehouse, "clients", *clients) == []
    assert len(_rejected(warehouse)) == 2


def test_of_equal_records_the_first_by_file_and_line_is_kept(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    later = land("vendor_charges", _charge("1"), _charge("2"), _charge("2"), part="b")
    first = land("vendor_charges", *(_charge(str(number)) for number in range(9, 0, -1)), part="a")
    records = [record.rpartition("/")[2] for _, record in _loaded(warehouse, "vendor_charges", later, first)]
    assert sorted(records) == sorted(f"vendor_charges.a.csv:{line}" for line in range(2, 11))
    assert _rejected(warehouse) == []

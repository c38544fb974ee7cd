"""Raw tables of a month: one record per identity, conflicts refused (contract §2, §3, §5).

Belongs here: ``mbr_pipeline.ingest.load`` on typed files. Does not: typing them, controls
(``test_load_controls``), earlier months (``test_load_history``), and what dbt compares.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa

from mbr_pipeline.ingest import load
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.settings import Policies
from tests.ingest.loading import MSP, Land, P, charge, in_raw, rejected_rows


def test_records_say_where_they_come_from(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    assert in_raw(warehouse, "vendor_charges", land("vendor_charges", charge("1"), charge("2"))) == [
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:2"),
        ("2026-10", "2026-10/vendor/vendor_charges.1.csv:3"),
    ]
    assert rejected_rows(warehouse) == []


def test_a_record_repeated_in_the_period_is_loaded_once(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = (
        land("vendor_charges", charge("1"), charge("1", "50.0")),
        land("vendor_charges", charge("1"), charge("2"), part="2"),
    )
    assert [record for _, record in in_raw(warehouse, "vendor_charges", *files)] == [
        "2026-10/vendor/vendor_charges.1.csv:2",
        "2026-10/vendor/vendor_charges.2.csv:3",
    ]
    assert rejected_rows(warehouse) == []


def test_two_contents_of_one_identity_in_the_period_are_all_refused(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = (
        land("vendor_charges", charge("1"), charge("2")),
        land("vendor_charges", charge("1", "51.00"), part="2"),
    )
    assert [record for _, record in in_raw(warehouse, "vendor_charges", *files)] == [
        "2026-10/vendor/vendor_charges.1.csv:3"
    ]
    assert rejected_rows(warehouse) == [
        ("2026-10/vendor/vendor_charges.1.csv", 2, "line_id", "1"),
        ("2026-10/vendor/vendor_charges.2.csv", 2, "line_id", "1"),
    ]


def test_invoice_lines_of_one_number_on_two_invoices_are_two_records(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    file = land(
        "invoice_lines",
        *(
            f"1,{invoice},C-1,P,1,1,{amount},USD,2026-10-01,2026-11-01"
            for invoice, amount in (("I-1", "1"), ("I-2", "2"))
        ),
        *("1,I-3,C-1,P,1,1,3,USD,2026-10-01,2026-11-01", "1,I-3,C-1,P,1,1,4,USD,2026-10-01,2026-11-01"),
        source="psa",
    )
    assert [record for _, record in in_raw(warehouse, "invoice_lines", file)] == [
        "2026-10/psa/invoice_lines.1.csv:2",
        "2026-10/psa/invoice_lines.1.csv:3",
    ]
    assert [line for _, line, _, _ in rejected_rows(warehouse)] == [4, 5]


HEXADECIMAL = "0A1B2C3D-0001-4abc-8DEF-00112233445F"


def test_an_id_in_hexadecimal_digits_is_one_in_capitals_and_in_small_letters(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    file = land("vendor_charges", *map(charge, (HEXADECIMAL, HEXADECIMAL.lower(), "a-1", "A-1")))
    assert [record for _, record in in_raw(warehouse, "vendor_charges", file)] == [
        f"2026-10/vendor/vendor_charges.1.csv:{line}" for line in (2, 4, 5)
    ]
    assert rejected_rows(warehouse) == []


def test_other_content_under_an_id_in_the_other_case_is_refused(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = (
        land("vendor_charges", charge(HEXADECIMAL)),
        land("vendor_charges", charge(HEXADECIMAL.upper(), "51.00"), part="2"),
    )
    assert in_raw(warehouse, "vendor_charges", *files) == []
    assert [value for _, _, _, value in rejected_rows(warehouse)] == [HEXADECIMAL.lower()] * 2


def test_one_line_id_on_two_sources_is_two_records_but_one_client_id_is_one(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    charges = [
        land("vendor_charges", charge("1", amount), source=source)
        for source, amount in (("a", "1.00"), ("b", "2.00"))
    ]
    assert len(in_raw(warehouse, "vendor_charges", *charges)) == 2
    clients = [
        land("clients", f"C-1,{name}", source=source) for source, name in (("a", "Alder"), ("b", "Birch"))
    ]
    assert in_raw(warehouse, "clients", *clients) == []
    assert [(file, value) for file, _, _, value in rejected_rows(warehouse)] == [
        ("2026-10/a/clients.1.csv", "C-1"),
        ("2026-10/b/clients.1.csv", "C-1"),
    ]


def test_equal_counts_add_up_instead_of_being_one(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    line = "T-1,SKU-1,2026-10-01,10,10"
    assert len(in_raw(warehouse, "license_counts", land("license_counts", line, line))) == 2


def test_totals_are_those_of_the_period(warehouse: duckdb.DuckDBPyConnection, land: Land) -> None:
    files = [
        land("vendor_charges", charge("1", "0.10"), charge("2", "0.20")),
        land("vendor_charges", charge("3", "9.00", "2026-01-01", "2027-01-01"), period="2026-09"),
    ]
    result = load.load_dataset(warehouse, "vendor_charges", files, P)
    assert (result.rows, result.landed, result.totals) == (3, 2, {"USD": "0.300000000000"})


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
        "auto_approve",
        "currencies",
        "decisions",
        "declared_datasets",
        "metering",
        "rejects",
        "run",
        "sku_map",
    ]


def test_what_was_loaded_is_counted_and_summed_for_the_period_alone(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    files = [
        land(
            "vendor_charges",
            charge("1", "0.10"),
            charge("2", "-3.00").replace("USD", "EUR"),
            charge("4", "0.30"),
        ),
        land("vendor_charges", charge("3", "9.00", "2026-01-01", "2027-01-01"), period="2026-09"),
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
        ("description", "VARCHAR"),
        ("invoice_date", "DATE"),
        ("due_date", "DATE"),
    ]
    assert cursor.fetchall() == []


def test_refused_records_are_listed_with_what_they_say_and_their_long_names_are_cut(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    long = "L" * 201
    file = land("vendor_charges", charge(long), charge(long, "51.00"), charge("2", "x"))
    assert in_raw(warehouse, "vendor_charges", file) == []
    rejects = warehouse.execute(
        "select source, dataset, line, column_name, value, reason from raw.rejects order by line"
    ).fetchall()
    conflict = (
        "the same identifier is there with different content: land the corrected export with `mbr land …"
        " --replaces` the other"
    )
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
    assert in_raw(warehouse, "clients", *clients) == []
    assert len(rejected_rows(warehouse)) == 2


def test_of_equal_records_the_first_by_file_and_line_is_kept(
    warehouse: duckdb.DuckDBPyConnection, land: Land
) -> None:
    later = land("vendor_charges", charge("1"), charge("2"), charge("2"), part="b")
    first = land("vendor_charges", *(charge(str(number)) for number in range(9, 0, -1)), part="a")
    records = [record.rpartition("/")[2] for _, record in in_raw(warehouse, "vendor_charges", later, first)]
    assert sorted(records) == sorted(f"vendor_charges.a.csv:{line}" for line in range(2, 11))
    assert rejected_rows(warehouse) == []

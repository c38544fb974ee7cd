"""A landed file typed: what is kept and what is refused, and what is said of it (contract §3).

Belongs here: ``mbr_pipeline.ingest.parse`` on real files. Does not: single values (``test_parse_values``),
columns and headings (``test_parse_columns``), keeping what was parsed (``cache.test_parsed_once``).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import Parser, parse
from mbr_pipeline.storage.atomic_files import sha256_of
from tests.ingest.parsing import CHARGE, LINE, Parse, as_csv, read_rows, rejects_in


def test_files_of_equal_bytes_can_be_typed_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "vendor_charges.csv"
    path.write_text(as_csv(CHARGE, {}), encoding="utf-8")
    landed = LandedFile(
        path, "2026-10", "vendor", "vendor_charges", "canonical", sha256_of(path), path.stat().st_size
    )
    with ThreadPoolExecutor(max_workers=8) as pool:
        for attempt in range(5):
            cache = tmp_path / f"cache{attempt}"
            files = list(
                pool.map(lambda file, into: parse(file, into, tmp_path / "tmp"), [landed] * 8, [cache] * 8)
            )
            assert [len(read_rows(file)) for file in files] == [1] * 8
            assert len(list(cache.iterdir())) == 1


def test_files_that_are_typed_side_by_side_do_not_mix(tmp_path: Path) -> None:
    files = []
    for number in range(1, 9):
        path = tmp_path / f"{number}.csv"
        changes = [{"line_id": f"{number}-{line}"} for line in range(number)]
        # every second one has a record that is refused
        path.write_text(as_csv(CHARGE, *changes, *[{"quantity": "x"}] * (number % 2)), encoding="utf-8")
        size = path.stat().st_size
        files.append(
            LandedFile(path, "2026-10", "vendor", "vendor_charges", "canonical", sha256_of(path), size)
        )
    with Parser(tmp_path / "cache", tmp_path / "tmp") as parser, ThreadPoolExecutor(max_workers=8) as pool:
        typed = list(pool.map(parser.parse, files))
    for number, file in enumerate(typed, start=1):
        assert {row["line_id"] for row in read_rows(file)} == {f"{number}-{line}" for line in range(number)}
        assert (file.rows, file.rejected) == (number + number % 2, number % 2)


def test_texts_become_exact_values_of_the_contracts_precision(parsed: Parse) -> None:
    change = {"quantity": "999999999999.123456", "unit_cost": "0.0000000001", "amount": "-0.000000000001"}
    file = parsed("vendor_charges", as_csv(CHARGE, change))
    [row] = read_rows(file)
    assert (row["quantity"], row["unit_cost"]) == (Decimal("999999999999.123456"), Decimal("1E-10"))
    assert row["amount"] == Decimal("-1E-12")
    assert (row["charge_period_start"], row["charge_period_end"]) == (date(2026, 10, 1), date(2026, 11, 1))
    assert (row["term"], row["vendor_customer_name"], row["record_line"]) == (None, None, 2)
    assert (file.rows, file.rejected, file.is_drifted) == (1, 0, False)


def test_totals_are_summed_exactly_by_currency(parsed: Parse) -> None:
    file = parsed(
        "vendor_charges",
        as_csv(CHARGE, {"amount": "0.1"}, {"amount": "0.2"}, {"currency": "EUR", "amount": "1"}),
    )
    assert {currency: Decimal(total) for currency, total in file.totals.items()} == {
        "USD": Decimal("0.3"),
        "EUR": Decimal(1),
    }


def test_defaults_stand_for_empty_values(parsed: Parse) -> None:
    [row] = read_rows(parsed("products", "product_code,product_name,vendor_backed\nP,Product, \n"))
    assert row["vendor_backed"] is True
    [row] = read_rows(parsed("clients", "client_id,client_name,status\nC,Client,\n"))
    assert row["status"] == "active"


def test_hexadecimal_ids_are_read_in_small_letters_and_raw_keeps_what_landed(parsed: Parse) -> None:
    capitals = "0A1B2C3D-0001-4ABC-8DEF-00112233445F"
    changes = {"vendor_customer_id": capitals, "sku_id": "ABC:0002", "charge_type": capitals}
    changed, small = read_rows(
        parsed(
            "vendor_charges",
            as_csv(CHARGE | {"charge_type": ""}, changes, {"vendor_customer_id": capitals.lower()}),
        )
    )
    assert (changed["vendor_customer_id"], changed["sku_id"]) == (capitals.lower(), "ABC:0002")
    assert changed["charge_type"] == capitals, "only ids are"
    assert changed["landed_ids"] == [{"column": "vendor_customer_id", "value": capitals}]
    assert (small["vendor_customer_id"], small["landed_ids"]) == (capitals.lower(), None)
    [product] = read_rows(parsed("products", f"product_code,product_name\n{capitals},{capitals}\n"))
    assert (product["product_code"], product["product_name"]) == (capitals.lower(), capitals)


def test_zeros_beyond_the_allowed_places_are_no_more_digits(parsed: Parse) -> None:
    [row] = read_rows(
        parsed(
            "vendor_charges", as_csv(CHARGE, {"quantity": "0010.0000000000", "amount": "50.00000000000000"})
        )
    )
    assert (row["quantity"], row["amount"]) == (10, 50)


REFUSED = [
    ("vendor_charges", {"quantity": "1e3"}, "quantity", "1e3", "plain number"),
    ("vendor_charges", {"quantity": "NaN"}, "quantity", "NaN", "plain number"),
    ("vendor_charges", {"quantity": "1_000"}, "quantity", "1_000", "plain number"),
    ("vendor_charges", {"quantity": "１０"}, "quantity", "１０", "plain number"),
    ("vendor_charges", {"quantity": "+1"}, "quantity", "+1", "plain number"),
    ("vendor_charges", {"quantity": "1,5"}, "quantity", "1,5", "plain number"),
    ("vendor_charges", {"quantity": "1.0000001"}, "quantity", "1.0000001", "6 after the point"),
    ("vendor_charges", {"quantity": "1000000000000"}, "quantity", "1000000000000", "12 digits before"),
    ("vendor_charges", {"amount": ""}, "amount", None, "empty, but required"),
    ("vendor_charges", {"currency": "usd"}, "currency", "usd", "ISO 4217"),
    ("vendor_charges", {"currency": "XXX"}, "currency", "XXX", "ISO 4217"),
    (
        "vendor_charges",
        {"charge_category": "Recurring"},
        "charge_category",
        "Recurring",
        "not one of recurring",
    ),
    (
        "vendor_charges",
        {"charge_period_start": "2026-10-1"},
        "charge_period_start",
        "2026-10-1",
        "YYYY-MM-DD",
    ),
    (
        "vendor_charges",
        {"charge_period_start": "2026-02-30"},
        "charge_period_start",
        "2026-02-30",
        "YYYY-MM-DD",
    ),
    (
        "vendor_charges",
        {"charge_period_end": "2026-09-30"},
        "charge_period_end",
        "2026-09-30",
        "before charge_period_start",
    ),
    ("invoice_lines", {"amount": "80.001"}, "amount", "80.001", "minor units"),
    ("invoice_lines", {"amount": "80.5", "currency": "JPY"}, "amount", "80.5", "minor units"),
    (
        "invoice_lines",
        {"service_period_end": "2026-10-01"},
        "service_period_end",
        "2026-10-01",
        "at least a day",
    ),
    (
        "invoice_lines",
        {"quantity": "999999999999", "unit_price": "999999999"},
        "unit_price",
        "999999999",
        "15 digits",
    ),
]


@pytest.mark.parametrize(("dataset", "change", "column", "value", "reason"), REFUSED)
def test_a_refused_value_is_named_with_line_column_and_reason_and_its_neighbours_are_kept(
    dataset: str, change: dict[str, str], column: str, value: str | None, reason: str, parsed: Parse
) -> None:
    base = CHARGE if dataset == "vendor_charges" else LINE
    file = parsed(dataset, as_csv(base, {}, change, {}))
    [(line, found_column, found_value, found_reason)] = rejects_in(file)
    assert (line, found_column, found_value) == (3, column, value)
    assert reason in found_reason
    assert [row["record_line"] for row in read_rows(file)] == [2, 4]
    assert (file.rows, file.rejected) == (3, 1)


def test_a_record_with_two_faults_is_one_rejected_row_with_both_named(parsed: Parse) -> None:
    file = parsed("vendor_charges", as_csv(CHARGE, {"quantity": "x", "currency": "y"}))
    assert [(line, column) for line, column, _, _ in rejects_in(file)] == [(2, "currency"), (2, "quantity")]
    assert file.rejected == 1


def test_faults_of_the_reader_stand_with_refused_values_by_line_and_are_counted_as_rows(
    parsed: Parse,
) -> None:
    # line 3 has a cell too many, line 4 a value that is refused, line 5 both a cell too many and one that
    # nobody looks at
    file = parsed(
        "vendor_invoices",
        "invoice_id,invoice_date,currency,invoice_total\nA,2026-10-01,USD,1\nB,2026-10-01,USD,1,x\n"
        "C,soon,usd,1\nD,soon,USD,1,x\n",
    )
    assert [(line, column, value) for line, column, value, _ in rejects_in(file)] == [
        (3, None, "x"),
        (4, "currency", "usd"),
        (4, "invoice_date", "soon"),
        (5, None, "x"),
    ]
    assert [row["invoice_id"] for row in read_rows(file)] == ["A"]
    assert (file.rows, file.rejected, file.totals) == (4, 3, {})


def test_a_refused_text_of_any_length_is_listed_with_its_first_two_hundred_characters(parsed: Parse) -> None:
    file = parsed("vendor_charges", as_csv(CHARGE, {"quantity": "9" * 201}, {"quantity": "x" * 200}))
    assert [value for _, _, value, _ in rejects_in(file)] == ["9" * 200, "x" * 200]


def test_totals_are_those_of_accepted_records_in_the_order_of_currencies(parsed: Parse) -> None:
    changes = [
        {"currency": "USD", "amount": "3"},
        {"currency": "EUR", "amount": "1"},
        {"currency": "EUR", "amount": "1"},
        {"currency": "USD", "amount": "4", "quantity": "x"},
        {"currency": "CHF", "amount": "9"},
    ]
    totals = parsed("vendor_charges", as_csv(CHARGE, *changes)).totals
    assert list(totals.items()) == [
        ("CHF", "9.000000000000"),
        ("EUR", "2.000000000000"),
        ("USD", "3.000000000000"),
    ]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_file_of_nothing_but_fragments_is_refused_as_a_whole(
    suffix: str, parsed: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mbr_pipeline.ingest.incoming._MOST_HOLLOW", 1000)
    few, many = (
        as_csv(CHARGE).splitlines()[0] + "\n" + "fragment\n" * count if suffix == "csv" else "{}\n" * count
        for count in (1000, 1001)
    )
    assert parsed("vendor_charges", few, suffix).rejected == 1000
    said = parsed("vendor_charges", many, suffix).unreadable
    assert said is not None and said.startswith("vendor_charges.")
    assert "more than 1000 rows have next to nothing in them" in said


def test_records_of_two_required_values_are_listed_one_by_one(
    parsed: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mbr_pipeline.ingest.incoming._MOST_HOLLOW", 1000)
    two = dict.fromkeys(CHARGE, "") | {"line_id": "1", "invoice_id": "V"}
    file = parsed("vendor_charges", as_csv(two, *[{}] * 1001))
    assert (file.unreadable, file.rejected) == (None, 1001)

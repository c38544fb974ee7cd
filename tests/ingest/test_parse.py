"""A landed file typed: exact values, and every refused one with line, column, value and reason (contract §3).

Belongs here: ``mbr_pipeline.ingest.parse`` and ``typing_sql`` on real files. Does not: reading formats
(tests/connectors), comparing files.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.datasets import Column, Kind
from mbr_pipeline.ingest import parse as parsing
from mbr_pipeline.ingest.landing import LandedFile
from mbr_pipeline.ingest.parse import ParsedFile, parse
from mbr_pipeline.ingest.typing_sql import is_valid, typed
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.values import parse_date, parse_decimal
from tests.support.small import LANDED

CHARGE = dict(
    zip(*(line.split(",") for line in LANDED["vendor/vendor_charges.csv"].splitlines()), strict=True)
)
LINE = dict(zip(*(line.split(",") for line in LANDED["psa/invoice_lines.csv"].splitlines()), strict=True))
Parse = Callable[..., ParsedFile]


@pytest.fixture
def parsed(tmp_path: Path) -> Parse:
    def _parsed(dataset: str, content: str | bytes, suffix: str = "csv") -> ParsedFile:
        path = tmp_path / f"{dataset}.{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        landed = LandedFile(
            path, "2026-10", "vendor", dataset, "canonical", sha256_of(path), path.stat().st_size
        )
        return parse(landed, tmp_path / "cache", tmp_path / "tmp")

    return _parsed


def _csv(base: dict[str, str], *changes: dict[str, str]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(base), lineterminator="\n")
    writer.writeheader()
    writer.writerows(base | change for change in changes)
    return buffer.getvalue()


def _rows(file: ParsedFile) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = pq.read_table(file.rows_path).to_pylist()
    return sorted(content, key=lambda row: row["record_line"])


def _rejects(file: ParsedFile) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in pq.read_table(file.rejects_path).to_pylist()]


def test_files_of_equal_bytes_can_be_typed_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "vendor_charges.csv"
    path.write_text(_csv(CHARGE, {}), encoding="utf-8")
    landed = LandedFile(
        path, "2026-10", "vendor", "vendor_charges", "canonical", sha256_of(path), path.stat().st_size
    )
    with ThreadPoolExecutor(max_workers=8) as pool:
        for attempt in range(5):
            cache = tmp_path / f"cache{attempt}"
            files = list(
                pool.map(lambda file, into: parse(file, into, tmp_path / "tmp"), [landed] * 8, [cache] * 8)
            )
            assert [len(_rows(file)) for file in files] == [1] * 8
            assert len(list(cache.iterdir())) == 1


def test_texts_become_exact_values_of_the_contracts_precision(parsed: Parse) -> None:
    change = {"quantity": "999999999999.123456", "unit_cost": "0.0000000001", "amount": "-0.000000000001"}
    file = parsed("vendor_charges", _csv(CHARGE, change))
    [row] = _rows(file)
    assert (row["quantity"], row["unit_cost"]) == (Decimal("999999999999.123456"), Decimal("1E-10"))
    assert row["amount"] == Decimal("-1E-12")
    assert (row["charge_period_start"], row["charge_period_end"]) == (date(2026, 10, 1), date(2026, 11, 1))
    assert (row["term"], row["vendor_customer_name"], row["record_line"]) == (None, None, 2)
    assert (file.rows, file.rejected, file.is_drifted) == (1, 0, False)


def test_totals_are_summed_exactly_by_currency(parsed: Parse) -> None:
    file = parsed(
        "vendor_charges",
        _csv(CHARGE, {"amount": "0.1"}, {"amount": "0.2"}, {"currency": "EUR", "amount": "1"}),
    )
    assert {currency: Decimal(total) for currency, total in file.totals.items()} == {
        "USD": Decimal("0.3"),
        "EUR": Decimal(1),
    }


def test_defaults_stand_for_empty_values(parsed: Parse) -> None:
    [row] = _rows(parsed("products", "product_code,product_name,vendor_backed\nP,Product, \n"))
    assert row["vendor_backed"] is True
    [row] = _rows(parsed("clients", "client_id,client_name,status\nC,Client,\n"))
    assert row["status"] == "active"


def test_zeros_beyond_the_allowed_places_are_no_more_digits(parsed: Parse) -> None:
    [row] = _rows(
        parsed("vendor_charges", _csv(CHARGE, {"quantity": "0010.0000000000", "amount": "50.00000000000000"}))
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
    file = parsed(dataset, _csv(base, {}, change, {}))
    [(line, found_column, found_value, found_reason)] = _rejects(file)
    assert (line, found_column, found_value) == (3, column, value)
    assert reason in found_reason
    assert [row["record_line"] for row in _rows(file)] == [2, 4]
    assert (file.rows, file.rejected) == (3, 1)


def test_a_record_with_two_faults_is_one_rejected_row_with_both_named(parsed: Parse) -> None:
    file = parsed("vendor_charges", _csv(CHARGE, {"quantity": "x", "currency": "y"}))
    assert [(line, column) for line, column, _, _ in _rejects(file)] == [(2, "currency"), (2, "quantity")]
    assert file.rejected == 1


def test_the_yen_and_the_dinar_have_their_own_minor_units(parsed: Parse) -> None:
    file = parsed(
        "invoice_lines",
        _csv(LINE, {"currency": "JPY", "amount": "80"}, {"currency": "KWD", "amount": "0.125"}),
    )
    assert [row["amount"] for row in _rows(file)] == [80, Decimal("0.125")]


@pytest.mark.parametrize(
    ("currency", "fitting", "too_fine"),
    [
        ("JPY", ["1", "81", "80.000"], ["0.5", "0.1", "0.01", "0.001", "0.0001"]),
        ("USD", ["0.01", "80.05", "0.10", "-0.03", "1.0000000"], ["0.005", "0.001", "80.0001"]),
        ("KWD", ["0.001", "0.015", "1.110"], ["0.0005", "0.0001"]),
        ("CLF", ["0.0001", "0.0003", "1.1111"], []),
    ],
)
def test_an_invoiced_amount_is_as_fine_as_its_currency_and_no_finer(
    currency: str, fitting: list[str], too_fine: list[str], parsed: Parse
) -> None:
    file = parsed(
        "invoice_lines",
        _csv(LINE, *({"currency": currency, "amount": amount} for amount in [*fitting, *too_fine])),
    )
    assert [row["amount"] for row in _rows(file)] == [Decimal(amount) for amount in fitting]
    assert [(column, value) for _, column, value, _ in _rejects(file)] == [
        ("amount", amount) for amount in too_fine
    ]


DIGITS = [
    # dataset, column, the largest and the finest number, one digit too many before and after the point
    ("vendor_charges", "quantity", "999999999999", "-0.000001", "-1000000000000", "0.0000001"),
    ("vendor_charges", "unit_cost", "99999999999999.9", "-0.0000000001", "1000000000000000", "0.00000000001"),
    (
        "vendor_charges",
        "amount",
        "-999999999999999.999999999999",
        "0.000000000001",
        "1000000000000000",
        "0.0000000000001",
    ),
    (
        "invoice_lines",
        "unit_price",
        "-99999999999999.9999999999",
        "0.0000000001",
        "-1000000000000000",
        "0.00000000001",
    ),
    ("invoice_lines", "amount", "999999999999999.99", "-0.01", "1000000000000000", "0.00001"),
    (
        "vendor_invoices",
        "invoice_total",
        "999999999999999.999999999999",
        "-0.000000000001",
        "1000000000000000",
        "0.0000000000001",
    ),
    (
        "agreements",
        "unit_price",
        "99999999999999.9999999999",
        "0.0000000001",
        "1000000000000000",
        "0.00000000001",
    ),
    ("license_counts", "entitled_quantity", "999999999999.999999", "-0.000001", "1000000000000", "0.0000001"),
    ("license_counts", "assigned_quantity", "999999999999.999999", "-0.000001", "1000000000000", "0.0000001"),
    (
        "products",
        "default_unit_price",
        "999999999999999.9999999999",
        "0.0000000001",
        "1000000000000000",
        "0.00000000001",
    ),
]


@pytest.mark.parametrize(("dataset", "column", "largest", "finest", "too_large", "too_fine"), DIGITS)
def test_numbers_have_the_contracts_digits_and_one_more_is_refused(
    dataset: str, column: str, largest: str, finest: str, too_large: str, too_fine: str, parsed: Parse
) -> None:
    [name] = [name for name in LANDED if name.endswith(f"/{dataset}.csv")]
    base = dict(zip(*(line.split(",") for line in LANDED[name].splitlines()), strict=True))
    if column in ("unit_cost", "unit_price"):
        base["quantity"] = "1"
    file = parsed(
        dataset, _csv(base, *({column: number} for number in (largest, finest, too_large, too_fine)))
    )
    assert [row[column] for row in _rows(file)] == [Decimal(largest), Decimal(finest)]
    rejects = _rejects(file)
    assert [(line, found, value) for line, found, value, _ in rejects] == [
        (4, column, too_large),
        (5, column, too_fine),
    ]
    assert all("not a plain number of at most" in reason for *_, reason in rejects)


@pytest.mark.parametrize(
    ("dataset", "column", "base"),
    [("vendor_charges", "unit_cost", CHARGE), ("invoice_lines", "unit_price", LINE)],
)
def test_a_product_of_quantity_and_price_is_money_and_stays_below_16_digits(
    dataset: str, column: str, base: dict[str, str], parsed: Parse
) -> None:
    products = [
        # 15 digits, by a hair and in both directions
        ("1", "999999999999999"),
        ("-1", "999999999999999.9999999999"),
        ("0.999999", "999999999999999"),
        # 16 digits: exactly, by the sixth place of the quantity, negative, and beyond what any column holds
        ("1000000000", "1000000"),
        ("1.000001", "999999999999999"),
        ("-1000000000", "1000000"),
        ("1000000000", "-1000000"),
        ("999999999999", "999999999999999"),
    ]
    file = parsed(
        dataset, _csv(base, *({"quantity": quantity, column: price} for quantity, price in products))
    )
    assert [row["record_line"] for row in _rows(file)] == [2, 3, 4]
    assert [(line, found, value) for line, found, value, _ in _rejects(file)] == [
        (line, column, products[line - 2][1]) for line in (5, 6, 7, 8, 9)
    ]


def test_optional_values_may_be_empty_but_not_wrong(parsed: Parse) -> None:
    text = "product_code,product_name,vendor_backed,default_unit_price,currency\n"
    rows = ["A,A,,,", "B,B,TRUE,1.5,EUR", "C,C,False,0,JPY", "D,D,yes,,", "E,E,,one,", "F,F,,,euro"]
    file = parsed("products", text + "\n".join(rows) + "\n")
    assert [
        (r["product_code"], r["vendor_backed"], r["default_unit_price"], r["currency"]) for r in _rows(file)
    ] == [
        ("A", True, None, None),
        ("B", True, Decimal("1.5"), "EUR"),
        ("C", False, 0, "JPY"),
    ]
    assert [
        (line, column, value, reason.partition(":")[0]) for line, column, value, reason in _rejects(file)
    ] == [
        (5, "vendor_backed", "yes", "neither true nor false"),
        (
            6,
            "default_unit_price",
            "one",
            "not a plain number of at most 15 digits before and 10 after the point",
        ),
        (7, "currency", "euro", "not a currency of ISO 4217"),
    ]


def test_an_optional_date_and_an_optional_choice_are_read_or_refused(parsed: Parse) -> None:
    base = dict(zip(*(line.split(",") for line in LANDED["psa/agreements.csv"].splitlines()), strict=True))
    file = parsed(
        "agreements",
        _csv(
            base,
            {"effective_end": "2026-01-01"},
            {},
            {"effective_end": "2025-12-31"},
            {"effective_end": "soon"},
        ),
    )
    assert [row["effective_end"] for row in _rows(file)] == [date(2026, 1, 1), None]
    assert [(line, column) for line, column, *_ in _rejects(file)] == [
        (4, "effective_end"),
        (5, "effective_end"),
    ]
    file = parsed("clients", "client_id,client_name,status\nA,A,inactive\nB,B,Active\nC,C,\n")
    assert [(row["client_id"], row["status"]) for row in _rows(file)] == [("A", "inactive"), ("C", "active")]
    assert [tuple(reject)[1:] for reject in _rejects(file)] == [
        ("status", "Active", "not one of active, inactive")
    ]


@pytest.mark.parametrize(("dataset", "base"), [("vendor_charges", CHARGE), ("invoice_lines", LINE)])
def test_a_period_of_no_day_is_a_bill_or_a_single_sale_but_no_recurring_invoice(
    dataset: str, base: dict[str, str], parsed: Parse
) -> None:
    prefix = "charge" if dataset == "vendor_charges" else "service"
    empty = {f"{prefix}_period_end": base[f"{prefix}_period_start"]}
    categories = ["recurring", "one_time"]
    file = parsed(
        dataset,
        _csv(
            base | {"charge_category": ""},
            *(empty | {"charge_category": category} for category in categories),
        ),
    )
    kept = [row["charge_category"] for row in _rows(file)]
    assert kept == (categories if dataset == "vendor_charges" else ["one_time"])


def test_a_flag_that_has_no_default_is_false_when_it_is_empty() -> None:
    column = Column("flag", Kind.BOOLEAN)
    with duckdb.connect() as connection:
        connection.register(
            "texts", pa.table({"t_flag": pa.array(["true", None, "FALSE", "True"], pa.string())})
        )
        values = connection.execute(f"select {typed(column)}, {is_valid(column)} from texts").fetchall()
    assert values == [(True, True), (False, True), (False, True), (True, True)]


def test_a_short_row_has_empty_cells_and_a_long_one_is_refused(parsed: Parse) -> None:
    file = parsed("clients", "client_id,client_name,status\nC-1,One\nC-2,Two,active,surplus\n")
    assert [row["client_id"] for row in _rows(file)] == ["C-1"]
    assert [line for line, *_ in _rejects(file)] == [3]
    assert file.rejected == 1


def test_a_missing_and_a_repeated_column_make_the_whole_file_unusable(parsed: Parse) -> None:
    missing = parsed("clients", "client_id,name\nC,One\n")
    assert (missing.missing_columns, missing.repeated_columns, missing.is_drifted) == (
        ("client_name",),
        (),
        True,
    )
    repeated = parsed("clients", "client_id,client_name,client_id\nC,One,D\n")
    assert (repeated.repeated_columns, repeated.is_drifted) == (("client_id",), True)


def test_a_file_that_lacks_or_repeats_columns_has_no_records_at_all(parsed: Parse) -> None:
    for text in ("client_id,name\nC,One\n", "client_id,client_name,client_id\nC,One,D\n"):
        file = parsed("clients", text)
        assert (file.is_drifted, file.rows, file.rejected, file.totals) == (True, 0, 0, {})
        assert not file.rows_path.exists()


def test_missing_and_repeated_and_extra_columns_are_named_in_order(parsed: Parse) -> None:
    file = parsed("clients", "f,e,d,c,b,a,z,f,e,d,c,b,a,,\n1\n")
    assert (file.missing_columns, file.repeated_columns) == (
        ("client_id", "client_name"),
        ("a", "b", "c", "d", "e", "f"),
    )
    file = parsed("clients", "f,client_name,d,c,client_id,a,b,e\n1,2,3,4,5\n")
    assert (file.extra_columns, file.is_drifted) == (("a", "b", "c", "d", "e", "f"), False)


def test_json_lines_without_any_line_lack_nothing_and_have_nothing(parsed: Parse) -> None:
    file = parsed("clients", "", "jsonl")
    assert (file.rows, file.missing_columns, file.repeated_columns, file.is_drifted) == (0, (), (), False)
    assert _rows(file) == []


def test_json_lines_tell_a_missing_column_too(parsed: Parse) -> None:
    file = parsed("clients", '{"client_id": "C"}\n', "jsonl")
    assert (file.missing_columns, file.is_drifted) == (("client_name",), True)


def test_an_empty_file_has_no_header(parsed: Parse) -> None:
    assert parsed("clients", "").missing_columns == ("client_id", "client_name")


def test_what_cannot_be_read_is_unreadable_and_says_why(parsed: Parse) -> None:
    file = parsed("clients", b"PK\x03\x04 no workbook", "xlsx")
    assert file.is_drifted
    assert file.unreadable
    assert "clients.xlsx" in file.unreadable
    assert parsed("clients", b"\x1f\x8b cut short", "csv.gz").unreadable


def test_extra_columns_are_kept_and_named(parsed: Parse) -> None:
    file = parsed("clients", "client_id,client_name,colour\nC,One,red\n")
    assert file.extra_columns == ("colour",)
    assert _rows(file)[0]["extra"] == '{"colour":"red"}'


def test_the_same_bytes_are_parsed_once_and_other_bytes_anew(parsed: Parse, tmp_path: Path) -> None:
    first = parsed("clients", "client_id,client_name\nC,One\n")
    made = first.rows_path.stat().st_mtime_ns
    assert parsed("clients", "client_id,client_name\nC,One\n").rows_path.stat().st_mtime_ns == made
    assert parsed("clients", "client_id,client_name\nC,Two\n").folder != first.folder
    assert [p.name for p in (tmp_path / "cache").iterdir() if p.name.startswith(".")] == []


def test_what_was_parsed_is_not_read_again(parsed: Parse, tmp_path: Path) -> None:
    first = parsed("clients", "client_id,client_name\nC,One\n")
    first.landed.path.unlink()
    assert parse(first.landed, tmp_path / "cache", tmp_path / "tmp") == first
    # the same bytes as another dataset, or read in another way, are another file
    for other in (replace(first.landed, dataset="products"), replace(first.landed, connector="focus")):
        assert parse(other, tmp_path / "cache", tmp_path / "tmp").folder != first.folder


def test_what_a_killed_run_left_half_parsed_is_no_part_of_it(parsed: Parse, tmp_path: Path) -> None:
    file = parsed("clients", "client_id,client_name\nC,One\n")
    shutil.rmtree(file.folder)
    half = file.folder.with_name(f".{file.folder.name}.{os.getpid()}.{threading.get_ident()}")
    half.mkdir()
    (half / "left.over").write_bytes(b"x")
    parse(file.landed, tmp_path / "cache", tmp_path / "tmp")
    assert sorted(path.name for path in file.folder.iterdir()) == [
        "facts.json",
        "rejects.parquet",
        "rows.parquet",
    ]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [file.folder.name]


def test_of_two_runs_that_parse_the_same_bytes_one_is_kept_and_the_other_cleaned_up(
    parsed: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = parsing._build

    def overtaken(*arguments: Any) -> Any:
        # another process begins later and is faster
        with monkeypatch.context() as other:
            other.setattr(parsing, "_build", build)
            other.setattr(os, "getpid", lambda: 1)
            parsed("clients", "client_id,client_name\nC,One\n")
        return build(*arguments)

    monkeypatch.setattr(parsing, "_build", overtaken)
    file = parsed("clients", "client_id,client_name\nC,One\n")
    assert [row["client_id"] for row in _rows(file)] == ["C"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [file.folder.name]


def test_warnings_of_the_reader_are_kept_and_an_unreadable_file_has_none(parsed: Parse) -> None:
    [warning] = parsed("clients", "client_id;client_name\nC;One\n").warnings
    assert "no comma" in warning
    unreadable = parsed("clients", b"\x1f\x8b cut short", "csv.gz")
    assert (unreadable.warnings, unreadable.rows, unreadable.rejected, unreadable.totals) == ((), 0, 0, {})
    assert (unreadable.missing_columns, unreadable.repeated_columns, unreadable.extra_columns) == ((), (), ())


def test_a_file_that_breaks_off_in_the_middle_is_unreadable_whatever_was_read_of_it(parsed: Parse) -> None:
    rows = "".join(f"C-{number},client {number * 7919 % 10007}\n" for number in range(60_000))
    whole = gzip.compress(("client_id,client_name\n" + rows).encode())
    assert parsed("clients", whole, "csv.gz").rows == 60_000
    file = parsed("clients", whole[: len(whole) // 2], "csv.gz")
    assert (file.is_drifted, file.rows) == (True, 0)
    assert "clients.csv.gz" in str(file.unreadable)


def test_a_reader_that_gives_up_after_good_records_leaves_none_of_them(parsed: Parse) -> None:
    good = '{"client_id": "C-1", "client_name": "Alder"}\n'
    keys = ", ".join(f'"key {number}": 1' for number in range(10_001))  # one more than a file may have
    file = parsed("clients", good + "{" + keys + "}\n", "jsonl")
    assert (file.is_drifted, file.rows) == (True, 0)
    assert "more than 10000 different keys" in str(file.unreadable)


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
    assert [(line, column) for line, column, *_ in _rejects(file)] == [
        (3, None),
        (4, "currency"),
        (4, "invoice_date"),
        (5, None),
    ]
    assert [row["invoice_id"] for row in _rows(file)] == ["A"]
    assert (file.rows, file.rejected, file.totals) == (4, 3, {})


def test_a_refused_text_of_any_length_is_listed_with_its_first_two_hundred_characters(parsed: Parse) -> None:
    file = parsed("vendor_charges", _csv(CHARGE, {"quantity": "9" * 201}, {"quantity": "x" * 200}))
    assert [value for _, _, value, _ in _rejects(file)] == ["9" * 200, "x" * 200]


def test_totals_are_those_of_accepted_records_in_the_order_of_currencies(parsed: Parse) -> None:
    changes = [
        {"currency": "USD", "amount": "3"},
        {"currency": "EUR", "amount": "1"},
        {"currency": "EUR", "amount": "1"},
        {"currency": "USD", "amount": "4", "quantity": "x"},
        {"currency": "CHF", "amount": "9"},
    ]
    totals = parsed("vendor_charges", _csv(CHARGE, *changes)).totals
    assert list(totals.items()) == [
        ("CHF", "9.000000000000"),
        ("EUR", "2.000000000000"),
        ("USD", "3.000000000000"),
    ]


LIMITS = {
    Kind.QUANTITY: (12, 6),
    Kind.UNIT_PRICE: (15, 10),
    Kind.VENDOR_AMOUNT: (15, 12),
    Kind.CLIENT_AMOUNT: (15, 4),
}
NUMBERS = st.one_of(
    st.text("0123456789.-+eE_, ４", max_size=24),
    st.from_regex(r"-?[0-9]{0,17}(\.[0-9]{0,14})?", fullmatch=True),
    # at the limits: as many digits as fit, and one more
    st.tuples(
        st.sampled_from([6, 10, 12, 15]),
        st.sampled_from([4, 6, 10, 12]),
        st.integers(0, 1),
        st.integers(0, 1),
    ).map(lambda n: "9" * (n[0] + n[2]) + "." + "0" * (n[1] + n[3] - 1) + "5"),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**13), max_value=10**13).map(
        lambda d: f"{d:f}"
    ),
)
DATES = st.one_of(
    st.dates(min_value=date(1, 1, 1)).map(str),
    st.text("0123456789-", min_size=6, max_size=11),
    st.from_regex(r"[0-9]{4}-[0-3][0-9]-[0-3][0-9]", fullmatch=True),
    st.sampled_from(
        ["infinity", "-infinity", "epoch", "2026-10-01 (BC)", "10000-01-01", "0000-01-01", "２026-01-01"]
    ),
)


def _in_sql(column: Column, texts: Sequence[str]) -> list[Any]:
    """The value that loading gives each text, None where it refuses it."""
    with duckdb.connect() as connection:
        connection.register("texts", pa.table({"n": range(len(texts)), f"t_{column.name}": list(texts)}))
        query = f"select case when {is_valid(column)} then {typed(column)} end as value from texts order by n"
        values: list[Any] = connection.execute(query).to_arrow_table()["value"].to_pylist()
        return values


def _in_python(parse_text: Callable[[str], Any], text: str) -> Any:
    try:
        return parse_text(text)
    except ValueError:
        return None


def _by_hand(text: str, digits: int, places: int) -> Decimal | None:
    """The contract's number without a regular expression: zeros that change nothing do not count as
    digits.
    """
    whole, point, fraction = text.removeprefix("-").partition(".")
    if not set(whole + fraction) <= set("0123456789") or not whole + fraction:
        return None
    fits = len(whole.lstrip("0")) <= digits and len(fraction.rstrip("0")) <= places
    return Decimal(f"{'-' if text[0] == '-' else ''}{whole or 0}{point}{fraction}") if fits else None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(NUMBERS, min_size=1, max_size=80), st.sampled_from(sorted(LIMITS, key=lambda kind: kind.value))
)
def test_sql_and_python_read_the_same_numbers(texts: list[str], kind: Kind) -> None:
    digits, places = LIMITS[kind]
    expected = [_by_hand(text, digits, places) for text in texts]
    assert [_in_python(lambda text: parse_decimal(text, digits, places), text) for text in texts] == expected
    assert _in_sql(Column("x", kind, required=True), texts) == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(DATES, min_size=1, max_size=80))
def test_sql_and_python_read_the_same_dates(texts: list[str]) -> None:
    expected = [_in_python(parse_date, text) for text in texts]
    assert _in_sql(Column("x", Kind.DATE, required=True), texts) == expected

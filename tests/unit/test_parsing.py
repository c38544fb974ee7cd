"""A landed file typed: exact values, and every refused one with line, column, value and reason (contract §3).

Belongs here: ``mbr_pipeline.parsing`` and ``typing_sql`` on real files. Does not: reading formats (tests/connectors), comparing files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
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
from mbr_pipeline.files import sha256_of
from mbr_pipeline.landing import LandedFile
from mbr_pipeline.parsing import ParsedFile, parse
from mbr_pipeline.typing_sql import is_valid, typed
from mbr_pipeline.values import parse_date, parse_decimal
from tests.small import LANDED

CHARGE = dict(zip(*(line.split(",") for line in LANDED["vendor/vendor_charges.csv"].splitlines()), strict=True))
LINE = dict(zip(*(line.split(",") for line in LANDED["psa/invoice_lines.csv"].splitlines()), strict=True))
Parse = Callable[..., ParsedFile]


@pytest.fixture
def parsed(tmp_path: Path) -> Parse:
    def _parsed(dataset: str, content: str | bytes, suffix: str = "csv") -> ParsedFile:
        path = tmp_path / f"{dataset}.{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        landed = LandedFile(path, "2026-10", "vendor", dataset, "canonical", sha256_of(path), path.stat().st_size)
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
    return content


def _rejects(file: ParsedFile) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in pq.read_table(file.rejects_path).to_pylist()]


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
    file = parsed("vendor_charges", _csv(CHARGE, {"amount": "0.1"}, {"amount": "0.2"}, {"currency": "EUR", "amount": "1"}))
    assert {currency: Decimal(total) for currency, total in file.totals.items()} == {"USD": Decimal("0.3"), "EUR": Decimal(1)}


def test_defaults_stand_for_empty_values(parsed: Parse) -> None:
    [row] = _rows(parsed("products", "product_code,product_name,vendor_backed\nP,Product, \n"))
    assert row["vendor_backed"] is True
    [row] = _rows(parsed("clients", "client_id,client_name,status\nC,Client,\n"))
    assert row["status"] == "active"


def test_zeros_beyond_the_allowed_places_are_no_more_digits(parsed: Parse) -> None:
    [row] = _rows(parsed("vendor_charges", _csv(CHARGE, {"quantity": "0010.0000000000", "amount": "50.00000000000000"})))
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
    ("vendor_charges", {"charge_category": "Recurring"}, "charge_category", "Recurring", "not one of recurring"),
    ("vendor_charges", {"charge_period_start": "2026-10-1"}, "charge_period_start", "2026-10-1", "YYYY-MM-DD"),
    ("vendor_charges", {"charge_period_start": "2026-02-30"}, "charge_period_start", "2026-02-30", "YYYY-MM-DD"),
    ("vendor_charges", {"charge_period_end": "2026-09-30"}, "charge_period_end", "2026-09-30", "before charge_period_start"),
    ("invoice_lines", {"amount": "80.001"}, "amount", "80.001", "minor units"),
    ("invoice_lines", {"amount": "80.5", "currency": "JPY"}, "amount", "80.5", "minor units"),
    ("invoice_lines", {"service_period_end": "2026-10-01"}, "service_period_end", "2026-10-01", "at least a day"),
    ("invoice_lines", {"quantity": "999999999999", "unit_price": "999999999"}, "unit_price", "999999999", "15 digits"),
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
    file = parsed("invoice_lines", _csv(LINE, {"currency": "JPY", "amount": "80"}, {"currency": "KWD", "amount": "0.125"}))
    assert [row["amount"] for row in _rows(file)] == [80, Decimal("0.125")]


def test_a_short_row_has_empty_cells_and_a_long_one_is_refused(parsed: Parse) -> None:
    file = parsed("clients", "client_id,client_name,status\nC-1,One\nC-2,Two,active,surplus\n")
    assert [row["client_id"] for row in _rows(file)] == ["C-1"]
    assert [line for line, *_ in _rejects(file)] == [3]
    assert file.rejected == 1


def test_a_missing_and_a_repeated_column_make_the_whole_file_unusable(parsed: Parse) -> None:
    missing = parsed("clients", "client_id,name\nC,One\n")
    assert (missing.missing_columns, missing.repeated_columns, missing.is_drifted) == (("client_name",), (), True)
    repeated = parsed("clients", "client_id,client_name,client_id\nC,One,D\n")
    assert (repeated.repeated_columns, repeated.is_drifted) == (("client_id",), True)


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


LIMITS = {Kind.QUANTITY: (12, 6), Kind.UNIT_PRICE: (15, 10), Kind.VENDOR_AMOUNT: (15, 12), Kind.CLIENT_AMOUNT: (15, 4)}
NUMBERS = st.one_of(
    st.text("0123456789.-+eE_, ４", max_size=24),
    st.from_regex(r"-?[0-9]{0,17}(\.[0-9]{0,14})?", fullmatch=True),
    # at the limits: as many digits as fit, and one more
    st.tuples(st.sampled_from([6, 10, 12, 15]), st.sampled_from([4, 6, 10, 12]), st.integers(0, 1), st.integers(0, 1)).map(
        lambda n: "9" * (n[0] + n[2]) + "." + "0" * (n[1] + n[3] - 1) + "5"
    ),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**13), max_value=10**13).map(lambda d: f"{d:f}"),
)
DATES = st.one_of(
    st.dates(min_value=date(1, 1, 1)).map(str),
    st.text("0123456789-", min_size=6, max_size=11),
    st.from_regex(r"[0-9]{4}-[0-3][0-9]-[0-3][0-9]", fullmatch=True),
    st.sampled_from(["infinity", "-infinity", "epoch", "2026-10-01 (BC)", "10000-01-01", "0000-01-01", "２026-01-01"]),
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
    """The contract's number without a regular expression: zeros that change nothing do not count as digits."""
    whole, point, fraction = text.removeprefix("-").partition(".")
    if not set(whole + fraction) <= set("0123456789") or not whole + fraction:
        return None
    fits = len(whole.lstrip("0")) <= digits and len(fraction.rstrip("0")) <= places
    return Decimal(f"{'-' if text[0] == '-' else ''}{whole or 0}{point}{fraction}") if fits else None


@settings(max_examples=25, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=80), st.sampled_from(sorted(LIMITS, key=lambda kind: kind.value)))
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

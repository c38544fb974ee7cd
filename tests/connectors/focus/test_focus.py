"""FOCUS files as vendor charges: every rule of the mapping, worked by hand, and the tie-out of a real
bill.

Belongs here: ``focus_records`` and the mapping of rows. Does not: CSV and Parquet parsing (their own
modules).
"""

from __future__ import annotations

import csv
import gzip
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.focus.reader import focus_records
from tests.connectors.focus.focus_rows import OWN, Focus, Row, own_rows, read_focus

REAL = Path(__file__).parents[4] / "shared" / "samples" / "focus" / "focus_1_0_sample.csv"


def test_every_kind_of_charge_is_mapped_as_worked_by_hand() -> None:
    records, opened = read_focus(OWN)
    assert opened.faults == []
    names = ("_line", "sku_id", "charge_category", "charge_type", "quantity", "unit_cost", "amount")
    assert [tuple(r[name] for name in names) for r in records] == [
        (2, "SKU-1", "usage", "Usage, Usage-Based", "1", "0.0000008", "0.00000080000"),
        (3, "SKU-1", "usage", "Usage, Usage-Based", "1", "0.0000008", "0.00000080000"),
        (4, "SKU-1", "usage", "Usage, Usage-Based", "1", "0.0000008", "0.0000008"),
        (5, "SEAT", "recurring", "Purchase, Recurring", "5", "12.5", "62.50"),
        (6, "service:Backup", "recurring", "Purchase, Recurring", "3", "3.3333333333", "10"),
        (7, "SKU-1", "one_time", "Purchase, One-Time", "1", "120", "120.00"),
        (8, "SKU-1", "usage", "Purchase, Usage-Based", "1", "1", "1"),
        (9, "SKU-1", "credit", "Credit, One-Time", "1", "-5.25", "-5.25"),
        (10, "SKU-1", "tax", "Tax", "1", "11.97", "11.97"),
        (11, "SKU-1", "adjustment", "Adjustment, Usage-Based, Correction", "8", "0.01", "0.08"),
    ]


def test_the_other_columns_are_carried_and_null_texts_are_null() -> None:
    records, opened = read_focus(OWN)
    assert opened.header == DATASETS["vendor_charges"].column_names
    seats, payer = records[3], records[5]
    assert {name: seats[name] for name in ("invoice_id", "vendor_customer_id", "vendor_customer_name")} == {
        "invoice_id": "focus:payer-9:2026-03-01",
        "vendor_customer_id": "acc-1",
        "vendor_customer_name": "Fabrikam",
    }
    assert (seats["sku_name"], seats["subscription_id"], seats["term"]) == ("Office seats", "sub-77", None)
    assert (seats["currency"], seats["charge_period_start"], seats["charge_period_end"]) == (
        "EUR",
        "2026-03-01",
        "2026-04-01",
    )
    assert (payer["vendor_customer_id"], payer["vendor_customer_name"]) == ("payer-9", None)
    assert records[4]["subscription_id"] is None


def test_what_is_not_carried_as_it_is_stays_in_extra() -> None:
    assert read_focus(OWN)[0][0]["_extra"] == (
        '{"BillingAccountId":"payer-9","BillingPeriodStart":"2026-03-01 00:00:00",'
        '"ChargeDescription":"Hours of vm-1","ChargePeriodEnd":"2026-03-18 23:00:00",'
        '"ChargePeriodStart":"2026-03-18 22:00:00","PricingQuantity":"2.00000000000",'
        '"Tags":"{\\"env\\": \\"dev\\"}","Id":"11"}'
    )


def test_warnings_count_what_was_carried_as_one_times_amount_and_what_belongs_to_the_payer() -> None:
    assert [warning.split(" rows", 1)[0] for warning in read_focus(OWN)[1].warnings] == ["4 usage", "3", "1"]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-03-18 22:00:00", "2026-03-18 23:00:00", "2026-03-18", "2026-03-19"),
        ("2026-03-18T23:00:00Z", "2026-03-19T00:00:00Z", "2026-03-18", "2026-03-19"),
        ("2026-03-01", "2026-04-01", "2026-03-01", "2026-04-01"),
        ("2026-03-01T00:00:00.0000000Z", "2026-03-31T23:59:59.9999999Z", "2026-03-01", "2026-04-01"),
        ("2026-03-01T00:30:00+02:00", "2026-03-02T00:00:00+02:00", "2026-02-28", "2026-03-02"),
        ("2026-03-01 00:00:00", "2026-03-01 00:00:00", "2026-03-01", "2026-03-01"),
    ],
)
def test_charge_periods_become_whole_utc_days(
    focus: Focus, start: str, end: str, first: str, last: str
) -> None:
    (record,), _ = read_focus(focus(ChargePeriodStart=start, ChargePeriodEnd=end))
    assert (record["charge_period_start"], record["charge_period_end"]) == (first, last)


@pytest.mark.parametrize(
    ("changes", "quantity", "unit_cost"),
    [
        ({"PricingQuantity": "5.1234560000"}, "5.123456", "12.198797062"),
        ({"PricingQuantity": "5.1234567", "ConsumedQuantity": "5"}, "5", "12.5"),
        ({"PricingQuantity": "NULL"}, "1", "62.5"),
        ({"PricingQuantity": "1000000000000"}, "1", "62.5"),
        ({"PricingQuantity": "999999999999"}, "1", "62.5"),  # 0.0000000001 each would be 37.50 short
        ({"PricingQuantity": "-5"}, "-5", "-12.5"),
        ({"BilledCost": "0.00000000015", "PricingQuantity": "NULL"}, "1", "0.0000000002"),
        ({"BilledCost": "-0.00000000015", "PricingQuantity": "1"}, "-1", "0.0000000002"),
        ({"BilledCost": "-36.50", "PricingQuantity": "1"}, "-1", "36.5"),
        ({"BilledCost": "-36.50", "PricingQuantity": "-1"}, "-1", "36.5"),
        ({"BilledCost": "-36.50", "PricingQuantity": "NULL"}, "-1", "36.5"),
        ({"BilledCost": "-36.50", "ChargeCategory": "Credit", "PricingQuantity": "1"}, "1", "-36.5"),
    ],
)
def test_quantities_are_carried_only_if_they_fit_and_unit_costs_are_rounded_half_up(
    focus: Focus, changes: Row, quantity: str, unit_cost: str
) -> None:
    (record,), _ = read_focus(focus(**changes))
    assert (record["quantity"], record["unit_cost"]) == (quantity, unit_cost)


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"ChargePeriodStart": "03/01/2026"}, "ChargePeriodStart", "03/01/2026"),
        ({"ChargePeriodEnd": "NULL"}, "ChargePeriodEnd", None),
        ({"ChargePeriodEnd": "2026-02-28 00:00:00"}, "ChargePeriodEnd", "2026-02-28 00:00:00"),
        ({"ChargePeriodEnd": "9999-12-31 23:00:00"}, "ChargePeriodEnd", "9999-12-31 23:00:00"),
        ({"BillingPeriodStart": "March"}, "BillingPeriodStart", "March"),
        ({"BillingAccountId": "NULL"}, "BillingAccountId", None),
        ({"ChargeCategory": "Refund"}, "ChargeCategory", "Refund"),
        ({"ChargeCategory": "NULL"}, "ChargeCategory", None),
        ({"ChargeFrequency": "Weekly"}, "ChargeFrequency", "Weekly"),
        ({"BilledCost": "1,50"}, "BilledCost", "1,50"),
        ({"BilledCost": "NaN"}, "BilledCost", "NaN"),
        ({"BilledCost": ""}, "BilledCost", None),
    ],
)
def test_a_row_that_cannot_be_mapped_is_a_fault_naming_column_and_value(
    focus: Focus, changes: Row, column: str, value: str | None
) -> None:
    records, opened = read_focus(focus(**changes))
    assert records == []
    assert [(f.line, f.column, f.value) for f in opened.faults] == [(2, column, value)]


def test_a_purchase_without_frequency_is_one_time(focus: Focus) -> None:
    (record,), _ = read_focus(focus(ChargeFrequency="NULL"))
    assert (record["charge_category"], record["charge_type"]) == ("one_time", "Purchase")


@pytest.mark.parametrize("spelling", ["InvoiceId", "InvoiceID"])
def test_focus_1_2_names_the_invoice_and_where_it_does_not_the_period_does(
    focus: Focus, spelling: str
) -> None:
    rows = [own_rows()[3] | {spelling: "INV-1"}, own_rows()[4] | {spelling: "NULL"}]
    assert [r["invoice_id"] for r in read_focus(focus(rows))[0]] == ["INV-1", "focus:payer-9:2026-03-01"]


def test_equal_rows_get_ordinals_and_ids_do_not_depend_on_order_spelling_or_format(
    tmp_path: Path, focus: Focus
) -> None:
    rows = [row for row in own_rows() for _ in range(2)]
    ids = {r["line_id"] for r in read_focus(focus(rows))[0]}
    assert len(ids) == len(rows)
    assert (
        sum(line_id.endswith("-0") for line_id in ids) == 9
    )  # of the ten rows two differ in spelling and Id only
    assert {line_id.rpartition("-")[2] for line_id in ids} == {"0", "1", "2", "3"}

    shuffled = [row | {"Id": str(at)} for at, row in enumerate(random.Random(7).sample(rows, len(rows)))]
    assert {r["line_id"] for r in read_focus(focus(shuffled))[0]} == ids

    columns: dict[str, Any] = {
        name: [r[name] if r[name] != "NULL" else None for r in rows] for name in rows[0]
    }
    columns["BilledCost"] = pa.array([Decimal(cost) for cost in columns["BilledCost"]], pa.decimal128(20, 11))
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    (tmp_path / "y.parquet.gz").write_bytes(gzip.compress((tmp_path / "x.parquet").read_bytes()))
    for name in ("x.parquet", "y.parquet.gz"):
        assert {r["line_id"] for r in read_focus(tmp_path / name)[0]} == ids


def test_hourly_rows_of_one_day_differ_in_detail_so_that_none_passes_for_a_duplicate() -> None:
    first, second = read_focus(OWN)[0][:2]
    same = (
        "vendor_customer_id",
        "sku_id",
        "subscription_id",
        "amount",
        "charge_period_start",
        "charge_period_end",
    )
    assert [first[name] for name in same] == [second[name] for name in same]
    assert (first["detail"], second["detail"]) == (
        "Hours of vm-1 | 22:00:00-23:00:00 UTC",
        "Hours of vm-1 | 23:00:00-00:00:00 UTC",
    )


def test_what_tells_lines_apart_is_in_detail_and_in_identifiers(focus: Focus) -> None:
    seat = next(row for row in own_rows() if row["SkuId"] == "SEAT")
    blank = {"RegionId": "", "SkuPriceId": "", "x_Operation": "", "x_UsageType": "", "ChargeDescription": ""}
    others = [blank | {name: "a"} for name in blank] + [blank]
    records, opened = read_focus(focus([seat | other for other in others]))
    assert [record["detail"] for record in records] == ["a"] * 5 + [None]
    assert json.loads(records[0]["_extra"])["RegionId"] == "a"
    assert opened.ids_from_content  # type: ignore[attr-defined]


def test_an_amount_of_more_than_twelve_places_is_rounded_and_counted(focus: Focus) -> None:
    (record,), opened = read_focus(focus(BilledCost="0.00000020000049999999999"))
    assert record["amount"] == "0.0000002"
    assert any(text.startswith("1 rows have a BilledCost of more than 12") for text in opened.warnings)
    (record,), _ = read_focus(focus(BilledCost="-5.0E-13"))
    assert record["amount"] == "-0.000000000001"


def test_a_missing_focus_column_shows_as_a_missing_canonical_column_and_gives_no_records(
    focus: Focus,
) -> None:
    rows = own_rows()
    for row in rows:
        del row["BilledCost"]
    records, opened = read_focus(focus(rows))
    assert records == []
    assert opened.faults == []
    assert not {"amount", "quantity", "unit_cost"} & set(opened.header)
    assert any("BilledCost" in warning for warning in opened.warnings)


def test_a_repeated_focus_column_shows_in_the_header(tmp_path: Path) -> None:
    text = OWN.read_text().splitlines()
    (tmp_path / "x.csv").write_text("".join(f"{line},{line.split(',')[0]}\n" for line in text))
    assert read_focus(tmp_path / "x.csv")[1].header.count("BilledCost") == 2


def test_faults_of_the_file_itself_are_handed_on(focus: Focus) -> None:
    path = focus(own_rows())
    path.write_bytes(path.read_bytes() + b"1,2,caf\xe9\n" + b"," * 30 + b"\n")
    records, opened = read_focus(path)
    assert len(records) == 10
    assert [(f.line, f.column) for f in opened.faults] == [(12, "BillingCurrency"), (13, None)]


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"\.csv or \.parquet"):
        focus_records(tmp_path / "x.jsonl")


@pytest.mark.skipif(
    not REAL.exists(), reason="../shared/samples/focus, which holds the published FOCUS sample, is absent"
)
def test_a_real_bill_ties_out_to_the_last_decimal() -> None:
    records, opened = read_focus(REAL)
    with REAL.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert opened.faults == []
    assert sum(Decimal(r["amount"]) for r in records) == sum(Decimal(row["BilledCost"]) for row in rows)
    assert len({r["line_id"] for r in records}) == len(records) == len(rows) == 500
    assert {r["charge_category"] for r in records} == {"usage", "credit", "adjustment"}

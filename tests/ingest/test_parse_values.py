"""Values of a landed file: places, digits, dates, choices and flags (contract §3).

Belongs here: which values are accepted, to the last digit. Does not: how a refused one is listed
(``test_parse``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from connectors.datasets import Column, Kind
from mbr_pipeline.ingest.typing_sql import is_valid, typed
from tests.ingest.parsing import CHARGE, LINE, Parse, as_csv, read_rows, rejects_in
from tests.support.small import LANDED


def test_the_yen_and_the_dinar_have_their_own_minor_units(parsed: Parse) -> None:
    file = parsed(
        "invoice_lines",
        as_csv(LINE, {"currency": "JPY", "amount": "80"}, {"currency": "KWD", "amount": "0.125"}),
    )
    assert [row["amount"] for row in read_rows(file)] == [80, Decimal("0.125")]


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
        as_csv(LINE, *({"currency": currency, "amount": amount} for amount in [*fitting, *too_fine])),
    )
    assert [row["amount"] for row in read_rows(file)] == [Decimal(amount) for amount in fitting]
    assert [(column, value) for _, column, value, _ in rejects_in(file)] == [
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
        dataset, as_csv(base, *({column: number} for number in (largest, finest, too_large, too_fine)))
    )
    assert [row[column] for row in read_rows(file)] == [Decimal(largest), Decimal(finest)]
    rejects = rejects_in(file)
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
        dataset, as_csv(base, *({"quantity": quantity, column: price} for quantity, price in products))
    )
    assert [row["record_line"] for row in read_rows(file)] == [2, 3, 4]
    assert [(line, found, value) for line, found, value, _ in rejects_in(file)] == [
        (line, column, products[line - 2][1]) for line in (5, 6, 7, 8, 9)
    ]


def test_optional_values_may_be_empty_but_not_wrong(parsed: Parse) -> None:
    text = "product_code,product_name,vendor_backed,default_unit_price,currency\n"
    rows = ["A,A,,,", "B,B,TRUE,1.5,EUR", "C,C,False,0,JPY", "D,D,yes,,", "E,E,,one,", "F,F,,,euro"]
    file = parsed("products", text + "\n".join(rows) + "\n")
    assert [
        (r["product_code"], r["vendor_backed"], r["default_unit_price"], r["currency"])
        for r in read_rows(file)
    ] == [
        ("A", True, None, None),
        ("B", True, Decimal("1.5"), "EUR"),
        ("C", False, 0, "JPY"),
    ]
    assert [
        (line, column, value, reason.partition(":")[0]) for line, column, value, reason in rejects_in(file)
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
        as_csv(
            base,
            {"effective_end": "2026-01-01"},
            {},
            {"effective_end": "2025-12-31"},
            {"effective_end": "soon"},
        ),
    )
    assert [row["effective_end"] for row in read_rows(file)] == [date(2026, 1, 1), None]
    assert [(line, column) for line, column, *_ in rejects_in(file)] == [
        (4, "effective_end"),
        (5, "effective_end"),
    ]
    file = parsed("clients", "client_id,client_name,status\nA,A,inactive\nB,B,Active\nC,C,\n")
    assert [(row["client_id"], row["status"]) for row in read_rows(file)] == [
        ("A", "inactive"),
        ("C", "active"),
    ]
    assert [tuple(reject)[1:] for reject in rejects_in(file)] == [
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
        as_csv(
            base | {"charge_category": ""},
            *(empty | {"charge_category": category} for category in categories),
        ),
    )
    kept = [row["charge_category"] for row in read_rows(file)]
    assert kept == (categories if dataset == "vendor_charges" else ["one_time"])


def test_a_flag_that_has_no_default_is_false_when_it_is_empty() -> None:
    column = Column("flag", Kind.BOOLEAN)
    with duckdb.connect() as connection:
        connection.register(
            "texts", pa.table({"t_flag": pa.array(["true", None, "FALSE", "True"], pa.string())})
        )
        values = connection.execute(f"select {typed(column)}, {is_valid(column)} from texts").fetchall()
    assert values == [(True, True), (False, True), (False, True), (True, True)]

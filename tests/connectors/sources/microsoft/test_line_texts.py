"""Lines of Microsoft's bill: headings, customers, dates and spellings.

Belongs here: how a text of a line is read. Does not: money (``test_line_money``) and seats (``test_seats``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from tests.connectors.sources.microsoft.books import ALDER
from tests.connectors.sources.microsoft.lines import HEADINGS, LINE, Read, as_csv, fault, one


def test_columns_are_found_by_heading_in_any_order_and_case(tmp_path: Path) -> None:
    rows = [{name.swapcase(): value for name, value in LINE.items()}]
    turned = as_csv(tmp_path / "vendor_charges.csv", rows, [name.swapcase() for name in reversed(HEADINGS)])
    assert turned.rows == [one(tmp_path)]


def test_a_damaged_first_heading_is_schema_drift_and_says_which(tmp_path: Path) -> None:
    damaged = "\ufffd\ufffdrtnerId"
    line = {damaged if name == "PartnerId" else name: value for name, value in LINE.items()}
    read = as_csv(tmp_path / "vendor_charges.csv", [line], [damaged, *HEADINGS[1:]])
    assert "line_id" not in read.header and set(read.header) | {"line_id"} == set(
        DATASETS["vendor_charges"].column_names
    )
    assert read.warnings == ["line_id needs the column partnerid"]


def test_a_byte_order_mark_is_no_damage(tmp_path: Path) -> None:
    plain = as_csv(tmp_path / "vendor_charges.csv", [LINE], HEADINGS)
    marked = tmp_path / "vendor_charges.marked.csv"
    marked.write_bytes(b"\xef\xbb\xbf" + (tmp_path / "vendor_charges.csv").read_bytes())
    read = Read(marked, {})
    assert (read.rows, read.warnings, read.header) == (plain.rows, [], plain.header)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("ChargeType", "charge_category"),
        ("BillableQuantity", "quantity"),
        ("Subtotal", "amount"),
        ("Currency", "currency"),
        ("EffectiveUnitPrice", "unit_cost"),
        ("ChargeEndDate", "charge_period_end"),
        ("CustomerId", "vendor_customer_id"),
    ],
)
def test_a_column_that_is_gone_is_schema_drift(heading: str, column: str, tmp_path: Path) -> None:
    read = as_csv(
        tmp_path / "vendor_charges.csv", [{name: value for name, value in LINE.items() if name != heading}]
    )
    assert column not in read.header


def test_a_column_that_is_there_twice_in_two_cases_is_schema_drift(tmp_path: Path) -> None:
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, "SUBTOTAL": "1"}])
    assert [name for name in read.header if read.header.count(name) > 1] == ["amount", "amount"]


@pytest.mark.parametrize("said", [f"org:{ALDER}", ALDER.upper(), f"ORG:{ALDER.upper()}", ALDER])
def test_a_customer_is_its_tenant_however_it_is_written(said: str, tmp_path: Path) -> None:
    assert one(tmp_path, CustomerId=said)["vendor_customer_id"] == ALDER


def test_a_line_without_a_customer_is_the_partner_s_and_counted(tmp_path: Path) -> None:
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, "CustomerId": ""}])
    assert read.rows[0]["vendor_customer_id"] == "partner"
    assert read.warnings == ["1 records name no customer and are taken as the partner's own"]


def test_an_apostrophe_before_a_number_is_no_part_of_it(tmp_path: Path) -> None:
    quoted = {
        name: f"'{LINE[name]}"
        for name in ("Subtotal", "EffectiveUnitPrice", "BillableQuantity", "Total", "TaxTotal", "SkuId")
    }
    assert one(tmp_path, **quoted) == one(tmp_path)


def test_a_product_is_the_same_in_any_case(tmp_path: Path) -> None:
    assert one(tmp_path, ProductId="cfq7ttc0lchc", SkuId="000a")["sku_id"] == "CFQ7TTC0LCHC:000A"


@pytest.mark.parametrize("said", ["-0.00", "0", "-0", "'0.000"])
def test_no_money_has_no_sign(said: str, tmp_path: Path) -> None:
    row = one(tmp_path, ChargeType="customerCredit", Subtotal=said, Total="0")
    assert (row["amount"], row["unit_cost"]) == ("0", "0")


# dates


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("10/03/2026", "2026-10-03"),
        ("10/3/2026", "2026-10-03"),
        ("03/10/2026", "2026-03-10"),
        ("10/03/2026 00:00:00", "2026-10-03"),
        ("10/3/2026 12:00:00 AM", "2026-10-03"),
        ("2026-10-03", "2026-10-03"),
        ("2026-10-03T00:00:00Z", "2026-10-03"),
        ("2026-10-03T00:00:00", "2026-10-03"),
    ],
)
def test_the_month_comes_first_in_the_portal_s_dates(said: str, day: str, tmp_path: Path) -> None:
    assert one(tmp_path, ChargeStartDate=said)["charge_period_start"] == day


@pytest.mark.parametrize(
    "said", ["10/31/2026 23:59", "10/31/2026 11:59:59 PM", "10/31/2026 13:00:00", "2026-10-31T23:59:59Z"]
)
def test_a_last_day_is_the_same_day_at_any_time(said: str, tmp_path: Path) -> None:
    assert one(tmp_path, ChargeEndDate=said)["charge_period_end"] == "2026-11-01"


@pytest.mark.parametrize(
    "said", ["31/10/2026", "10.31.2026", "02/30/2026", "10/31/26", "10/31/2026 1", "45231"]
)
def test_a_date_in_another_order_is_rejected_and_never_guessed(said: str, tmp_path: Path) -> None:
    found = fault(tmp_path, ChargeEndDate=said)
    assert (found.line, found.column, found.value) == (2, "chargeenddate", said)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [("06/10/2026", "07/09/2026", 30), ("02/15/2026", "03/14/2026", 28), ("10/31/2026", "10/31/2026", 1)],
)
def test_the_last_day_is_part_of_the_period_as_in_the_vendor_s_examples(
    start: str, end: str, days: int, tmp_path: Path
) -> None:
    row = one(tmp_path, ChargeStartDate=start, ChargeEndDate=end)
    assert (
        date.fromisoformat(row["charge_period_end"]) - date.fromisoformat(row["charge_period_start"])
    ).days == days


NO_DATES = {"ChargeStartDate": "", "ChargeEndDate": ""}
UNSET = {"ChargeStartDate": "0001-01-01T00:00:00", "ChargeEndDate": "0001-01-01T00:00:00Z"}
IN_OCTOBER = {"SubscriptionStartDate": "10/03/2026", "SubscriptionEndDate": "11/02/2026"}
OF_A_YEAR = {"SubscriptionStartDate": "10/03/2026", "SubscriptionEndDate": "10/02/2027"}


@pytest.mark.parametrize("unset", [NO_DATES, UNSET, {**UNSET, "ChargeStartDate": "1/1/0001 12:00:00 AM"}])
def test_the_first_of_all_days_is_no_date(unset: dict[str, str], tmp_path: Path) -> None:
    found = fault(tmp_path, **unset)
    assert (found.column, found.value) == ("chargestartdate", unset["ChargeStartDate"] or None)
    row = one(tmp_path, **unset, **IN_OCTOBER)
    assert (row["charge_period_start"], row["charge_period_end"]) == ("2026-10-03", "2026-11-03")
    assert fault(tmp_path, **unset, SubscriptionStartDate="0001-01-01").column == "chargestartdate"
    assert fault(tmp_path, ChargeEndDate="0001-01-01T00:00:00").column == "chargeenddate"


def test_an_order_without_a_date_changes_nothing(tmp_path: Path) -> None:
    assert one(tmp_path, ChargeType="addQuantity", OrderDate="0001-01-01T00:00:00Z")["quantity"] == "10"


@pytest.mark.parametrize("frequency", ["Monthly", "monthly"])
def test_days_of_a_subscription_of_a_year_are_not_those_of_what_is_billed_monthly(
    frequency: str, tmp_path: Path
) -> None:
    found = fault(tmp_path, **NO_DATES, **OF_A_YEAR, BillingFrequency=frequency)
    assert (found.column, found.value) == ("chargestartdate", None)
    assert found.reason.startswith("is missing, and the subscription has 365 days while a month is billed")


@pytest.mark.parametrize("frequency", ["Annual", "OneTime", ""])
def test_what_is_billed_for_longer_takes_the_days_of_its_subscription(frequency: str, tmp_path: Path) -> None:
    row = one(tmp_path, **NO_DATES, **OF_A_YEAR, BillingFrequency=frequency)
    assert (row["charge_period_start"], row["charge_period_end"]) == ("2026-10-03", "2027-10-03")

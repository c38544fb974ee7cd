"""Lines of Microsoft's bill: seats that change within a month, and lines that are alike.

Belongs here: seat-days, worked by hand, identifiers, and usage that two files state. Does not: single lines
(``test_line_money``).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.connectors.sources.microsoft.books import ALDER
from tests.connectors.sources.microsoft.lines import LINE, as_csv, one

DAILY = {
    "PartnerId": LINE["PartnerId"],
    "CustomerId": ALDER,
    "InvoiceNumber": "G016907411",
    "ProductId": "DZH318Z0BP04",
    "SkuId": "0034",
    "ChargeType": "new",
    "SubscriptionId": "43d26afe-cb98-48b9-acc4-ae3ef2ac6c51",
    "UsageDate": "10/05/2026",
    "ChargeStartDate": "10/01/2026",
    "ChargeEndDate": "10/31/2026",
    "MeterId": "1core",
    "MeterName": "1 Core Hours",
    "Tier2MpnId": "-1",
    "Quantity": "23.200004",
    "BillingPreTaxTotal": "0.486031696515249",
    "BillingCurrency": "USD",
    "ResourceURI": "/subscriptions/1/virtualMachines/one",
}


# seats, day by day: October has 31 days


def seats_by_day(rows: list[dict[str, str]]) -> list[Decimal]:
    """What the contract counts on each day of October: quantity of every recurring line whose charge period
    holds the day.
    """
    days = [date(2026, 10, 1) + timedelta(days=number) for number in range(31)]
    return [
        sum(
            (
                Decimal(row["quantity"])
                for row in rows
                if row["charge_category"] == "recurring"
                and row["charge_period_start"] <= str(day) < row["charge_period_end"]
            ),
            Decimal(0),
        )
        for day in days
    ]


def change(kind: str, seats: int, cents: int, refunded: bool, start: str) -> dict[str, str]:
    """A line of a change of quantity: quantity and price have no sign, the money has."""
    price = Decimal(cents) / 100
    total = str(price * seats * (-1 if refunded else 1))
    return {
        **LINE,
        "ChargeType": kind,
        "BillableQuantity": str(seats),
        "Quantity": str(seats),
        "EffectiveUnitPrice": str(price),
        "Subtotal": total,
        "Total": total,
        "ChargeStartDate": start,
        "OrderDate": start,
    }


def test_ten_seats_become_twelve_on_the_16th(tmp_path: Path) -> None:
    # 16 of 31 days are left: 18.70 * 16 / 31 = 9.65
    lines = [
        LINE,
        change("addQuantity", 10, 965, True, "10/16/2026"),
        change("addQuantity", 12, 965, False, "10/16/2026"),
    ]
    read = as_csv(tmp_path / "vendor_charges.csv", lines)
    assert seats_by_day(read.rows) == [10] * 15 + [12] * 16
    assert sum(seats_by_day(read.rows)) == 342  # 10 * 15 + 12 * 16
    assert sum(Decimal(row["amount"]) for row in read.rows) == Decimal("206.30")  # 187 - 96.50 + 115.80
    assert read.warnings == []


def test_ten_seats_become_eight_on_the_5th(tmp_path: Path) -> None:
    # 27 of 31 days are left: 18.70 * 27 / 31 = 16.28
    lines = [
        LINE,
        change("removeQuantity", 10, 1628, True, "10/05/2026"),
        change("removeQuantity", 8, 1628, False, "10/05/2026"),
    ]
    read = as_csv(tmp_path / "vendor_charges.csv", lines)
    assert seats_by_day(read.rows) == [10] * 4 + [8] * 27
    assert sum(seats_by_day(read.rows)) == 256  # 10 * 4 + 8 * 27


def test_two_more_on_the_16th_and_four_fewer_on_the_20th_and_all_gone_on_the_30th(tmp_path: Path) -> None:
    lines = [
        LINE,
        change("addQuantity", 10, 965, True, "10/16/2026"),
        change("addQuantity", 12, 965, False, "10/16/2026"),
        change("removeQuantity", 12, 723, True, "10/20/2026"),
        change("removeQuantity", 8, 723, False, "10/20/2026"),
        change("cancel", 8, 120, True, "10/30/2026"),
    ]
    assert (
        seats_by_day(as_csv(tmp_path / "vendor_charges.csv", lines).rows)
        == [10] * 15 + [12] * 4 + [8] * 10 + [0] * 2
    )


def test_seats_bought_and_given_back_on_one_day_leave_nothing(tmp_path: Path) -> None:
    lines = [
        LINE,
        change("addQuantity", 10, 1870, True, "10/01/2026"),
        change("addQuantity", 12, 1870, False, "10/01/2026"),
        change("removeQuantity", 12, 1870, True, "10/01/2026"),
        change("removeQuantity", 10, 1870, False, "10/01/2026"),
    ]
    assert seats_by_day(as_csv(tmp_path / "vendor_charges.csv", lines).rows) == [10] * 31


@pytest.mark.parametrize("signs", ["money", "price", "quantity", "price and money", "quantity and money"])
def test_a_refund_takes_seats_away_whichever_number_has_the_sign(signs: str, tmp_path: Path) -> None:
    refund = change("addQuantity", 10, 965, "money" in signs, "10/16/2026")
    refund |= {"EffectiveUnitPrice": "-9.65"} if "price" in signs else {}
    refund |= {"BillableQuantity": "-10"} if "quantity" in signs else {}
    if "money" not in signs:  # a refund of nothing: a price below a cent
        refund |= {
            "Subtotal": "0",
            "Total": "0",
            "EffectiveUnitPrice": "-0.001" if signs == "price" else "0.001",
        }
    row = as_csv(tmp_path / "vendor_charges.csv", [refund]).rows[0]
    assert (row["quantity"], row["unit_cost"]) == ("-10", "9.65" if "money" in signs else "0")


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [("new", "10"), ("renew", "10"), ("cycleCharge", "10"), ("cancel", "-10"), ("refund", "-10")],
)
def test_free_seats_count_by_their_charge_type(kind: str, quantity: str, tmp_path: Path) -> None:
    row = one(tmp_path, ChargeType=kind, EffectiveUnitPrice="0", Subtotal="0", Total="0")
    assert (row["quantity"], row["unit_cost"], row["amount"]) == (quantity, "0", "0")


def test_a_change_of_free_seats_never_doubles_them_and_is_told(tmp_path: Path) -> None:
    free = {"EffectiveUnitPrice": "0", "Subtotal": "0", "Total": "0"}
    lines = [
        {**line, **free}
        for line in (
            LINE,
            change("addQuantity", 10, 0, False, "10/16/2026"),
            change("addQuantity", 12, 0, False, "10/16/2026"),
        )
    ]
    read = as_csv(tmp_path / "vendor_charges.csv", lines)
    assert seats_by_day(read.rows) == [10] * 31
    assert [warning[:2] for warning in read.warnings] == ["2 "] and "count 0 seats" in read.warnings[0]


def test_a_change_that_says_the_whole_cycle_is_told_as_in_the_example_of_2019(tmp_path: Path) -> None:
    refund = {**change("addQuantity", 1, 387, True, "10/10/2026"), "OrderDate": "10/12/2026"}
    read = as_csv(tmp_path / "vendor_charges.csv", [refund])
    assert read.warnings == [
        "1 records change a quantity and say a charge period that began before the change: all its days count"
    ]


# identity


def test_equal_lines_are_two_and_their_identifiers_do_not_depend_on_order_format_or_other_columns(
    tmp_path: Path,
) -> None:
    other = {**LINE, "BillableQuantity": "3", "Subtotal": "56.1", "Total": "56.1"}
    first = as_csv(tmp_path / "vendor_charges.csv", [LINE, LINE, other])
    again = as_csv(
        tmp_path / "vendor_charges.again.csv", [{**line, "NewColumn": "x"} for line in (other, LINE, LINE)]
    )
    ids = [row["line_id"] for row in first.rows]
    assert len(set(ids)) == 3 and [name[-2:] for name in ids] == ["-0", "-1", "-0"]
    assert {row["line_id"]: row for row in first.rows} == {row["line_id"]: row for row in again.rows}


@pytest.mark.parametrize(
    "changes",
    [
        {"InvoiceNumber": "G2"},
        {"CustomerId": "a"},
        {"SkuId": "0003"},
        {"SubscriptionId": "b"},
        {"OrderId": "c"},
        {"ChargeType": "renew"},
        {"Subtotal": "187.01", "Total": "187.01"},
        {"ChargeStartDate": "10/02/2026"},
    ],
)
def test_lines_that_differ_have_other_identifiers(changes: dict[str, str], tmp_path: Path) -> None:
    assert one(tmp_path, **changes)["line_id"] != one(tmp_path)["line_id"]


def test_two_meters_of_one_product_at_one_price_are_not_the_same_charge(tmp_path: Path) -> None:
    rows = [
        {**LINE, "MeterDescription": meter, "BillableQuantity": "1", "Subtotal": "18.7", "Total": "18.7"}
        for meter in ("LRS", "ZRS")
    ]
    one_meter, other = as_csv(tmp_path / "vendor_charges.csv", rows).rows
    assert one_meter["charge_type"] != other["charge_type"]


# daily rated usage


def test_daily_usage_counts_on_its_day_in_twelve_places_and_by_resource(tmp_path: Path) -> None:
    read = as_csv(tmp_path / "vendor_charges.csv", [DAILY], usage="daily")
    (row,) = read.rows
    # 0.486031696515|249 and 0.4860316965|15
    assert (row["amount"], row["unit_cost"], row["quantity"]) == ("0.486031696515", "0.4860316965", "1")
    assert (row["charge_period_start"], row["charge_period_end"]) == ("2026-10-05", "2026-10-06")
    assert (row["charge_category"], row["charge_type"]) == ("usage", "new: 1 Core Hours")
    assert (row["subscription_id"], row["sku_id"]) == (
        "/subscriptions/1/virtualMachines/one",
        "DZH318Z0BP04:0034",
    )
    assert read.warnings == ["1 records have an amount of more than 12 places, which was rounded to 12"]


@pytest.mark.parametrize(("usage", "amounts"), [("billed", ["187", "0.48"]), ("daily", ["187", "0.486"])])
def test_metered_usage_counts_once_by_the_bill_or_by_the_day(
    usage: str, amounts: list[str], tmp_path: Path
) -> None:
    billed = {
        **LINE,
        "MeterDescription": "1 Core Hours",
        "EffectiveUnitPrice": "0.486",
        "BillableQuantity": "1",
        "Subtotal": "0.48",
        "Total": "0.48",
    }
    read = as_csv(
        tmp_path / "vendor_charges.csv", [LINE, billed, {**DAILY, "BillingPreTaxTotal": "0.486"}], usage=usage
    )
    assert [row["amount"] for row in read.rows] == amounts
    assert [
        w for w in read.warnings if "counts by" in w
    ] and "1 records are not vendor_charges and were passed over" in read.warnings

"""Lines of Microsoft's bill: quantities, prices, tax and charge types.

Belongs here: what a line costs and what kind of charge it is. Does not: changes of seats (``test_seats``).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.connectors.sources.microsoft.lines import LINE, as_csv, fault, one

# money


def test_the_billable_quantity_counts_and_the_prorated_price_in_billing_currency(tmp_path: Path) -> None:
    # 18.705 * 0.923 = 17.264715, cut 17.26; times 10
    row = one(
        tmp_path,
        Quantity="777",
        PricingCurrency="USD",
        Currency="EUR",
        PCToBCExchangeRate="0.923",
        Subtotal="172.6",
        Total="172.6",
    )
    assert (row["quantity"], row["unit_cost"], row["amount"], row["currency"]) == (
        "10",
        "17.26",
        "172.6",
        "EUR",
    )


def test_another_pricing_currency_without_a_rate_is_rejected(tmp_path: Path) -> None:
    assert fault(tmp_path, PricingCurrency="EUR", PCToBCExchangeRate="").column == "pctobcexchangerate"


def test_a_subtotal_off_the_rule_is_kept_warned_about_and_left_to_the_finding(tmp_path: Path) -> None:
    read = as_csv(tmp_path / "vendor_charges.csv", [{**LINE, "Subtotal": "187.05", "Total": "187.05"}, LINE])
    first = read.rows[0]
    assert read.faults == [] and first["amount"] == "187.05"
    assert Decimal(first["amount"]) - Decimal(first["quantity"]) * Decimal(first["unit_cost"]) == Decimal(
        "0.05"
    )
    assert read.warnings == [
        "1 records have a subtotal that is not what Microsoft's rounding rule gives; it was kept as it is"
    ]


def test_metered_usage_keeps_to_its_own_rule(tmp_path: Path) -> None:
    metered = {
        **LINE,
        "MeterDescription": "Bandwidth",
        "TermAndBillingCycle": "",
        "BillableQuantity": "33.333",
    }
    kept = {
        **metered,
        "EffectiveUnitPrice": "0.045",
        "PCToBCExchangeRate": "0.9",
        "Subtotal": "1.34",
        "Total": "1.34",
    }
    read = as_csv(tmp_path / "vendor_charges.csv", [kept, {**kept, "Subtotal": "1.35", "Total": "1.35"}])
    assert [
        (row["charge_category"], row["charge_type"], row["quantity"], row["unit_cost"], row["amount"])
        for row in read.rows
    ] == [
        ("usage", "cycleCharge: Bandwidth", "1", "1.34", "1.34"),
        ("usage", "cycleCharge: Bandwidth", "1", "1.35", "1.35"),
    ]
    assert [warning[:2] for warning in read.warnings] == ["1 "]


def test_tax_is_a_line_of_its_own_and_a_total_that_does_not_add_up_is_told(tmp_path: Path) -> None:
    read = as_csv(
        tmp_path / "vendor_charges.csv",
        [{**LINE, "TaxTotal": "16.83", "Total": "203.83"}, {**LINE, "Total": "187.01"}],
    )
    line, tax, other = read.rows
    assert tax == {
        **line,
        "line_id": f"{line['line_id']}-tax",
        "charge_category": "tax",
        "quantity": "1",
        "unit_cost": "16.83",
        "amount": "16.83",
    }
    assert other["charge_category"] == "recurring"
    assert read.warnings == ["1 records have a total that is not their subtotal and tax"]


def test_tax_is_an_adjustment_where_the_invoice_s_total_includes_it(tmp_path: Path) -> None:
    line = {**LINE, "TaxTotal": "16.83", "Total": "203.83"}
    read = as_csv(tmp_path / "vendor_charges.csv", [line], invoice_total="with_tax")
    # the control sums all categories but tax: 187 + 16.83 = the invoice's total
    assert [(row["charge_category"], row["amount"]) for row in read.rows] == [
        ("recurring", "187"),
        ("adjustment", "16.83"),
    ]


@pytest.mark.parametrize("said", ["1,234.00", "1.234,00", "NaN", "", "187.00 USD", "9" * 61])
def test_a_subtotal_that_is_no_number_is_rejected(said: str, tmp_path: Path) -> None:
    assert fault(tmp_path, Subtotal=said).column in ("subtotal", "billingpretaxtotal")


# charge types


@pytest.mark.parametrize(
    ("said", "written", "category"),
    [
        ("New", "new", "recurring"),
        ("RENEW", "renew", "recurring"),
        ("cyclecharge", "cycleCharge", "recurring"),
        ("Convert", "convert", "recurring"),
        ("AddQuantity", "addQuantity", "recurring"),
        ("removequantity", "removeQuantity", "recurring"),
        ("Cancel", "cancel", "recurring"),
        ("CancelImmediate", "cancelImmediate", "recurring"),
        ("Purchase", "new", "recurring"),
        ("Refund", "cancel", "recurring"),
        ("CustomerCredit", "customerCredit", "credit"),
        ("Cycle fee", "Cycle fee", "recurring"),
        ("Prorate fees when  purchase", "Prorate fees when purchase", "recurring"),
        ("Offset a line item", "Offset a line item", "credit"),
        ("Cycle discount", "Cycle discount", "credit"),
        ("Assess usage fee when cancel", "Assess usage fee when cancel", "usage"),
    ],
)
def test_charge_types_are_known_in_any_case(said: str, written: str, category: str, tmp_path: Path) -> None:
    row = one(tmp_path, ChargeType=said)
    assert (row["charge_type"], row["charge_category"]) == (written, category)


@pytest.mark.parametrize("said", ["surcharge", "new2", "addQuantity;cancel"])
def test_an_unknown_charge_type_is_rejected_by_name(said: str, tmp_path: Path) -> None:
    found = fault(tmp_path, ChargeType=said)
    assert (found.column, found.value) == ("chargeType", said)


def test_a_missing_charge_type_is_rejected(tmp_path: Path) -> None:
    assert fault(tmp_path, ChargeType="").column == "chargetype"


@pytest.mark.parametrize("term", ["One-Time", "One time", "OneTime"])
def test_a_purchase_for_good_is_one_time(term: str, tmp_path: Path) -> None:
    assert one(tmp_path, TermAndBillingCycle=term, ChargeType="new")["charge_category"] == "one_time"
    assert (
        one(tmp_path, TermAndBillingCycle="One-Month commitment for monthly billing")["charge_category"]
        == "recurring"
    )


def test_an_adjustment_that_the_lines_lack_can_be_landed_by_hand(tmp_path: Path) -> None:
    adjustment = {
        **LINE,
        "ChargeType": "customerCredit",
        "SkuName": "Service credit",
        "Subtotal": "-12.34",
        "Total": "-12.34",
        "BillableQuantity": "",
        "EffectiveUnitPrice": "",
        "ProductId": "",
        "SkuId": "",
    }
    (row,) = as_csv(tmp_path / "vendor_charges.csv", [adjustment]).rows
    assert (row["charge_category"], row["quantity"], row["unit_cost"], row["amount"]) == (
        "credit",
        "1",
        "-12.34",
        "-12.34",
    )

"""The second engine, vendor side, by worked examples: duplicates, late charges, prices, amounts, unmapped and
unmetered lines.

Belongs here: vendor-side codes. Keys are ``tests/recompute/test_month.py``, controls ``test_landing``.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.recompute.handmade import (
    Handmade,
    agreed,
    charge,
    codes,
    counted,
    disposed,
    found,
    invoiced,
    key,
    mapped,
    run,
)


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)


def test_a_charge_repeated_on_a_later_invoice_is_claimed_and_counts_nowhere(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"), charge("1", "5", "2.0", "10", invoice_id="V-2"))
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    assert found(result, "DUPLICATE_VENDOR_CHARGE")["vendor_claim"] == Decimal("10.00")
    assert key(result)["verdict"] == "matched"
    reasons = {row["invoice_id"]: row["reason"] for row in result.line_dispositions if row["leg"] == "vendor"}
    assert reasons == {"V-1": None, "V-2": "DUPLICATE_VENDOR_CHARGE"}
    assert result.coverage == {"USD": (Fraction(10), Fraction(10))}


def test_a_late_charge_is_priced_month_by_month_at_the_last_late_days_price(world: Handmade) -> None:
    late = {"charge_period_start": "2025-02-15", "charge_period_end": "2025-04-11"}
    world.land("vendor_charges", charge("1", "2", "1", "2", **late))
    world.land("invoice_lines", invoiced("a", "2", "12", "8", service_period_end="2025-04-11"))
    first = agreed("x", "2", "10", effective_end="2025-03-15")
    world.land("agreements", first, agreed("y", "2", "12", effective_start="2025-03-15"))
    result = run(world)
    # February 2 x 10 x 14/28 = 10, March 2 x 12 = 24; April's ten days are billed.
    assert found(result, "LATE_CHARGE")["client_recoverable"] == Decimal("34.00")
    assert key(result)["verdict"] == "matched"
    assert disposed(result, "vendor") == {"1": ("matched", None)}


def test_a_vendors_price_and_amount_are_checked_against_list_and_quantity(world: Handmade) -> None:
    world.rule("cost_list", {"source": "dist", "sku_id": "S1", "unit_cost": "2", "currency": "USD"})
    cheap = charge("2", "10", "1.9", "19", subscription_id="s2")
    wrong = charge("3", "2", "2", "3.98", subscription_id="s3")
    world.land("vendor_charges", charge("1", "10", "2.125", "21.25"), cheap, wrong)
    world.land("invoice_lines", invoiced("a", "22", "10", "220"))
    result = run(world)
    assert codes(result) == ["VENDOR_AMOUNT_MISMATCH", "VENDOR_PRICE_CHANGE", "VENDOR_PRICE_CHANGE"]
    impacts = {row["line_id"]: (row["vendor_claim"], row["vendor_liability"]) for row in result.exceptions}
    assert impacts["1"] == (Decimal("1.25"), 0)
    assert impacts["2"] == (0, Decimal("1.00"))
    assert impacts["3"] == (0, Decimal("0.02"))
    assert disposed(result, "vendor")["3"] == ("exception", "VENDOR_AMOUNT_MISMATCH")


def test_an_unmapped_customer_is_priced_at_cost_and_lowers_coverage(world: Handmade) -> None:
    stranger = {"vendor_customer_id": "vc2"}
    world.land("vendor_charges", charge("1", "5", "2", "10"), charge("2", "1", "30", "30", **stranger))
    future = charge(
        "3", "1", "1", "1", charge_period_start="2025-05-01", charge_period_end="2025-06-01", **stranger
    )
    world.land(
        "vendor_charges",
        charge("4", "1", "1", "1", charge_category="tax", **stranger),
        future,
        source="extra",
    )
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    world.policies = {"min_coverage_pct": "25"}
    result = run(world)
    row = found(result, "UNMAPPED_CUSTOMER")
    assert (row["vendor_customer_id"], row["client_id"], row["priced_at_cost"]) == (
        "vc2",
        None,
        Decimal("30.00"),
    )
    assert result.coverage == {"USD": (Fraction(10), Fraction(40))} and result.reasons == []
    expected = {
        "1": ("matched", None),
        "2": ("exception", "UNMAPPED_CUSTOMER"),
        "3": ("excluded", "future_period"),
    }
    assert disposed(result, "vendor") == expected | {"4": ("excluded", "tax")}
    world.policies = {"min_coverage_pct": "25.01"}
    assert run(world).reasons == ["COVERAGE_TOO_LOW"]


def test_usage_of_a_product_that_is_not_metered_is_shown_at_cost(world: Handmade) -> None:
    world.land(
        "vendor_charges", charge("1", "5", "2", "10"), charge("2", "1", "0", "3.333", charge_category="usage")
    )
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    result = run(world)
    assert found(result, "USAGE_NOT_METERED")["priced_at_cost"] == Decimal("3.33")
    assert key(result)["margin_amount"] == Decimal("36.67")
    assert disposed(result, "vendor")["2"] == ("exception", "USAGE_NOT_METERED")


def test_a_late_charge_that_does_not_reach_into_the_period_makes_no_key_and_no_price_makes_it_nothing(
    world: Handmade,
) -> None:
    march = {"charge_period_start": "2025-03-01", "charge_period_end": "2025-04-01"}
    world.land("vendor_charges", charge("1", "2", "1", "2", **march))
    world.land("invoice_lines", invoiced("hw", "1", "9", "9", charge_category="one_time"))
    result = run(world)
    assert result.reconciliation == []
    late = found(result, "LATE_CHARGE")
    assert (late["client_recoverable"], late["currency"], late["client_id"]) == (
        Decimal("0.00"),
        "USD",
        "acme",
    )
    assert disposed(result, "vendor") == {"1": ("exception", "LATE_CHARGE")}
    assert disposed(result, "invoice") == {"hw": ("excluded", "one_time")}


def test_a_late_credit_of_seats_is_refunded(world: Handmade) -> None:
    march = {"charge_period_start": "2025-03-01", "charge_period_end": "2025-04-01"}
    world.land("vendor_charges", charge("1", "-2", "1", "-2", **march))
    world.land("invoice_lines", invoiced("hw", "1", "9", "9", charge_category="one_time"))
    world.land("agreements", agreed("x", "2", "10", effective_end="2025-04-01"))
    assert found(run(world), "LATE_CHARGE")["client_refund"] == Decimal("20.00")


def test_a_line_is_mapped_on_the_first_day_it_has_in_the_period(world: Handmade) -> None:
    world.rule(
        "sku_map", mapped("S1", "old", valid_to="2025-04-01"), mapped("S1", "mail", valid_from="2025-04-01")
    )
    world.land("vendor_charges", charge("1", "2", "1", "2", charge_period_start="2025-03-20"))
    world.land("invoice_lines", invoiced("a", "2", "10", "20"))
    result = run(world)
    assert [row["product_code"] for row in result.reconciliation] == ["mail"]
    assert found(result, "LATE_CHARGE")["product_code"] == "mail"


def test_seats_provisioned_beyond_those_billed_are_a_liability_at_list_cost(world: Handmade) -> None:
    world.rule("cost_list", {"source": "dist", "sku_id": "S1", "unit_cost": "1.25", "currency": "USD"})
    world.land(
        "license_counts", counted("2025-04-10", "S1", "9"), counted("2025-04-20", "S1", "6"), source="dist"
    )
    world.land("vendor_charges", charge("1", "4", "1.25", "5"))
    world.land("invoice_lines", invoiced("a", "4", "10", "40"))
    result = run(world)
    row = found(result, "VENDOR_QUANTITY_UNDER")
    assert (row["vendor_liability"], row["client_id"], row["product_code"]) == (
        Decimal("2.50"),
        "acme",
        "mail",
    )
    assert row["severity"] == "warning" and key(result)["verdict"] == "matched"

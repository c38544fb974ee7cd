"""The second engine against worked examples: every expected value below is worked out by hand.

Belongs here: quantities, prices and margins of the engine itself, so that a disagreement with the pipeline
can be trusted to be one. Does not: values where a price or currency is missing (``test_month_values``),
counts (``test_month_counts``). All examples are April 2025, 30 days, unless they say otherwise.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mbr_pipeline.recompute.month import recompute_month
from tests.recompute.halves import HALF
from tests.recompute.handmade import (
    Handmade,
    agreed,
    charge,
    clean,
    codes,
    disposed,
    found,
    invoiced,
    key,
    mapped,
    run,
)

# --- quantities ---


def test_a_prorated_addition_billed_for_its_days_matches(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"), charge("2", "5", "1", "5", **HALF))
    second = invoiced("b", "5", "10", "25", service_period_start="2025-04-16")
    world.land("invoice_lines", invoiced("a", "5", "10", "50"), second)
    world.land("agreements", agreed("x", "10", "10"))
    result = run(world)
    row = key(result)
    assert row["verdict"] == "matched"
    assert row["expected_unit_days"] == row["invoiced_unit_days"] == 5 * 30 + 5 * 15
    assert row["expected_amount"] == row["invoiced_amount"] == Decimal("75.00")
    assert row["effective_cost"] == 15
    assert row["margin_amount"] == Decimal("60.00")
    assert result.exceptions == [] and clean(result)
    assert [row["change"] for row in result.invoice_lines_ready] == ["unchanged", "unchanged"]


def test_a_mid_period_change_billed_for_the_whole_month_is_refunded_and_holds(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "5", "2", "10"), charge("2", "5", "1", "5", **HALF))
    world.land("invoice_lines", invoiced("a", "10", "10", "100"))
    world.land("agreements", agreed("x", "8", "10"))
    result = run(world)
    # 225 - 300 unit-days at 10 a month of 30 days: -25.
    assert key(result)["volume_variance"] == Decimal("-25.00")
    assert key(result)["expected_amount"] == Decimal("75.00")
    row = found(result, "MID_PERIOD_CHANGE_NOT_PRORATED")
    assert (row["client_refund"], row["client_recoverable"], row["blocking"]) == (Decimal("25.00"), 0, True)
    (gate,) = result.client_gate
    assert (gate["verdict"], gate["held_amount"], gate["open_exceptions"]) == ("HOLD", Decimal("100.00"), 1)
    assert result.invoice_lines_ready == [] and clean(result)
    (change,) = result.psa_changes
    assert (change["current_quantity"], change["proposed_quantity"]) == (8, 10)
    assert (change["agreement_line_id"], change["effective_date"]) == ("x", date(2025, 5, 1))


def test_units_per_and_the_exact_term_win_over_the_blank_one(world: Handmade) -> None:
    world.rule("sku_map", mapped("S1", "mail"), mapped("S1", "annual", term="P1Y", units_per="2.5"))
    world.land(
        "vendor_charges", charge("1", "4", "1", "4", term="P1Y"), charge("2", "1", "1", "1", term="P1M")
    )
    world.land(
        "invoice_lines", invoiced("a", "1", "3", "3"), invoiced("b", "10", "3", "30", product_code="annual")
    )
    result = run(world)
    assert key(result, "annual")["vendor_unit_days"] == 300
    assert key(result)["vendor_unit_days"] == 30
    assert codes(result) == []


def test_a_minimum_quantity_raises_what_is_expected_but_not_from_nothing(world: Handmade) -> None:
    world.rule(
        "metering",
        *(
            {"product_code": code, "basis": "vendor_billed", "minimum_quantity": "10"}
            for code in ("mail", "none")
        ),
    )
    world.rule("sku_map", mapped("S1", "mail"), mapped("S2", "none"))
    world.land("vendor_charges", charge("1", "4", "1", "4"))
    world.land(
        "invoice_lines", invoiced("a", "4", "3", "12"), invoiced("b", "4", "3", "12", product_code="none")
    )
    result = run(world)
    assert key(result)["expected_unit_days"] == 300
    assert found(result, "UNDERBILLED_QUANTITY")["client_recoverable"] == Decimal("18.00")
    assert found(result, "BILLED_NOT_PROVIDED")["client_refund"] == Decimal("12.00")
    assert key(result, "none")["expected_unit_days"] == 0


def test_a_prepayment_counts_in_each_month_it_reaches_into(world: Handmade) -> None:
    prepaid = {"charge_period_start": "2025-03-16", "charge_period_end": "2025-05-16"}
    world.land("vendor_charges", charge("1", "10", "6.1", "61", **prepaid), period="2025-03")
    service = {"service_period_start": "2025-03-16", "service_period_end": "2025-05-16"}
    world.land("invoice_lines", invoiced("a", "10", "6", "122", **service), period="2025-03")
    world.land("vendor_charges", charge("t", "1", "1", "1", charge_category="tax"))
    world.land("invoice_lines", invoiced("hw", "1", "9", "9", charge_category="one_time"))
    row = key(run(world))
    # 30 of 61 days of 61 and of 122; a line reaching outside P has no price variance.
    assert (row["effective_cost"], row["invoiced_amount"], row["price_variance"]) == (30, Decimal("60.00"), 0)
    assert row["expected_unit_days"] == row["invoiced_unit_days"] == 300


# --- money ---


def test_eleven_decimals_of_usage_are_marked_up_before_the_only_rounding(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "cost_plus", "markup_pct": "20"})
    usage = [
        charge(str(n), "1", "0", "0.00624999996", charge_category="usage", subscription_id=str(n))
        for n in (1, 2)
    ]
    world.land("vendor_charges", *usage)
    world.land("invoice_lines", invoiced("a", "1", "0.02", "0.02"))
    result = run(world)
    # 0.01249999992 x 1.2 = 0.014999999904 -> 0.01; rounded to ten places first it would have been 0.02.
    assert key(result)["effective_cost"] == Decimal("0.01249999992")
    assert key(result)["expected_amount"] == Decimal("0.01")
    assert found(result, "COST_PLUS_OVERBILLED")["client_refund"] == Decimal("0.01")
    assert clean(result)


def test_usage_in_arrears_counts_all_its_days_before_the_periods_end(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "cost_plus"})
    arrears = {
        "charge_category": "usage",
        "charge_period_start": "2025-03-17",
        "charge_period_end": "2025-05-16",
    }
    world.land("vendor_charges", charge("1", "1", "0", "6", **arrears))
    world.land("invoice_lines", invoiced("a", "1", "4.5", "4.5"))
    assert key(run(world))["effective_cost"] == Decimal("4.5")  # 45 of 60 days
    world.land("vendor_charges", charge("t", "1", "1", "1", charge_category="tax"), period="2025-05")
    world.land("invoice_lines", invoiced("z", "1", "1", "1", charge_category="one_time"), period="2025-05")
    later = recompute_month(world.finish(), "msp", "2025-05")
    assert key(later)["effective_cost"] == Decimal("1.5")  # the 15 days of May, none of those before


@pytest.mark.parametrize(
    ("currency", "price", "amount", "variance"),
    [("JPY", "333", "167", "0"), ("JPY", "333", "166", "1"), ("KWD", "1.001", "0.500", "0.001")],
)
def test_half_a_month_rounds_half_up_in_the_currencys_minor_unit(
    world: Handmade, currency: str, price: str, amount: str, variance: str
) -> None:
    # 333 / 2 = 166.5 -> 167 yen; 1.001 / 2 = 0.5005 -> 0.501 dinar.
    world.land("vendor_charges", charge("1", "1", "1", "1", currency=currency, **HALF))
    line = invoiced("a", "1", price, amount, currency=currency, service_period_start="2025-04-16")
    world.land("invoice_lines", line)
    world.land("agreements", agreed("x", "1", price, currency=currency))
    result = run(world)
    assert str(key(result)["price_variance"]) == variance
    assert "ROUNDING" in codes(result) or variance == "0"
    assert clean(result)
    for row in result.exceptions:
        if row["exception_code"] == "ROUNDING":
            assert (row["status"], row["severity"], row["blocking"]) == ("auto_cleared", "info", False)


def test_a_price_off_the_agreement_and_an_amount_off_its_own_price_are_told_apart(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "2", "1", "2"))
    world.land("invoice_lines", invoiced("a", "1", "9", "9"), invoiced("b", "1", "10", "10.02"))
    world.land("agreements", agreed("x", "2", "10"))
    result = run(world)
    assert found(result, "INVOICE_PRICE_MISMATCH")["client_recoverable"] == Decimal("1.00")
    assert found(result, "INVOICE_AMOUNT_MISMATCH")["client_refund"] == Decimal("0.02")
    assert key(result)["price_variance"] == Decimal("0.98") and clean(result)
    reasons = disposed(result, "invoice")
    assert reasons == {
        "a": ("exception", "INVOICE_PRICE_MISMATCH"),
        "b": ("exception", "INVOICE_AMOUNT_MISMATCH"),
    }
    assert disposed(result, "vendor") == {"1": ("exception", "INVOICE_PRICE_MISMATCH")}


def test_a_line_is_priced_by_the_agreement_line_it_names(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "1", "1", "1"))
    world.land("invoice_lines", invoiced("a", "1", "8", "8", agreement_line_id="old"))
    world.land("agreements", agreed("old", "1", "8"), agreed("new", "0", "9", effective_start="2025-02-01"))
    assert codes(run(world)) == []


def test_margin_codes_compare_with_the_rounded_cost(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "vendor_billed", "margin_floor_pct": "20"})
    world.rule("sku_map", mapped("S1", "mail"), mapped("S2", "disk"))
    world.land(
        "vendor_charges", charge("1", "1", "8.01", "8.01"), charge("2", "1", "5.005", "5.005", sku_id="S2")
    )
    world.land(
        "invoice_lines", invoiced("a", "1", "10", "10"), invoiced("b", "1", "5", "5", product_code="disk")
    )
    result = run(world)
    assert codes(result) == ["MARGIN_BELOW_FLOOR", "SOLD_BELOW_COST"]  # 19.9 % < 20 %; 5.00 < 5.01
    assert found(result, "SOLD_BELOW_COST")["product_code"] == "disk"
    assert (
        found(result, "SOLD_BELOW_COST")["blocking"],
        found(result, "MARGIN_BELOW_FLOOR")["blocking"],
    ) == (
        True,
        False,
    )


def test_a_margin_of_exactly_the_floor_or_of_nothing_at_no_floor_is_no_finding(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "vendor_billed", "margin_floor_pct": "20"})
    world.rule("sku_map", mapped("S1", "mail"), mapped("S2", "disk"))
    world.land("vendor_charges", charge("1", "1", "8", "8"), charge("2", "1", "5", "5", sku_id="S2"))
    world.land(
        "invoice_lines", invoiced("a", "1", "10", "10"), invoiced("b", "1", "5", "5", product_code="disk")
    )
    assert codes(run(world)) == []


def test_a_share_of_a_cost_is_rounded_half_up_to_ten_places(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "1", "1", "1", charge_period_end="2025-05-31"))
    world.land("invoice_lines", invoiced("a", "1", "3", "3"))
    # 30 of 60 days of 1, and 30 of 61 days: 0.49180327868...
    assert key(run(world))["effective_cost"] == Decimal("0.5")
    world.land("vendor_charges", charge("1", "1", "1", "1", charge_period_end="2025-06-01"))
    assert key(run(world))["effective_cost"] == Decimal("0.4918032787")

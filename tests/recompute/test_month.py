"""The second engine against worked examples: every expected value below is worked out by hand.

Belongs here: tests of the engine itself, so that a disagreement with the pipeline can be trusted to be one.
All examples are April 2025, 30 days, unless they say otherwise.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from mbr_pipeline.recompute import RecomputedMonth, recompute_month
from tests.recompute.handmade import (
    Handmade,
    agreed,
    charge,
    clean,
    codes,
    counted,
    disposed,
    found,
    invoiced,
    key,
    mapped,
    product,
    run,
)

HALF = {"charge_period_start": "2025-04-16"}


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)


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


def test_two_invoice_currencies_of_one_key_are_not_compared(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "3", "1", "3"))
    world.land("invoice_lines", invoiced("a", "1", "9", "9"), invoiced("b", "1", "8", "8", currency="EUR"))
    result = run(world)
    rows = {row["currency"]: row["invoiced_amount"] for row in result.reconciliation}
    assert rows == {"EUR": Decimal("8.00"), "USD": Decimal("9.00")}
    assert codes(result) == ["CURRENCY_MISMATCH"] and clean(result)
    assert {row["verdict"] for row in result.reconciliation} == {"exception"}
    assert {row["verdict"] for row in result.client_gate} == {"HOLD"}


def test_what_nobody_priced_is_valued_at_cost_else_at_nothing_and_blocks(world: Handmade) -> None:
    world.rule("sku_map", mapped("S1", "mail"), mapped("S2", "disk"))
    dear = charge("2", "1", "2", "2", sku_id="S2", currency="EUR")
    world.land("vendor_charges", charge("1", "2", "3", "6"), dear)
    world.land("invoice_lines", invoiced("hw", "1", "9", "9", charge_category="one_time"))
    ended = agreed("x", "1", "5", product_code="disk", effective_end="2025-04-01", currency="USD")
    world.land("agreements", ended)
    result = run(world)
    assert (key(result)["valued_at"], key(result)["volume_variance"]) == ("cost", Decimal("6.00"))
    assert found(result, "UNBILLED_PRODUCT")["client_recoverable"] == Decimal("6.00")
    # The ended line names the currency and, in force last, still the price.
    assert (key(result, "disk")["currency"], key(result, "disk")["valued_at"]) == ("USD", "agreement")
    assert found(result, "AGREEMENT_ENDED")["client_recoverable"] == Decimal("5.00")


def test_a_code_without_any_price_blocks_whatever_the_materiality(world: Handmade) -> None:
    world.rule("sku_map", mapped("S1", "mail"), mapped("S2", "mail"))
    # Nothing but two currencies of cost: EUR, first in the alphabet, is the key's, and not all its cost is in
    # it.
    world.land(
        "vendor_charges", charge("1", "2", "3", "6"), charge("2", "2", "3", "6", sku_id="S2", currency="EUR")
    )
    world.land("invoice_lines", invoiced("hw", "1", "9", "9", client_id="other", charge_category="one_time"))
    world.policies = {"materiality": "1000"}
    result = run(world)
    assert (key(result)["currency"], key(result)["valued_at"]) == ("EUR", "none")
    assert found(result, "UNBILLED_PRODUCT")["blocking"]
    assert (key(result)["effective_cost"], key(result)["margin_amount"]) == (None, None)


def test_a_key_without_a_currency_takes_the_one_its_clients_lines_share_then_the_products(
    world: Handmade,
) -> None:
    world.land("vendor_charges", charge("1", "2", "3", "6", currency="EUR"))
    world.land("invoice_lines", invoiced("hw", "1", "9", "9", charge_category="one_time"))
    world.land("products", product("mail", default_unit_price="4", currency="GBP"), product("disk"))
    assert key(run(world))["currency"] == "USD"
    more = invoiced("b", "1", "9", "9", product_code="disk", currency="CHF")
    world.land("invoice_lines", invoiced("hw", "1", "9", "9", charge_category="one_time"), more)
    row = key(run(world))
    # Two units at the list price: 8.00 pounds; the cost is in another currency, so there is no margin.
    assert (row["currency"], row["valued_at"], row["volume_variance"]) == ("GBP", "list", Decimal("8.00"))
    assert (row["effective_cost"], row["margin_amount"]) == (None, None)


def test_materiality_lets_a_finding_of_that_size_pass_but_not_a_cent_more(world: Handmade) -> None:
    world.land("vendor_charges", charge("1", "2", "1", "2"))
    world.land("invoice_lines", invoiced("a", "1", "10", "10"))
    world.land("agreements", agreed("x", "2", "10"))
    world.policies = {"materiality": "10.00"}
    result = run(world)
    assert found(result, "UNDERBILLED_QUANTITY")["client_recoverable"] == Decimal("10.00")
    assert [row["verdict"] for row in result.client_gate] == ["PASS"]
    world.policies = {"materiality": "9.99"}
    assert [row["verdict"] for row in run(world).client_gate] == ["HOLD"]


def test_a_cost_plus_key_charged_in_another_currency_is_not_compared(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "cost_plus"})
    world.land("vendor_charges", charge("1", "2", "3", "6", currency="EUR"))
    world.land("invoice_lines", invoiced("a", "1", "6", "6"))
    result = run(world)
    assert codes(result) == ["CURRENCY_MISMATCH"]
    assert key(result)["expected_amount"] == Decimal("6.00")


def test_an_agreement_nobody_invoiced_is_recovered_at_its_price(world: Handmade) -> None:
    world.rule("metering", {"product_code": "labour", "basis": "agreement"})
    world.land("vendor_charges", charge("t", "1", "1", "1", charge_category="tax"))
    world.land("invoice_lines", invoiced("a", "1", "7", "7", client_id="other", charge_category="one_time"))
    starts = agreed("x", "2", "45", product_code="labour", effective_start="2025-04-21")
    world.land("agreements", starts)
    result = run(world)
    # Two units for ten days at 45 a month of 30.
    assert found(result, "AGREEMENT_NOT_INVOICED")["client_recoverable"] == Decimal("30.00")
    assert key(result, "labour")["agreement_quantity"] == 2 and result.psa_changes == []
    assert {row["client_id"]: row["verdict"] for row in result.client_gate} == {
        "acme": "HOLD",
        "other": "PASS",
    }
    assert [row["invoice_line_id"] for row in result.invoice_lines_ready] == ["a"]


# --- seat counts ---


def counts_world(world: Handmade, basis: str, *rows: dict[str, str], seats: str) -> RecomputedMonth:
    world.rule("metering", {"product_code": "mail", "basis": basis})
    world.land("license_counts", *rows)
    world.land("invoice_lines", invoiced("a", seats, "3", str(3 * int(seats))))
    return run(world)


def test_a_vanished_sku_counts_nothing_from_the_date_it_is_absent(world: Handmade) -> None:
    days = (
        counted("2025-04-05", "S1", "10", "10"),
        counted("2025-04-05", "S9", "1"),
        counted("2025-04-11", "S9", "1"),
    )
    result = counts_world(world, "entitled", *days, seats="10")
    # The first date reaches back to the 1st: 10 seats for 10 days, none on the last day.
    assert (key(result)["expected_unit_days"], key(result)["expected_quantity"]) == (100, 0)
    assert found(result, "OVERBILLED_QUANTITY")["client_refund"] == Decimal("20.00")
    assert found(result, "UNMAPPED_SKU")["currency"] is None


def test_rows_of_one_date_are_summed_and_unused_seats_are_stranded(world: Handmade) -> None:
    world.rule("cost_list", {"source": "rmm", "sku_id": "S1", "unit_cost": "1.5", "currency": "USD"})
    result = counts_world(
        world,
        "assigned",
        counted("2025-04-30", "S1", "3", "2"),
        counted("2025-04-30", "S1", "3", "2"),
        seats="4",
    )
    assert key(result)["verdict"] == "matched"
    assert (key(result)["entitled_quantity"], key(result)["assigned_quantity"]) == (6, 4)
    assert found(result, "UNUSED_LICENSES")["stranded"] == Decimal("3.00")


def test_an_empty_assigned_quantity_or_no_count_at_all_is_unreconcilable_and_holds(world: Handmade) -> None:
    result = counts_world(world, "assigned", counted("2025-04-30", "S1", "3"), seats="4")
    assert key(result)["verdict"] == "unreconcilable"
    assert result.client_gate[0]["verdict"] == "HOLD" and codes(result) == []
    assert disposed(result, "invoice") == {"a": ("exception", "unreconcilable")}
    result = counts_world(world, "assigned", counted("2025-03-31", "S1", "3", "3"), seats="4")
    assert key(result)["verdict"] == "unreconcilable"
    result = counts_world(world, "assigned", counted("2025-04-30", "S9", "3", "3"), seats="4")
    # The customer was counted, so the absent SKU is none, billed and not provided.
    assert codes(result) == ["BILLED_NOT_PROVIDED", "UNMAPPED_SKU"]


def test_a_client_without_any_vendor_customer_was_counted_by_nobody(world: Handmade) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "entitled"})
    world.land("license_counts", counted("2025-04-30", "S1", "3"))
    world.land("invoice_lines", invoiced("a", "3", "3", "9"), invoiced("b", "3", "3", "9", client_id="other"))
    verdicts = {row["client_id"]: row["verdict"] for row in run(world).reconciliation}
    assert verdicts == {"acme": "matched", "other": "unreconcilable"}


def test_two_counting_sources_need_a_named_one(world: Handmade) -> None:
    world.land("license_counts", counted("2025-04-30", "S1", "7", "7"), source="dist")
    result = counts_world(world, "entitled", counted("2025-04-30", "S1", "3", "3"), seats="3")
    assert key(result)["verdict"] == "unreconcilable"
    world.rule("metering", {"product_code": "mail", "basis": "entitled", "count_source": "rmm"})
    assert key(run(world))["verdict"] == "matched"


def test_seats_billed_beyond_those_provisioned_are_claimed_at_a_full_months_cost(world: Handmade) -> None:
    world.land("license_counts", counted("2025-04-20", "S1", "6"), source="dist")
    world.land("vendor_charges", charge("1", "5", "2", "10"), charge("2", "5", "1", "5", **HALF))
    world.land("invoice_lines", invoiced("a", "5", "10", "50"))
    # 10 billed, 6 provisioned; the greatest start is line 2: 1 for 15 of 30 days is 2 a month.
    assert found(run(world), "VENDOR_QUANTITY_OVER")["vendor_claim"] == Decimal("8.00")


def test_shares_are_exact_where_decimals_would_not_end(world: Handmade) -> None:
    world.rule("sku_map", mapped("S1", "mail", units_per="0.333333"))
    world.land("vendor_charges", charge("1", "1", "2", "2", charge_period_end="2025-04-08"))
    world.land("invoice_lines", invoiced("a", "1", "10", "10"))
    assert key(run(world))["expected_unit_days"] == Fraction(7 * 333333, 10**6)

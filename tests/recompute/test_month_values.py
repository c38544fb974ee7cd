"""The second engine on keys without a price or with several currencies, worked out by hand.

Belongs here: currencies, values, materiality. Does not: prices that are there (``test_month``).
"""

from __future__ import annotations

from decimal import Decimal

from tests.recompute.handmade import (
    Handmade,
    agreed,
    charge,
    clean,
    codes,
    found,
    invoiced,
    key,
    mapped,
    product,
    run,
)


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

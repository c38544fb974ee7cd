"""The second engine on keys for which a rule must be written first, worked out by hand.

Belongs here: *map first* and UNMAPPED_PRODUCT. Does not: words that are rules (``test_words``).
"""

from __future__ import annotations

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
    product,
    run,
)


@pytest.fixture
def care(world: Handmade) -> Handmade:
    """Mail is billed by dist, care by nobody; both are invoiced, and care is agreed with a second client."""
    world.land("vendor_charges", charge("1", "5", "2", "10"))
    own = invoiced("b", "1", "70", "70", product_code="care")
    once = invoiced("c", "1", "9", "9", product_code="care", charge_category="one_time")
    world.land("invoice_lines", invoiced("a", "5", "10", "50"), own, once)
    other = agreed("x", "1", "70", client_id="beta", product_code="care")
    world.land("agreements", other, agreed("y", "1", "70", product_code="care", effective_end="2025-04-01"))
    return world


def test_a_service_that_no_sku_names_is_asked_about_and_not_refunded(care: Handmade) -> None:
    result = run(care)
    assert key(result)["verdict"] == "matched"
    verdicts = {
        row["client_id"]: row["verdict"] for row in result.reconciliation if row["product_code"] == "care"
    }
    assert verdicts == {"acme": "unreconciled", "beta": "unreconciled"}
    assert codes(result) == ["UNMAPPED_PRODUCT"]
    row = found(result, "UNMAPPED_PRODUCT")
    assert (row["product_code"], row["severity"], row["blocking"]) == ("care", "warning", False)
    assert {row[name] for name in ("client_id", "source", "currency", "vendor_customer_id")} == {None}
    # its recurring line and the agreement line in force; neither the one-time line nor what has ended
    assert row["evidence"] == ["2025-04/psa/agreements.csv:2", "2025-04/psa/invoice_lines.csv:3"]
    assert disposed(result, "invoice")["b"] == ("exception", "unreconciled")
    gate = {row["client_id"]: row["verdict"] for row in result.client_gate}
    # nothing was compared, so acme waits; beta has no invoice line that could go out wrong
    assert gate == {"acme": "HOLD", "beta": "PASS"}


def test_a_product_without_a_vendor_or_billed_by_agreement_needs_no_rule(care: Handmade) -> None:
    care.land("clients", *({"client_id": c, "client_name": c} for c in ("acme", "beta")))
    care.land("products", product("mail"), product("care", vendor_backed="false"))
    assert codes(run(care)) == ["AGREEMENT_NOT_INVOICED", "OVERBILLED_QUANTITY"]
    care.land("products", product("mail"), product("care"))
    assert codes(run(care)) == ["UNMAPPED_PRODUCT"]
    care.rule("metering", {"product_code": "care", "basis": "agreement"})
    assert codes(run(care)) == ["AGREEMENT_NOT_INVOICED", "BILLED_NOT_PROVIDED"]


def test_only_rules_of_this_month_and_of_sources_that_could_tell_count(care: Handmade) -> None:
    care.land("license_counts", counted("2025-04-10", "S1", "5"))
    # rmm only counts, and care is billed by what vendors bill; March's rule is over.
    over = mapped("S2", "care", valid_to="2025-04-01")
    care.rule("sku_map", mapped("S1", "mail"), mapped("S1", "mail", "rmm"), mapped("S2", "care", "rmm"), over)
    assert "UNMAPPED_PRODUCT" in codes(run(care))
    one_day = mapped("S2", "care", valid_from="2025-04-30", valid_to="2025-05-01")
    care.rule("sku_map", mapped("S1", "mail"), mapped("S1", "mail", "rmm"), one_day)
    result = run(care)
    assert "UNMAPPED_PRODUCT" not in codes(result)
    assert found(result, "BILLED_NOT_PROVIDED")["client_refund"] == 70


def test_a_client_unknown_to_a_vendor_with_unknown_customers_is_to_be_mapped_first(care: Handmade) -> None:
    care.rule("sku_map", mapped("S1", "mail"), mapped("S2", "care"))
    care.rule("client_map", {"source": "rmm", "vendor_customer_id": "vc1", "client_id": "acme"})
    result = run(care)
    # the customer vc1 of dist may be acme: nothing can be compared, but no product is asked about
    assert codes(result) == ["UNMAPPED_CUSTOMER"]
    assert {row["verdict"] for row in result.reconciliation} == {"unreconciled"}
    ours = {"source": "dist", "vendor_customer_id": "vc1", "client_id": "!internal"}
    care.rule("client_map", ours)
    assert codes(run(care)) == ["BILLED_NOT_PROVIDED", "BILLED_NOT_PROVIDED"]


def test_a_client_known_to_the_vendor_is_compared_beside_unknown_customers(care: Handmade) -> None:
    care.rule("sku_map", mapped("S1", "mail"), mapped("S2", "care"))
    care.land(
        "vendor_charges", charge("1", "5", "2", "10"), charge("2", "1", "2", "2", vendor_customer_id="new")
    )
    result = run(care)
    assert codes(result) == ["BILLED_NOT_PROVIDED", "UNMAPPED_CUSTOMER"]
    unreconciled = [row["client_id"] for row in result.reconciliation if row["verdict"] == "unreconciled"]
    assert unreconciled == ["beta"]

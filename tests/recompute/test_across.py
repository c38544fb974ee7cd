"""The second engine on what one source bills and another counts, worked out by hand.

Belongs here: the quantity codes across sources, and unused licences at another source's cost. Does not: a
bill against its own source's counts (``test_month_counts``, ``test_vendor``).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.recompute.handmade import (
    Handmade,
    agreed,
    charge,
    codes,
    counted,
    found,
    invoiced,
    key,
    mapped,
    run,
)

LATER = {"charge_period_start": "2025-04-16"}


@pytest.fixture
def packs(world: Handmade) -> Handmade:
    """dist bills S1 in packs of five, rmm counts seats; 30 are invoiced."""
    world.rule(
        "sku_map",
        mapped("S1", "mail", units_per="5"),
        mapped("S1", "mail", "rmm"),
        mapped("S2", "mail", "rmm"),
    )
    world.land("invoice_lines", invoiced("a", "30", "10", "300"))
    world.land("agreements", agreed("x", "30", "10"))
    return world


def test_packs_billed_beyond_the_seats_counted_elsewhere_are_claimed(packs: Handmade) -> None:
    packs.land("vendor_charges", charge("1", "4", "50", "200"), charge("2", "2", "30", "60", **LATER))
    packs.land(
        "license_counts",
        counted("2025-04-02", "S1", "99"),
        counted("2025-04-20", "S1", "20"),
        counted("2025-04-20", "S2", "3"),
    )
    row = found(run(packs), "VENDOR_QUANTITY_OVER")
    # 6 packs are 30 seats against 23; the later line costs 30 for 15 of 30 days: 60 a pack, 12 a seat.
    assert (row["vendor_claim"], row["currency"]) == (Decimal("84.00"), "USD")
    assert (row["source"], row["client_id"], row["product_code"]) == ("dist", "acme", "mail")
    assert (row["vendor_customer_id"], row["sku_id"], row["line_id"]) == (None, None, None)
    counts, charges = "2025-04/rmm/license_counts.csv", "2025-04/dist/vendor_charges.csv"
    assert row["evidence"] == [f"{charges}:2", f"{charges}:3", *(f"{counts}:{n}" for n in (2, 3, 4))]


def test_seats_counted_elsewhere_beyond_the_bill_are_a_liability_at_nothing_without_a_cost(
    packs: Handmade,
) -> None:
    packs.land("vendor_charges", charge("1", "6", "0", "0", currency="EUR"))
    packs.land("license_counts", counted("2025-04-20", "S1", "31", "31"))
    row = found(run(packs), "VENDOR_QUANTITY_UNDER")
    assert (row["vendor_liability"], row["currency"], row["severity"]) == (0, "USD", "warning")


def test_lines_that_end_before_the_last_day_compare_nothing(packs: Handmade) -> None:
    packs.land("vendor_charges", charge("1", "6", "2", "12", charge_period_end="2025-04-30"))
    packs.land("license_counts", counted("2025-04-20", "S1", "31", "31"))
    assert codes(run(packs)) == ["OVERBILLED_QUANTITY"]


def test_counts_of_the_bills_own_source_or_of_several_others_compare_nothing(packs: Handmade) -> None:
    packs.land("vendor_charges", charge("1", "6", "2", "12"))
    packs.land("license_counts", counted("2025-04-20", "S1", "20"))
    assert codes(run(packs)) == ["VENDOR_QUANTITY_OVER"]
    third = {"source": "edr", "vendor_customer_id": "vc1", "client_id": "acme"}
    rules = [{"source": s, "vendor_customer_id": "vc1", "client_id": "acme"} for s in ("dist", "rmm")]
    packs.rule("client_map", *rules, third)
    maps = mapped("S1", "mail", units_per="5"), mapped("S1", "mail", "rmm"), mapped("S1", "mail", "edr")
    packs.rule("sku_map", *maps)
    packs.land("license_counts", counted("2025-04-20", "S1", "7"), source="edr")
    assert codes(run(packs)) == []
    # a named one of the two is compared: 30 against 7 at 2 / 5
    packs.rule("metering", {"product_code": "mail", "basis": "vendor_billed", "count_source": "edr"})
    assert found(run(packs), "VENDOR_QUANTITY_OVER")["vendor_claim"] == Decimal("9.20")
    packs.land("license_counts", counted("2025-04-20", "S1", "6"), source="dist")
    assert codes(run(packs)) == []


def test_two_billing_sources_are_summed_and_none_is_named(packs: Handmade) -> None:
    packs.rule(
        "client_map",
        *({"source": s, "vendor_customer_id": "vc1", "client_id": "acme"} for s in ("dist", "rmm", "csp")),
    )
    packs.rule("sku_map", mapped("S1", "mail"), mapped("S1", "mail", "rmm"), mapped("S1", "mail", "csp"))
    packs.land("vendor_charges", charge("1", "20", "2", "40", currency="EUR"))
    packs.land("vendor_charges", charge("1", "10", "3", "30"), source="csp")
    packs.land("license_counts", counted("2025-04-20", "S1", "32"))
    row = found(run(packs), "VENDOR_QUANTITY_UNDER")
    # both start on the 1st: of csp and dist the latter is greater, so 2 x 2.00 EUR
    assert (row["source"], row["vendor_liability"], row["currency"]) == (None, Decimal("4.00"), "EUR")


def test_counts_that_failed_a_control_say_nothing(packs: Handmade) -> None:
    packs.land("vendor_charges", charge("1", "6", "2", "12"))
    packs.land("license_counts", counted("2025-04-20", "S1", "20", "10"), counted("2025-04-20", "S9", "1"))
    assert codes(run(packs)) == ["UNMAPPED_SKU", "UNUSED_LICENSES", "VENDOR_QUANTITY_OVER"]
    rejected = counted("2025-04-20", "S2", "many")
    packs.land(
        "license_counts", counted("2025-04-20", "S1", "20", "10"), counted("2025-04-20", "S9", "1"), rejected
    )
    result = run(packs)
    assert (result.reasons, codes(result)) == (["ROW_REJECTED"], [])
    assert key(result)["verdict"] == "matched"


def test_unused_seats_cost_what_another_source_bills(packs: Handmade) -> None:
    packs.rule("sku_map", mapped("S1", "mail", units_per="5"), mapped("S1", "mail", "rmm", units_per="2"))
    packs.land("vendor_charges", charge("1", "6", "50", "300", currency="EUR"))
    packs.land("license_counts", counted("2025-04-20", "S1", "15", "12"))
    row = found(run(packs), "UNUSED_LICENSES")
    # 15 × 2 are the 30 billed; 3 unused × 2 units × 50 / 5
    assert codes(run(packs)) == ["UNUSED_LICENSES"]
    assert (row["stranded"], row["currency"], row["source"]) == (Decimal("60.00"), "EUR", "rmm")
    assert row["evidence"] == ["2025-04/dist/vendor_charges.csv:2", "2025-04/rmm/license_counts.csv:2"]
    packs.rule("cost_list", {"source": "rmm", "sku_id": "S1", "unit_cost": "1", "currency": "USD"})
    assert found(run(packs), "UNUSED_LICENSES")["stranded"] == Decimal("3.00")


def test_unused_seats_that_nobody_prices_are_nothing_in_the_keys_currency(packs: Handmade) -> None:
    packs.land("vendor_charges", charge("1", "6", "0", "0", currency="EUR"))
    packs.land("license_counts", counted("2025-04-20", "S1", "30", "27"))
    row = found(run(packs), "UNUSED_LICENSES")
    assert (row["stranded"], row["currency"]) == (0, "USD")


def test_a_free_line_of_its_own_source_leaves_the_cost_to_the_one_that_costs(world: Handmade) -> None:
    world.rule("sku_map", mapped("S1", "mail"))
    free = charge("9", "2", "0", "0", charge_period_start="2025-04-20")
    early = charge("3", "2", "2", "4", invoice_id="V-2")
    world.land(
        "vendor_charges", free, early, charge("8", "2", "3", "6", invoice_id="V-1", subscription_id="b")
    )
    world.land("license_counts", counted("2025-04-25", "S1", "4"), source="dist")
    world.land("invoice_lines", invoiced("a", "4", "10", "40"))
    # 6 against 4; of the two that cost something and start alike V-2 is the greater: 2 × 2.00
    assert found(run(world), "VENDOR_QUANTITY_OVER")["vendor_claim"] == Decimal("4.00")

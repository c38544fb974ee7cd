"""The second engine on counts of seats, worked out by hand.

Belongs here: counting sources, dates and shares. Does not: agreements (``test_month``).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.recompute.month import RecomputedMonth
from tests.recompute.halves import HALF
from tests.recompute.handmade import (
    Handmade,
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
    # Counts of March alone are none for April, and the source is told to be stale.
    assert (key(result)["verdict"], result.reasons) == ("unreconciled", ["SOURCE_STALE"])
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

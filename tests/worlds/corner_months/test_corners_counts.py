"""Bills against counts, within a source and across sources, in hand-made months (contract §5.3).

Belongs here: which line's cost a seat has, what is compared where one source bills and another counts, and
what a bill at nothing is said to be. Formulas of the client's side: ``test_corners``.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.recompute.handmade import START, Handmade, charge, counted, mapped
from tests.worlds.compare import Builder
from tests.worlds.corners import Outcome, agree, bought, deal, shelf, sold

MID = "2025-04-16"


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)


def about(result: Outcome, code: str, product_code: str) -> tuple[str | None, str | None, str | None, str]:
    """Source, customer, SKU and currency of a product's one finding under a code."""
    row = result.found(code, product_code=product_code)
    return row["source"], row["vendor_customer_id"], row["sku_id"], row["currency"]


def test_one_source_bills_and_another_counts(world: Handmade, transformer: Builder) -> None:
    """rmm counts seats, dist bills packs of two or single ones, zeta bills as well."""
    world.rule(
        "sku_map",
        mapped("S-pack", "over", units_per="2"),
        mapped("S-seat", "over", "rmm"),
        mapped("S-one", "over", "dist"),
        mapped("S-few", "few"),
        mapped("S-few", "few", "rmm"),
        mapped("S-two", "two"),
        mapped("Z-two", "two", "zeta"),
        mapped("S-two", "two", "rmm"),
        mapped("S-own", "own"),
        mapped("S-own", "own", "rmm"),
    )
    customers = [
        {"source": source, "vendor_customer_id": "vc1", "client_id": "acme"}
        for source in ("dist", "rmm", "zeta")
    ]
    world.rule("client_map", *customers)
    half = {"charge_period_start": MID}
    world.land(
        "vendor_charges",
        charge("1", "5", "15", "75", sku_id="S-pack", **half),
        charge("2", "2", "9", "18", sku_id="S-one"),
        charge("3", "9", "10", "90", sku_id="S-few"),
        charge("4", "3", "4", "12", sku_id="S-two"),
        charge("5", "3", "4", "12", sku_id="S-own"),
    )
    world.land("vendor_charges", charge("1", "4", "6", "24", sku_id="Z-two"), source="zeta")
    world.land(
        "license_counts",
        counted("2025-04-02", "S-seat", "99"),
        counted("2025-04-20", "S-seat", "10", "7"),
        counted("2025-04-20", "S-few", "10"),
        counted("2025-04-20", "S-two", "6"),
        counted("2025-04-20", "S-own", "1"),
    )
    # what dist counts itself is compared by its SKU agree
    world.land("license_counts", counted("2025-04-20", "S-own", "3"), source="dist")
    world.land(
        "invoice_lines",
        sold("1", "over", "7", "20", "140"),  # 5 x 2 x 15 days + 2 x 30 days
        sold("2", "few", "9", "20", "180"),
        sold("3", "two", "7", "20", "140"),
        sold("4", "own", "3", "20", "60"),
    )
    result = agree(world, transformer)
    over = result.found("VENDOR_QUANTITY_OVER", product_code="over")
    # 12 against 10; the pack started last: 2 x 15 x 30 / 15 / 2
    assert (over["vendor_claim"], over["client_id"]) == (30, "acme")
    assert about(result, "VENDOR_QUANTITY_OVER", "over") == ("dist", None, None, "USD")
    assert (
        "dist bills 12 on the last day, rmm counts 10: 2 x 15.00 x 30 / 15 days / 2 units = 30.00 USD"
        in (over["explanation"])
    )
    assert [record.split(":")[0] for record in over["evidence"]] == [
        "2025-04/dist/vendor_charges.csv",
        "2025-04/dist/vendor_charges.csv",
        "2025-04/rmm/license_counts.csv",
        "2025-04/rmm/license_counts.csv",
    ]
    few = result.found("VENDOR_QUANTITY_UNDER", product_code="few")
    assert (few["vendor_liability"], few["vendor_claim"]) == (10, 0)
    # two bills, the greater source costs 6: 1 x 6, and no one source is meant
    two = result.found("VENDOR_QUANTITY_OVER", product_code="two")
    assert (two["vendor_claim"], two["source"]) == (6, None)
    assert result.codes(product_code="own") == []
    # nothing of rmm is billed by itself: the seat's cost is that of the pack, for one unit of two
    unused = result.found("UNUSED_LICENSES", product_code="over")
    assert (unused["stranded"], unused["source"], unused["currency"]) == (45, "rmm", "USD")
    assert (
        "3 x 15.00 x 30 / 15 days / 2 units = 45.00 USD a month, at the cost that dist bills"
        in (unused["explanation"])
    )
    assert [len(result.rows("fct_client_gate", client_id="acme")), result.document["gate"]] == [1, "passed"]


def test_unused_licences_without_any_price_are_worth_nothing_in_the_keys_currency(
    world: Handmade, transformer: Builder
) -> None:
    world.rule("sku_map", mapped("S-a", "a", "rmm"), mapped("S-b", "b"), mapped("S-b", "b", "rmm"))
    world.rule("metering", *({"product_code": code, "basis": "entitled"} for code in "ab"))
    world.land("vendor_charges", bought("1", "b", "2", "0", "0", currency="EUR"))
    world.land("license_counts", counted(START, "S-a", "3", "1"), counted(START, "S-b", "2", "1"))
    world.land("invoice_lines", sold("1", "a", "3", "10", "30"), sold("2", "b", "2", "10", "20"))
    result = agree(world, transformer)
    for code in "ab":
        row = result.found("UNUSED_LICENSES", product_code=code)
        assert (row["stranded"], row["currency"]) == (0, "USD"), code
        assert "no price is known" in row["explanation"] and "0E" not in row["explanation"]
    assert [row["currency"] for row in result.rows("fct_client_gate")] == ["USD"]


def test_a_trial_says_nothing_about_a_price_and_is_named_where_more_would_be_billed(
    world: Handmade, transformer: Builder
) -> None:
    """25 seats of a trial beside 5 that cost 10: 25 x 22 would be billed more, and 1 x 10 is too many."""
    shelf(world, "mail")
    world.land(
        "vendor_charges",
        bought("1", "mail", "5", "10", "50"),
        bought("2", "mail", "25", "0", "0", charge_period_start="2025-04-01", subscription_id="trial"),
    )
    world.land("license_counts", counted(START, "S-mail", "29"), source="dist")
    world.land("agreements", deal("a", "mail", "5", "22"))
    world.land("invoice_lines", sold("1", "mail", "5", "22", "110"))
    result = agree(world, transformer)
    more = result.found("UNDERBILLED_QUANTITY")
    assert (more["client_recoverable"], more["status"], more["blocking"]) == (550, "open", True)
    assert (
        "Billed by the vendor at a unit cost of 0 are 750 unit-days: dist bill V-1, line 2 (SKU S-mail). If"
        in more["explanation"]
    )
    assert "!not_billed" in more["explanation"]
    assert result.found("VENDOR_QUANTITY_OVER")["vendor_claim"] == Decimal(10)

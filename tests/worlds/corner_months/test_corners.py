"""Corners of the contract that generated worlds do not reach: hand-made months through the pipeline,
compared with the second engine.

Belongs here: cases in which two readings of the contract's arithmetic give different numbers, many to a
workspace because each month costs seconds. Every test also states by hand what the case must come to, so
that it cannot pass by both sides finding nothing. Files, records and controls are ``test_corners_landing``.
"""

from __future__ import annotations

from decimal import Decimal

from tests.recompute.handmade import Handmade, counted, mapped
from tests.worlds.compare import Builder
from tests.worlds.corners import JUNE, MARCH, MAY, agree, bought, deal, shelf, sold


def test_quantities_below_zero_of_nothing_and_beside_each_other(
    world: Handmade, transformer: Builder
) -> None:
    codes = (
        "minus",
        "swing",
        "min",
        "minzero",
        "minneg",
        "half",
        "zero",
        "over",
        "credit",
        "foreign",
        "stale",
        "none",
        "back",
    )
    shelf(world, *codes)
    world.rule(
        "metering",
        {"product_code": "min", "basis": "vendor_billed", "minimum_quantity": "5"},
        {"product_code": "minzero", "basis": "vendor_billed", "minimum_quantity": "0"},
        {"product_code": "minneg", "basis": "vendor_billed", "minimum_quantity": "5"},
        {"product_code": "zero", "basis": "agreement"},
        {"product_code": "over", "basis": "agreement"},
    )
    world.rule("sku_map", *(mapped(f"S-{c}", c, units_per="0.5" if c == "half" else "1") for c in codes))
    world.land(
        "vendor_charges",
        bought("1", "minus", "-4", "2", "-8"),
        bought("2", "swing", "9", "1", "9", charge_period_end="2025-04-11"),
        bought("3", "swing", "-2", "2", "-4", charge_period_start="2025-04-21"),
        bought("4", "min", "2", "1", "2", charge_period_end="2025-04-16"),
        bought("5", "minzero", "0", "1", "0"),
        bought("6", "minneg", "-1", "1", "-1"),
        bought("7", "half", "3", "1", "3"),
        bought("8", "credit", "5", "1", "5"),
        bought("9", "foreign", "2", "1", "2"),
        bought("10", "stale", "2", "1", "2"),
        bought("11", "none", "0.000001", "1", "0.000001"),
        bought("12", "back", "-3", "2", "-6"),
    )
    world.land(
        "agreements",
        deal("a-minus", "minus", "3", "10"),
        deal("a-swing", "swing", "3", "10"),
        deal("a-min", "min", "0", "10"),
        deal("a-minneg", "minneg", "0", "10"),
        deal("a-half", "half", "1.5", "10"),
        deal("a-zero", "zero", "0", "10"),
        deal("a-over", "over", "2", "10", effective_end="2025-04-20"),
        deal("b-over", "over", "3", "11", effective_start="2025-04-10"),
        deal("c-over", "over", "-1", "12", effective_start="2025-04-10", effective_end=MAY),
        deal("a-credit", "credit", "5", "10"),
        deal("a-foreign", "foreign", "2", "10"),
        deal("a-stale", "stale", "2", "10", effective_end="2025-04-10"),
        deal("b-stale", "stale", "2", "12", effective_start="2025-04-10"),
    )
    world.land(
        "invoice_lines",
        sold("1", "minus", "1", "10", "10"),
        sold("2", "swing", "3", "10", "30"),
        sold("3", "minzero", "0", "10", "0"),
        sold("4", "half", "1.5", "10", "15.01"),
        sold("5", "zero", "0", "10", "3"),
        sold("6", "over", "3", "11", "33"),
        sold("7", "credit", "7", "10", "70"),
        sold("8", "credit", "-2", "10", "-20"),
        sold("9", "foreign", "2", "11", "22", agreement_line_id="b-over"),
        sold("10", "stale", "2", "10", "20", agreement_line_id="a-stale"),
        sold("11", "back", "-3", "10", "-30"),
    )
    result = agree(world, transformer)
    assert result.key("minus")["expected_unit_days"] == 0 and result.codes(product_code="minus") == [
        "BILLED_NOT_PROVIDED"
    ]
    # 9 x 10 - 2 x 10 days; the last day's -2 counts as 0
    assert (result.key("swing")["expected_unit_days"], result.key("swing")["expected_quantity"]) == (70, 0)
    assert (result.key("min")["expected_unit_days"], result.key("min")["expected_quantity"]) == (150, 5)
    assert result.key("minneg")["expected_unit_days"] == 0 == result.key("minzero")["expected_unit_days"]
    # 2 x 19 + 3 x 21 - 1 x 21 days
    assert result.key("over")["expected_unit_days"] == 80
    assert result.codes(product_code="half") == ["ROUNDING"]
    # named by its id, but the agreement line of another key: the price in force is 10
    assert result.found("INVOICE_PRICE_MISMATCH", product_code="foreign")["client_refund"] == 2
    assert result.key("stale")["price_variance"] == 0
    assert result.codes(product_code="credit") == []


def test_money_of_three_no_and_four_decimals_is_prorated_half_up(
    world: Handmade, transformer: Builder
) -> None:
    world.policies = {"rounding_tolerance": "3", "materiality": "5.00"}
    shelf(world, "kwd", "jpy", "clf", "far", "tol", "off", "mat", "mat1")
    money = {"kwd": "KWD", "jpy": "JPY", "clf": "CLF"}
    clients = [{"source": "dist", "vendor_customer_id": f"vc-{c}", "client_id": f"c-{c}"} for c in money]
    world.rule("client_map", *clients, {"source": "dist", "vendor_customer_id": "vc1", "client_id": "acme"})
    half = {"charge_period_start": "2025-04-16"}
    world.land(
        "vendor_charges",
        *(
            bought(c, c, "7", "0.5", "3.5", currency=m, vendor_customer_id=f"vc-{c}", **half)
            for c, m in money.items()
        ),
        bought(
            "far", "far", "1", "365", "365", charge_period_start="2025-02-01", charge_period_end="2026-02-01"
        ),
        *(bought(c, c, "1", "1", "1") for c in ("tol", "off", "mat", "mat1")),
    )
    world.land(
        "agreements",
        *(deal(f"a-{c}", c, "7", "3.3333", currency=m, client_id=f"c-{c}") for c, m in money.items()),
        *(deal(f"a-{c}", c, "1", "10") for c in ("tol", "off", "mat", "mat1")),
        deal("a-far", "far", "1", "40"),
    )
    world.land(
        "invoice_lines",
        *(sold(c, c, "7", "3.3333", "23", currency=m, client_id=f"c-{c}") for c, m in money.items()),
        sold("far", "far", "1", "40", "-100.01", service_period_start=MARCH, service_period_end="2025-05-11"),
        sold("tol", "tol", "1", "10", "9.97"),
        sold("off", "off", "1", "10", "9.96"),
        sold("mat", "mat", "1", "5", "5"),
        sold("mat1", "mat1", "1", "4.99", "4.99"),
        sold(
            "labour", "labour", "-1", "7", "-7", charge_category="one_time", service_period_end="2025-04-01"
        ),
    )
    result = agree(world, transformer)
    # 3.3333 x 7 x 15 of 30 days less than invoiced: -11.66655
    amounts = [result.key(c)["volume_variance"] for c in money]
    assert amounts == [Decimal("-11.667"), Decimal(-12), Decimal("-11.6666")]
    assert result.key("far")["invoiced_amount"] == Decimal("-42.26")  # -100.01 x 30 / 71
    assert result.codes(product_code="tol") == ["ROUNDING"] and result.codes(product_code="off") == [
        "INVOICE_AMOUNT_MISMATCH"
    ]
    assert [result.found("INVOICE_PRICE_MISMATCH", product_code=c)["blocking"] for c in ("mat", "mat1")] == [
        False,
        True,
    ]


def test_what_counts_say_when_sources_dates_and_lists_disagree(world: Handmade, transformer: Builder) -> None:
    products = ("named", "both", "unlisted", "gap", "blank", "late", "term", "free", "neg", "idle")
    world.rule(
        "sku_map",
        *(
            mapped(f"S-{c}", c, source)
            for c in products
            for source in ("dist", "rmm")
            if c not in ("unlisted", "term")
        ),
        mapped("S-unlisted", "unlisted"),
        mapped("S-term", "term", "rmm", term="P1Y"),
        mapped("S-term", "term", "dist", term="P1Y"),
    )
    world.rule(
        "metering",
        *(
            {"product_code": c, "basis": "entitled"}
            for c in products
            if c not in ("named", "blank", "unlisted", "idle")
        ),
        {"product_code": "idle", "basis": "assigned"},
        {"product_code": "named", "basis": "assigned", "count_source": "rmm"},
        {"product_code": "blank", "basis": "assigned", "count_source": "rmm"},
        {"product_code": "unlisted", "basis": "entitled", "count_source": "rmm"},
    )
    listed = {"source": "dist", "currency": "USD"}
    world.rule(
        "cost_list",
        {**listed, "sku_id": "S-late", "term": "", "unit_cost": "4"},
        {**listed, "sku_id": "S-late", "term": "P1Y", "unit_cost": "3"},
        {**listed, "sku_id": "S-late", "term": "", "unit_cost": "5", "currency": "EUR"},
        {**listed, "sku_id": "S-free", "term": "", "unit_cost": "7.005", "currency": "EUR"},
        {**listed, "sku_id": "S-gap", "term": "P1Y", "unit_cost": "9"},
    )
    early, late = "2025-04-05", "2025-04-25"
    world.land(
        "license_counts",
        counted(early, "S-named", "9", "4"),
        counted(late, "S-named", "9", "4"),
        counted(early, "S-blank", "3", ""),
        counted(late, "S-blank", "3", "3"),
        counted(early, "S-gap", "6", "6"),
        counted(late, "S-both", "1", "1"),
    )
    world.land(
        "license_counts",
        counted(early, "S-named", "8", "8"),
        counted(early, "S-both", "1", "1"),
        counted(early, "S-late", "2", "1"),
        counted(early, "S-late", "3", "1"),
        counted(early, "S-free", "2", "0"),
        counted(early, "S-term", "5", "2"),
        counted(early, "S-neg", "1", "0"),
        counted("2025-03-31", "S-neg", "7", "0"),
        counted("2025-05-01", "S-neg", "7", "0"),
        {**counted(early, "S-nobody", "4", "1"), "vendor_customer_id": "stranger"},
        source="dist",
    )
    world.land(
        "vendor_charges",
        bought("1", "late", "6", "3", "18", term="P1Y"),
        bought("2", "term", "6", "3", "18", term="P1Y"),
        bought("3", "gap", "6", "2", "12", charge_period_end="2025-04-16"),
        bought("4", "neg", "3", "-2", "-6"),
        bought("5", "both", "2", "1", "2", charge_period_end=JUNE),
        bought("6", "both", "2", "1", "2", charge_period_end=JUNE, currency="EUR"),
    )
    world.land("invoice_lines", *(sold(c, c, "4", "10", "40") for c in products))
    result = agree(world, transformer)
    assert result.key("named")["verdict"] == "matched" and result.key("named")["assigned_quantity"] == 4
    assert result.key("both")["verdict"] == "unreconcilable" == result.key("blank")["verdict"]
    # both sources counted the customer and neither this SKU: none are assigned
    assert (
        result.codes(product_code="idle") == ["BILLED_NOT_PROVIDED"]
        and result.key("idle")["assigned_quantity"] == 0
    )
    # rmm counted the customer on two dates and never this SKU, but no map row says that it would
    assert result.key("unlisted")["verdict"] == "unreconcilable"
    assert result.key("gap")["expected_unit_days"] == 6 * 24
    assert (
        result.found("VENDOR_QUANTITY_OVER", sku_id="S-late")["vendor_claim"] == 4
    )  # (6 - 5) x the blank term's price
    assert result.found("UNUSED_LICENSES", sku_id="S-free")["currency"] == "EUR"
    assert result.found("UNUSED_LICENSES", sku_id="S-free")["stranded"] == Decimal("14.01")
    assert result.codes(vendor_customer_id="stranger") == ["UNMAPPED_CUSTOMER", "UNUSED_LICENSES"]

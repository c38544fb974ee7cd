"""Corners of the contract that generated worlds do not reach: hand-made months through the pipeline, compared
with the second engine.

Belongs here: cases in which two readings of the contract's arithmetic give different numbers, many to a
workspace because each month costs seconds. Every test also states by hand what the case must come to, so that
it cannot pass by both sides finding nothing. Files, records and controls are ``test_corners_landing``.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mbr_pipeline.transform.dbt_client import Transformer
from tests.recompute.handmade import Handmade, P, agreed, charge, counted, invoiced, mapped, product
from tests.worlds.chaos import Chaos
from tests.worlds.compare import compare, run_month
from tests.worlds.corners import JUNE, MARCH, MAY, agree, bought, deal, shelf, sold


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)


def test_quantities_below_zero_of_nothing_and_beside_each_other(
    world: Handmade, transformer: Transformer
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
    world: Handmade, transformer: Transformer
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


def test_what_counts_say_when_sources_dates_and_lists_disagree(
    world: Handmade, transformer: Transformer
) -> None:
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


def test_a_line_billed_over_the_turn_of_the_year_is_late_month_by_month(
    world: Handmade, transformer: Transformer
) -> None:
    shelf(world, "long", "gone", "point", "twin", "alone", "back")
    world.rule(
        "sku_map",
        *(
            mapped(f"S-{c}", c, units_per="2" if c == "long" else "1")
            for c in ("long", "gone", "point", "alone", "back")
        ),
    )
    line = {"charge_period_start": "2024-11-16", "charge_period_end": "2025-01-16"}
    world.land(
        "vendor_charges",
        bought("long", "long", "3", "20.3333333333", "61", **line),
        bought(
            "gone", "gone", "1", "10", "10", charge_period_start="2024-02-29", charge_period_end="2024-03-01"
        ),
        bought(
            "point",
            "point",
            "1",
            "10",
            "10",
            charge_period_start="2024-12-31",
            charge_period_end="2024-12-31",
        ),
        bought(
            "alone",
            "alone",
            "1",
            "9",
            "9",
            charge_period_start="2024-12-01",
            charge_period_end="2025-01-01",
            currency="EUR",
        ),
        bought(
            "back", "back", "-2", "9", "-18", charge_period_start="2024-12-01", charge_period_end="2025-02-01"
        ),
        period="2025-01",
    )
    world.land(
        "agreements",
        deal("a-long", "long", "6", "10", effective_start="2024-06-01", effective_end="2024-12-20"),
        deal("b-long", "long", "6", "13", effective_start="2024-12-20"),
        deal("c-long", "long", "6", "99", effective_start="2024-12-25", effective_end="2024-12-25"),
        deal("a-gone", "gone", "1", "29", effective_start="2024-02-01", effective_end="2024-06-01"),
        deal("a-point", "point", "1", "10", effective_start="2024-01-01"),
        deal("a-back", "back", "1", "10", effective_start="2024-01-01"),
        period="2025-01",
    )
    january = {"service_period_start": "2025-01-01", "service_period_end": "2025-02-01"}
    half = {**january, "service_period_end": "2025-01-16"}
    world.land("invoice_lines", sold("1", "long", "6", "13", "37.74", **half), period="2025-01")
    result = agree(world, transformer, "2025-01")
    # November: 15 of 30 days at 10 (in force on the 30th); December: 31 of 31 at 13; six units
    assert result.found("LATE_CHARGE", product_code="long")["client_recoverable"] == 30 + 78
    assert result.key("long")["verdict"] == "matched" and result.reason("long") == ("matched", None)
    assert result.found("LATE_CHARGE", product_code="gone")["client_recoverable"] == 1
    assert result.found("LATE_CHARGE", product_code="point")["client_recoverable"] == 0
    assert result.found("LATE_CHARGE", product_code="back")["client_refund"] == 20
    assert (result.found("LATE_CHARGE", product_code="alone")["currency"], result.reason("alone")[1]) == (
        "USD",
        "LATE_CHARGE",
    )


def test_usage_counts_once_wherever_it_lands_and_whoever_meters_it(
    world: Handmade, transformer: Transformer
) -> None:
    codes = ("cloud", "flat", "euro", "mixed", "loss", "dear", "bare", "minus")
    shelf(world, *codes, "moment")
    plus = {"basis": "cost_plus", "markup_pct": "10"}
    world.rule(
        "metering",
        *({"product_code": c, **plus} for c in ("cloud", "euro", "mixed", "bare", "moment", "minus")),
        {"product_code": "loss", "basis": "cost_plus", "markup_pct": "-50"},
        {"product_code": "dear", "basis": "vendor_billed", "margin_floor_pct": "50"},
    )
    usage = {"charge_category": "usage", "charge_period_start": "2025-03-10"}
    moment = {
        "charge_category": "usage",
        "charge_period_start": "2025-03-10",
        "charge_period_end": "2025-03-10",
    }
    world.land(
        "vendor_charges",
        bought("p1", "cloud", "1", "31", "31", **usage, charge_period_end="2025-04-10"),
        bought("p2", "flat", "1", "31", "31", **usage, charge_period_end="2025-04-10"),
        bought(
            "p3",
            "cloud",
            "1",
            "9",
            "9",
            charge_category="usage",
            charge_period_start=MAY,
            charge_period_end=JUNE,
        ),
        period="2025-03",
    )
    world.land(
        "vendor_charges",
        bought("1", "cloud", "1", "0.3333333333", "0.333333333333", **usage, charge_period_end="2025-05-10"),
        bought("2", "flat", "1", "5", "5", **usage, charge_period_end="2025-03-20"),
        bought(
            "3",
            "flat",
            "1",
            "5",
            "5",
            charge_category="usage",
            charge_period_start=MAY,
            charge_period_end=JUNE,
        ),
        bought("4", "moment", "1", "7", "7", **moment),
        bought("5", "flat", "1", "7", "7", **moment),
        bought(
            "6",
            "cloud",
            "1",
            "7",
            "7",
            **{**moment, "charge_period_start": "2025-04-30", "charge_period_end": "2025-04-30"},
        ),
        bought("7", "euro", "1", "7", "7", currency="EUR"),
        bought("8", "mixed", "1", "7", "7", currency="EUR"),
        bought("9", "mixed", "1", "7", "7"),
        bought("10", "loss", "1", "100", "100", charge_category="usage"),
        bought("11", "dear", "2", "5", "10"),
        bought("12", "bare", "1", "3", "3"),
        bought("13", "minus", "-1", "3", "-3"),
        bought("14", "nowhere", "1", "3", "3.005", charge_category="usage"),
        bought("15", "nowhere", "1", "-3", "-3", charge_category="usage", currency="EUR"),
    )
    world.land("agreements", deal("a-dear", "dear", "2", "10"), deal("a-loss", "loss", "1", "60"))
    world.land(
        "invoice_lines",
        sold("1", "cloud", "1", "18.51", "18.51"),
        sold("2", "euro", "1", "1", "1"),
        sold("3", "mixed", "1", "1", "1", currency="EUR"),
        sold("4", "loss", "1", "50", "50"),
        sold("5", "dear", "2", "10", "19.98"),
        sold("6", "flat", "1", "1", "1", currency="EUR", charge_category="one_time"),
    )
    result = agree(world, transformer)
    # 31 x 9 of 31 days, 52 of 61 days of a third of a dollar, and 7 in a moment: 16.2841530055, and a tenth
    assert result.found("COST_PLUS_OVERBILLED", product_code="cloud")["client_refund"] == Decimal(
        "18.51"
    ) - Decimal("17.91")
    # 31 x 9 of 31 days prepaid, and 5 and 7 in arrears, also those of a moment
    assert result.found("USAGE_NOT_METERED", product_code="flat")["priced_at_cost"] == 21
    assert result.reason("3") == ("excluded", "future_period") and result.reason("5") == (
        "exception",
        "USAGE_NOT_METERED",
    )
    assert result.codes(product_code="euro") == ["CURRENCY_MISMATCH"] == result.codes(product_code="mixed")
    assert result.codes(product_code="loss") == ["SOLD_BELOW_COST"]
    assert result.codes(product_code="dear") == ["INVOICE_AMOUNT_MISMATCH", "MARGIN_BELOW_FLOOR"]
    assert result.found("COST_PLUS_OVERBILLED", product_code="minus")["client_refund"] == Decimal("3.3")
    assert result.found("UNMAPPED_SKU", currency="USD")["priced_at_cost"] == Decimal("3.01")


def test_a_keys_currency_is_found_step_by_step_and_money_of_two_is_never_added(
    world: Handmade, transformer: Transformer
) -> None:
    shelf(world, "mail", "listed", "billed", "shared", "ended", "two", "agreed2", "cost")
    world.rule(
        "client_map",
        *(
            {"source": "dist", "vendor_customer_id": c, "client_id": c}
            for c in ("free", "labour", "ended", "two", "agreed2")
        ),
    )
    world.land(
        "products",
        *(product(c) for c in ("billed", "shared", "ended", "two", "agreed2", "cost", "work")),
        product("listed", default_unit_price="6", currency="JPY"),
    )
    world.land(
        "clients",
        *({"client_id": c, "client_name": c} for c in ("free", "labour", "ended", "two", "agreed2")),
    )
    world.land(
        "vendor_charges",
        bought("1", "listed", "2", "1", "2", vendor_customer_id="free"),
        bought("2", "billed", "2", "1.005", "2.01", vendor_customer_id="free", currency="EUR"),
        bought(
            "3", "billed", "1", "1", "1", vendor_customer_id="free", currency="EUR", charge_category="usage"
        ),
        bought("4", "cost", "2", "1", "2", vendor_customer_id="free", currency="EUR"),
        bought("5", "cost", "2", "1", "2", vendor_customer_id="free", currency="CHF"),
        bought(
            "6",
            "billed",
            "9",
            "1",
            "9",
            vendor_customer_id="free",
            currency="CHF",
            charge_period_start=MARCH,
            charge_period_end="2025-04-01",
        ),
        bought("7", "shared", "2", "1", "2", vendor_customer_id="labour", currency="EUR"),
        bought("8", "ended", "2", "1", "2", vendor_customer_id="ended", currency="EUR"),
        bought("9", "two", "2", "1", "2", vendor_customer_id="two", currency="GBP"),
        bought("10", "agreed2", "2", "1", "2", vendor_customer_id="agreed2"),
    )
    world.land(
        "agreements",
        deal("a", "ended", "2", "5", client_id="ended", currency="CHF", effective_end="2025-03-15"),
        deal(
            "b",
            "ended",
            "2",
            "6",
            client_id="ended",
            currency="USD",
            effective_end="2025-03-10",
            effective_start="2025-02-01",
        ),
        deal("c", "agreed2", "2", "6", client_id="agreed2", currency="USD"),
        deal("d", "agreed2", "3", "6", client_id="agreed2", currency="EUR"),
        deal("e", "two", "3", "6", client_id="two", currency="EUR"),
    )
    world.land(
        "invoice_lines",
        sold("1", "work", "1", "70", "70", client_id="labour", currency="CHF", charge_category="one_time"),
        sold("2", "two", "2", "10", "20", client_id="two", currency="USD"),
        sold("3", "two", "2", "10", "20", client_id="two", currency="GBP"),
    )
    result = agree(world, transformer)
    assert result.key("listed")["currency"] == "JPY" and result.key("listed")["valued_at"] == "list"
    # late Swiss francs do not name the currency of what counts in April in euros
    assert result.key("billed")["currency"] == "EUR" and result.key("billed")["valued_at"] == "cost"
    assert result.found("UNBILLED_PRODUCT", product_code="billed")["client_recoverable"] == Decimal("2.01")
    assert (
        result.key("cost")["valued_at"] == "none"
        and result.found("UNBILLED_PRODUCT", product_code="cost")["blocking"]
    )
    assert result.key("shared")["currency"] == "CHF" == result.key("ended")["currency"]
    assert [row["currency"] for row in result.rows("fct_reconciliation", product_code="two")] == [
        "GBP",
        "USD",
    ]
    assert result.codes(product_code="two") == ["CURRENCY_MISMATCH"] == result.codes(product_code="agreed2")
    assert result.rows("fct_psa_changes", product_code="agreed2") == []


def test_two_psas_may_use_the_same_ids(world: Handmade, transformer: Transformer) -> None:
    for source, price in (("halo", "11"), ("psa", "10")):
        world.land("clients", {"client_id": "acme", "client_name": "Acme"}, source=source)
        world.land("products", product("mail"), product("voice"), source=source)
        world.land(
            "agreements",
            agreed("A", "2", price),
            agreed(
                "B",
                "2",
                price,
                product_code="voice",
                effective_start="2025-01-01" if source == "psa" else "2025-02-01",
            ),
            source=source,
        )
        voice = invoiced("2", "2", price, str(2 * int(price)), product_code="voice")
        world.land(
            "invoice_lines",
            invoiced("1", "2", price, str(2 * int(price)), agreement_line_id="A"),
            voice,
            source=source,
        )
    world.rule("sku_map", mapped("S1", "mail"), mapped("S2", "voice"))
    world.land("vendor_charges", charge("1", "4", "1", "4"), charge("2", "4", "1", "4", sku_id="S2"))
    result = agree(world, transformer)
    assert result.codes(product_code="mail") == [] and result.key("mail")["agreement_quantity"] == 4
    # no line is named: the later of the two agreements, Halo's at 11, is in force for both
    assert result.found("INVOICE_PRICE_MISMATCH", product_code="voice")["source"] == "psa"
    assert result.found("INVOICE_PRICE_MISMATCH", product_code="voice")["client_recoverable"] == 2


@pytest.mark.parametrize("seed", [20, 21])
def test_random_nonsense_comes_to_what_the_second_engine_makes_of_it(
    tmp_path: Path, transformer: Transformer, seed: int
) -> None:
    Chaos(tmp_path, seed).write()
    folder, document = run_month(tmp_path, "msp", P, transformer)
    differences = compare(tmp_path, "msp", P, folder, document)
    assert not differences, "\n".join(differences)
    # enough of it meets: most codes, and keys of every verdict that a month without failed controls can have
    assert len(document["exceptions"]) >= 20
    verdicts = set(pq.read_table(folder / "fct_reconciliation.parquet").column("verdict").to_pylist())
    assert verdicts == {"matched", "exception", "unreconcilable"}

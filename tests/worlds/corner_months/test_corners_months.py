"""Corners of months and usage: hand-made months through the pipeline, compared with the second engine.

Belongs here: as in ``test_corners``, cases of several months. Does not: quantities and rounding
(``test_corners``).
"""

from __future__ import annotations

from decimal import Decimal

from tests.recompute.handmade import Handmade, mapped
from tests.worlds.compare import Builder
from tests.worlds.corners import JUNE, MAY, agree, bought, deal, shelf, sold


def test_a_line_billed_over_the_turn_of_the_year_is_late_month_by_month(
    world: Handmade, transformer: Builder
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
    world: Handmade, transformer: Builder
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

"""What a finding tells the clerk must be what its money says: directions, sums and hints (contract §5).

Belongs here: cases in which a price below zero, nothing to pay, or a missing map turns what is usually said;
and sums of money so large that arithmetic might give up. The months are hand-made, and their money is
compared with the second engine as well. Formulas: ``test_corners``.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.recompute.handmade import END, START, Handmade, counted, mapped
from tests.worlds.compare import Builder
from tests.worlds.corners import MARCH, Outcome, agree, bought, deal, shelf, sold

AUGUST = {"charge_period_start": "2024-08-01", "charge_period_end": "2024-09-01"}


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    return Handmade(tmp_path)


def said(result: Outcome, product_code: str) -> tuple[str, Decimal, Decimal, str]:
    """Code, what to bill, what to refund and the sentence of a product's one finding."""
    (row,) = result.rows("fct_exceptions", product_code=product_code)
    return row["exception_code"], row["client_recoverable"], row["client_refund"], row["explanation"]


def test_a_discount_turns_what_is_to_be_done(world: Handmade, transformer: Builder) -> None:
    """Agreement lines of -2.00 are discounts: where too few are invoiced the client gets money, where too
    many he owes some.
    """
    shelf(world, "not", "gone", "less", "more", "ended", "cost")
    world.land(
        "vendor_charges",
        bought("1", "not", "10", "1", "10"),
        bought("2", "less", "10", "1", "10"),
        bought("3", "more", "8", "1", "8"),
        bought("4", "ended", "5", "1", "5"),
        bought("5", "cost", "5", "-10", "-50"),
    )
    world.land(
        "agreements",
        *(deal(f"a-{code}", code, "10", "-2") for code in ("not", "gone", "less", "more")),
        deal("a-ended", "ended", "5", "-2", effective_end=MARCH),
    )
    world.land(
        "invoice_lines",
        sold("1", "gone", "10", "-2", "-20"),
        sold("2", "less", "8", "-2", "-16"),
        sold("3", "more", "10", "-2", "-20"),
    )
    result = agree(world, transformer)
    expected = {
        "not": ("AGREEMENT_NOT_INVOICED", 0, 20, "no invoice line charges them. Refund 20.00 USD ("),
        "gone": ("BILLED_NOT_PROVIDED", 20, 0, "none provided by the vendor bill. Bill 20.00 USD ("),
        "less": (
            "UNDERBILLED_QUANTITY",
            0,
            4,
            "10 provided by the vendor bill for the month, 8 invoiced. Refund 4.00 USD (",
        ),
        "more": (
            "OVERBILLED_QUANTITY",
            4,
            0,
            "8 provided by the vendor bill for the month, 10 invoiced. Bill 4.00 USD (",
        ),
        "ended": ("AGREEMENT_ENDED", 0, 10, "the agreement has ended. Renew and refund 10.00 USD ("),
        "cost": ("UNBILLED_PRODUCT", 0, 50, "neither agreement nor invoice line. Refund 50.00 USD ("),
    }
    for product_code, (code, bill, refund, sentence) in expected.items():
        *money, told = said(result, product_code)
        assert money == [code, bill, refund], product_code
        assert sentence in told


def test_a_vendor_who_pays_for_seats_bills_too_many_of_them_to_his_own_cost(
    world: Handmade, transformer: Builder
) -> None:
    shelf(world, "mail")
    world.rule("client_map", {"source": "dist", "vendor_customer_id": "vc1", "client_id": "acme"})
    listed = {"source": "dist", "sku_id": "S-mail", "term": "", "unit_cost": "-5", "currency": "USD"}
    world.rule("cost_list", listed)
    world.land("vendor_charges", bought("1", "mail", "10", "-5", "-50"))
    world.land("license_counts", counted(START, "S-mail", "8"), source="dist")
    world.land("invoice_lines", sold("1", "mail", "10", "10", "100"))
    row = agree(world, transformer).found("VENDOR_QUANTITY_OVER")
    assert (row["vendor_claim"], row["vendor_liability"]) == (0, 10)
    assert (
        "8 are provisioned: 2 x -5.00 = -10.00 USD a month the vendor does not bill yet."
        in row["explanation"]
    )


def test_a_late_charge_of_nothing_says_why(world: Handmade, transformer: Builder) -> None:
    shelf(world, "moment", "none", "unpriced")
    one_moment = {"charge_period_start": "2024-08-15", "charge_period_end": "2024-08-15"}
    world.land(
        "vendor_charges",
        bought("1", "moment", "1", "3", "3", **one_moment),
        bought("2", "none", "0", "3", "0", **AUGUST),
        bought("3", "unpriced", "1", "3", "3", **AUGUST),
    )
    since = {"effective_start": "2024-01-01"}
    world.land(
        "agreements", deal("a-moment", "moment", "1", "8", **since), deal("a-none", "none", "1", "8", **since)
    )
    world.land("invoice_lines", sold("1", "moment", "1", "8", "8"))
    result = agree(world, transformer)
    late = {row["line_id"]: row for row in result.rows("fct_exceptions", exception_code="LATE_CHARGE")}
    assert [late[line]["client_recoverable"] for line in "123"] == [0, 0, 0]
    first = late["1"]["explanation"]
    assert (
        "bills 1 for 2024-08-15 to 2024-08-15 only now, a charge of no days, from before this month. It comes"
        " to nothing:" in first
    )
    assert (
        "31 days before this month. It comes to nothing: there is nothing to bill."
        in late["2"]["explanation"]
    )
    assert "No price in USD was in force then" in late["3"]["explanation"]


def test_mapping_comes_first_also_where_no_sku_is_mapped_yet(world: Handmade, transformer: Builder) -> None:
    """The bill names a SKU that nobody mapped; the product it stands for is invoiced, and looks as if it were
    not provided: asked about where no rule names it, told with what is unmapped where one does.
    """
    world.rule("sku_map", mapped("S-other", "other"))
    world.land("vendor_charges", bought("1", "mystery", "5", "10", "50"), bought("2", "other", "1", "1", "1"))
    world.land("license_counts", counted(START, "S-seat", "3"))
    world.land("invoice_lines", sold("1", "mail", "8", "10", "80"), sold("2", "other", "1", "1", "1"))
    asked = agree(world, transformer)
    assert asked.codes().count("BILLED_NOT_PROVIDED") == 0
    assert asked.found("UNMAPPED_PRODUCT")["product_code"] == "mail"
    assert asked.key("mail")["verdict"] == "unreconciled"
    of_mail = mapped("S-mail", "mail"), mapped("S-mail", "mail", "rmm")
    world.rule("sku_map", mapped("S-other", "other"), *of_mail)
    row = agree(world, transformer).found("BILLED_NOT_PROVIDED")
    assert row["client_refund"] == 80
    assert "Map first: dist has 1 unmapped record, worth 50.00 USD at cost." in row["explanation"]
    assert "Map first: rmm has 1 unmapped record, none of them on a bill yet." in row["explanation"]


def test_usage_of_one_moment_that_lands_later_is_billed_in_arrears(
    world: Handmade, transformer: Builder
) -> None:
    shelf(world, "mail", "plus")
    world.rule("metering", {"product_code": "plus", "basis": "cost_plus", "markup_pct": "10"})
    moment = {
        "charge_category": "usage",
        "charge_period_start": "2025-03-20",
        "charge_period_end": "2025-03-20",
    }
    world.land(
        "vendor_charges",
        bought("1", "mail", "1", "7", "7", **moment),
        bought("2", "plus", "1", "20", "20", **moment),
    )
    world.land("invoice_lines", sold("1", "plus", "1", "11", "11"))
    result = agree(world, transformer)
    assert result.reason("1") == ("exception", "USAGE_NOT_METERED")
    assert result.found("USAGE_NOT_METERED")["priced_at_cost"] == 7
    assert result.reason("2") == ("exception", "COST_PLUS_UNDERBILLED")
    assert result.found("COST_PLUS_UNDERBILLED")["client_recoverable"] == 11  # 20 x 1.10 - 11


def test_a_client_nobody_could_compare_is_held_though_his_line_was_landed_earlier(
    world: Handmade, transformer: Builder
) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "entitled"})
    world.land("license_counts", {**counted(START, "S9", "1"), "vendor_customer_id": "somebody else"})
    world.land(
        "invoice_lines",
        sold("1", "mail", "4", "10", "80", service_period_start=MARCH, service_period_end=END),
        period="2025-03",
    )
    world.land(
        "invoice_lines", sold("2", "labour", "1", "7", "7", client_id="other", charge_category="one_time")
    )
    result = agree(world, transformer)
    (row,) = result.rows("fct_client_gate", client_id="acme")
    assert (row["verdict"], row["currency"], row["held_amount"]) == ("HOLD", "USD", 0)


def test_money_of_a_currency_of_many_zeros_is_counted_to_the_last_unit(
    world: Handmade, transformer: Builder
) -> None:
    """A year of 5,000 seats at 600,000 dong that lands late, and four hundred thousand million seats at
    1,000.
    """
    shelf(world, "late", "huge", "part")
    dong = {"currency": "VND", "client_id": "acme"}
    year = {"charge_period_start": "2024-08-01", "charge_period_end": "2025-08-01"}
    world.land(
        "vendor_charges",
        bought("1", "late", "5000", "0", "0", currency="VND", **year),
        bought("2", "huge", "399999999999", "0.000001", "399999.999999", currency="VND"),
        bought("3", "part", "0.333333", "3", "0.999999", currency="VND"),
    )
    world.land(
        "agreements",
        deal("a-late", "late", "5000", "600000", effective_start="2024-01-01", **dong),
        deal("a-huge", "huge", "1", "1000", **dong),
        deal("a-part", "part", "1", "900000000", **dong),
    )
    world.land(
        "invoice_lines",
        sold("1", "late", "5000", "600000", "3000000000", **dong),
        sold("2", "huge", "1", "1000", "1000", **dong),
        sold("3", "part", "1", "900000000", "900000000", **dong),
    )
    result = agree(world, transformer)
    assert (
        result.found("LATE_CHARGE")["client_recoverable"] == 24_000_000_000
    )  # eight months, August to March
    assert result.found("UNDERBILLED_QUANTITY")["client_recoverable"] == 399_999_999_998_000
    assert result.found("OVERBILLED_QUANTITY")["client_refund"] == 600_000_300  # 0.666667 x 900,000,000

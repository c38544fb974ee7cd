"""The field's known blunders, one named test each: what other tools got wrong in public must be impossible
here.

Belongs here: months in which a tempting shortcut gives a wrong answer that sounds right. Every month is also
held against the second engine (``agree``). Corners of the arithmetic are ``test_corners``.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.recompute.handmade import Handmade, charge, counted, invoiced, mapped, product
from tests.worlds.compare import Builder
from tests.worlds.corners import MARCH, MAY, Outcome, agree, bought, deal, shelf, sold

MONEY = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")


@pytest.fixture
def world(tmp_path: Path) -> Handmade:
    """A workspace to fill: client acme is customer vc1, SKU S1 is product mail."""
    return Handmade(tmp_path)


def totals(result: Outcome, **where: str) -> dict[str, Decimal]:
    """The money of the exceptions by direction, those without any left out."""
    rows = result.rows("fct_exceptions", **where)
    sums = {column: sum((row[column] for row in rows), Decimal(0)) for column in MONEY}
    return {column: amount for column, amount in sums.items() if amount}


def test_five_thousand_active_seats_without_an_invoice_are_not_clean(
    world: Handmade, transformer: Builder
) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "entitled"})
    world.land("license_counts", counted("2025-04-01", "S1", "5000"))
    world.land("agreements", deal("a-mail", "mail", "5000", "7.25"))
    # one labour line goes out: the invoice feed works, the seats are just not on it
    world.land("invoice_lines", sold("1", "labour", "1", "80", "80", charge_category="one_time"))
    result = agree(world, transformer)
    assert result.key("mail")["verdict"] == "exception"
    assert result.found("AGREEMENT_NOT_INVOICED")["client_recoverable"] == Decimal(36250)
    (client,) = result.rows("fct_client_gate")
    assert client["verdict"] == "HOLD"


def test_five_thousand_active_seats_and_an_empty_invoice_feed_are_not_clean_either(
    world: Handmade, transformer: Builder
) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "entitled"})
    world.land("license_counts", counted("2025-04-01", "S1", "5000"))
    world.land("agreements", deal("a-mail", "mail", "5000", "7.25"))
    path = world.land("invoice_lines", sold("1", "mail", "1", "1", "1"))
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    result = agree(world, transformer)
    assert result.document["gate"] == "blocked" and result.document["reasons"] == ["SOURCE_EMPTY"]
    assert result.key("mail")["verdict"] == "unreconciled"


def test_nothing_is_invented_for_a_client_whose_vendor_bill_is_missing(
    world: Handmade, transformer: Builder
) -> None:
    world.declare("dist", "vendor_charges")  # declared, and no file came
    world.land("agreements", deal("a-mail", "mail", "1000", "950.64"))
    world.land("invoice_lines", sold("1", "mail", "1000", "950.64", "950640"))
    result = agree(world, transformer)
    assert result.document["reasons"] == ["SOURCE_MISSING"]
    mail = result.key("mail")
    assert (mail["verdict"], mail["volume_variance"], mail["expected_amount"]) == (
        "unreconciled",
        0,
        Decimal(950640),
    )
    assert totals(result) == {} and result.codes() == []


def test_a_past_month_is_not_compared_with_the_subscriptions_of_today(
    world: Handmade, transformer: Builder
) -> None:
    world.rule("metering", {"product_code": "mail", "basis": "entitled"})
    world.land("license_counts", counted("2025-05-02", "S1", "99"), period="2025-05")  # today's count
    world.land("license_counts", counted(MAY, "S1", "99"), source="rmm")  # asked for in April, dated in May
    world.land("agreements", deal("a-mail", "mail", "10", "5"))
    world.land("invoice_lines", sold("1", "mail", "10", "5", "50"))
    result = agree(world, transformer)
    # counts that are all of another month block: they are the wrong ones, not none
    assert result.document["reasons"] == ["SOURCE_STALE"]
    assert result.key("mail")["verdict"] == "unreconciled" and totals(result) == {}
    (client,) = result.rows("fct_client_gate")
    assert client["verdict"] == "HOLD"


def test_two_subscriptions_of_one_product_are_both_counted(world: Handmade, transformer: Builder) -> None:
    world.land(
        "vendor_charges",
        charge("1", "10", "4", "40", subscription_id="sub-1"),
        charge("2", "5", "4", "20", subscription_id="sub-2"),
        # the same seats and money again, another subscription: no duplicate
        charge("3", "10", "4", "40", subscription_id="sub-3"),
    )
    world.land("agreements", deal("a-mail", "mail", "10", "11"))
    world.land("invoice_lines", sold("1", "mail", "10", "11", "110"))
    result = agree(world, transformer)
    assert result.codes() == ["UNDERBILLED_QUANTITY"]
    # (25 - 10) x 11
    assert result.found("UNDERBILLED_QUANTITY")["client_recoverable"] == Decimal(165)
    assert result.key("mail")["expected_quantity"] == 25


def test_what_the_vendor_forgot_to_charge_is_never_claimed_from_him(
    world: Handmade, transformer: Builder
) -> None:
    shelf(world, "short", "cheap", "few")
    world.rule(
        "sku_map", *(mapped(f"S-{c}", c, s) for c in ("short", "cheap", "few") for s in ("dist", "rmm"))
    )
    world.rule("cost_list", {"source": "dist", "sku_id": "S-cheap", "unit_cost": "5", "currency": "USD"})
    world.land(
        "vendor_charges",
        bought("1", "short", "10", "4", "30"),  # 40 would be right
        bought("2", "cheap", "10", "4", "40"),  # the list says 5
        bought("3", "few", "7", "2", "14"),  # 9 are provisioned
    )
    world.land("license_counts", counted("2025-04-30", "S-few", "9"), source="dist")
    world.land(
        "agreements",
        *(deal(f"a-{c}", c, q, "9") for c, q in (("short", "10"), ("cheap", "10"), ("few", "7"))),
    )
    world.land(
        "invoice_lines",
        *(
            sold(c, c, q, "9", a)
            for c, q, a in (("short", "10", "90"), ("cheap", "10", "90"), ("few", "7", "63"))
        ),
    )
    result = agree(world, transformer)
    assert totals(result) == {"vendor_liability": Decimal(10 + 10 + 4)}
    assert result.codes() == ["VENDOR_AMOUNT_MISMATCH", "VENDOR_PRICE_CHANGE", "VENDOR_QUANTITY_UNDER"]


def test_one_time_charges_are_no_seats_and_no_revenue_of_the_month(
    world: Handmade, transformer: Builder
) -> None:
    world.land(
        "vendor_charges",
        charge("1", "10", "4", "40"),
        charge("2", "90", "4", "360", charge_category="one_time"),
    )
    world.land("agreements", deal("a-mail", "mail", "10", "6"))
    world.land(
        "invoice_lines",
        sold("1", "mail", "10", "6", "60"),
        sold("2", "mail", "50", "6", "300", charge_category="one_time"),
    )
    result = agree(world, transformer)
    mail = result.key("mail")
    assert (mail["expected_unit_days"], mail["invoiced_unit_days"], mail["verdict"]) == (300, 300, "matched")
    assert (mail["invoiced_amount"], mail["effective_cost"]) == (Decimal(60), Decimal(40))
    assert result.reason("2") == ("excluded", "one_time") == result.reason("2", "invoice")


def test_money_of_two_currencies_is_never_added(world: Handmade, transformer: Builder) -> None:
    shelf(world, "mail", "euro", "mixed")
    world.land(
        "vendor_charges",
        bought("1", "mail", "10", "4", "40"),
        bought("2", "euro", "10", "4", "40", currency="EUR"),
        bought("3", "mixed", "1", "1", "1"),
        bought("4", "unknown", "1", "9", "9", currency="GBP"),
    )
    world.land(
        "agreements", deal("a-mail", "mail", "10", "6"), deal("a-euro", "euro", "10", "6", currency="EUR")
    )
    world.land(
        "invoice_lines",
        sold("1", "mail", "9", "6", "54"),
        sold("2", "euro", "9", "6", "54", currency="EUR"),
        sold("3", "mixed", "1", "2", "2"),
        sold("4", "mixed", "1", "2", "2", currency="EUR"),
    )
    result = agree(world, transformer)
    short = result.rows("fct_exceptions", exception_code="UNDERBILLED_QUANTITY")
    assert {(row["currency"], row["client_recoverable"]) for row in short} == {
        ("USD", Decimal(6)),
        ("EUR", Decimal(6)),
    }
    mixed = result.found("CURRENCY_MISMATCH")
    assert mixed["blocking"] and all(mixed[column] == 0 for column in MONEY)
    bridge = {row["currency"]: row["invoiced_amount"] for row in result.rows("fct_variance_bridge")}
    assert bridge == {"USD": Decimal(56), "EUR": Decimal(56)}
    coverage = {
        row["currency"]: (Decimal(row["mapped"]), Decimal(row["total"]))
        for row in result.document["coverage"]
    }
    assert coverage == {"USD": (41, 41), "EUR": (40, 40), "GBP": (0, 9)}


def test_each_of_the_four_verdicts_has_its_own_cause_and_only_a_comparison_is_clean(
    world: Handmade, transformer: Builder
) -> None:
    shelf(world, "match", "short")
    world.rule(
        "metering",
        {"product_code": "seats", "basis": "entitled", "count_source": "rmm"},
        {"product_code": "devices", "basis": "assigned", "count_source": "edr"},
    )
    world.rule(
        "sku_map",
        mapped("S-match", "match"),
        mapped("S-short", "short"),
        mapped("S-seats", "seats", "rmm"),
        mapped("S-dev", "devices", "edr"),
    )
    world.land("vendor_charges", bought("1", "match", "3", "4", "12"), bought("2", "short", "3", "4", "12"))
    world.land(
        "license_counts",
        counted("2025-04-01", "S-seats", "3") | {"vendor_customer_id": "somebody-else"},
        source="rmm",
    )
    world.declare("edr", "license_counts")  # no file: its products cannot be compared
    names = ("match", "short", "seats", "devices")
    world.land("agreements", *(deal(f"a-{c}", c, "3", "6") for c in names))
    world.land(
        "invoice_lines",
        *(sold(c, c, "2" if c == "short" else "3", "6", "12" if c == "short" else "18") for c in names),
    )
    result = agree(world, transformer)
    verdicts = {code: result.key(code)["verdict"] for code in names}
    assert verdicts == {
        "match": "matched",
        "short": "exception",
        "seats": "unreconcilable",
        "devices": "unreconciled",
    }
    assert result.document["gate"] == "blocked"
    assert result.reason("seats", "invoice") == ("exception", "unreconcilable")
    assert result.reason("devices", "invoice") == ("exception", "unreconciled")


def test_an_unmapped_bill_is_told_before_a_refund_is_believed(world: Handmade, transformer: Builder) -> None:
    world.land(
        "vendor_charges",
        charge("1", "2", "4", "8"),
        charge(
            "2", "8", "4", "32", vendor_customer_id="vc1-renamed"
        ),  # the vendor renamed the customer this month
    )
    world.land("agreements", deal("a-mail", "mail", "10", "6"))
    world.land("invoice_lines", sold("1", "mail", "10", "6", "60"))
    result = agree(world, transformer)
    assert result.codes() == ["OVERBILLED_QUANTITY", "UNMAPPED_CUSTOMER"]
    assert result.found("UNMAPPED_CUSTOMER")["priced_at_cost"] == Decimal(32)
    assert (
        "Map first: dist has 1 unmapped record, worth 32.00 USD at cost."
        in result.found("OVERBILLED_QUANTITY")["explanation"]
    )


def test_a_bill_that_comes_later_does_not_rewrite_the_month_it_is_for(
    world: Handmade, transformer: Builder
) -> None:
    world.land("vendor_charges", charge("1", "10", "4", "40"))
    late = charge("2", "5", "4", "20", invoice_id="V-2", charge_period_start=MARCH, charge_period_end=MAY)
    world.land("vendor_charges", late, period="2025-05")
    world.land("agreements", deal("a-mail", "mail", "10", "6"))
    world.land("invoice_lines", invoiced("1", "10", "6", "60"))
    world.land("products", product("mail"))
    assert agree(world, transformer).key("mail")["verdict"] == "matched"

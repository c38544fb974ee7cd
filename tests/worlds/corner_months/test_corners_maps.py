"""What the maps say of own seats, of what is ignored and not billed, and of what they do not say yet, in
hand-made months (contract §2.2, §4.9, §5.3).

Belongs here: `!` words, map first, ids in two cases. Formulas: ``test_corners``.
"""

from __future__ import annotations

from decimal import Decimal

from tests.recompute.handmade import Handmade, P, Row, charge, counted, mapped, product
from tests.worlds.compare import Builder
from tests.worlds.corners import JUNE, MARCH, agree, bought, deal, shelf, sold


def customer(source: str, vendor_id: str, client_id: str, **other: str) -> Row:
    return {"source": source, "vendor_customer_id": vendor_id, "client_id": client_id} | other


def test_own_seats_trials_and_what_is_ignored_enter_no_key(world: Handmade, transformer: Builder) -> None:
    world.rule(
        "client_map",
        customer("dist", "vc1", "acme"),
        customer("dist", "own", "!internal", note="our own tenant"),
        customer("dist", "gone", "!ignore"),
    )
    world.rule(
        "sku_map", mapped("S-seat", "seat"), mapped("S-trial", "!not_billed"), mapped("S-year", "seat")
    )
    world.rule("cost_list", {"source": "dist", "sku_id": "S-seat", "unit_cost": "10", "currency": "USD"})
    own, gone = {"vendor_customer_id": "own"}, {"vendor_customer_id": "gone"}
    year = {"charge_period_start": MARCH, "charge_period_end": "2026-03-01"}
    world.land("vendor_charges", bought("p", "year", "1", "365", "365", **own, **year), period="2025-03")
    world.land(
        "vendor_charges",
        bought("1", "seat", "5", "10", "50"),
        bought("2", "trial", "25", "0", "0", detail="trial"),
        bought("3", "seat", "7", "11", "77", **own),
        bought("4", "nowhere", "1", "3", "3", **own, charge_category="usage"),
        bought("5", "seat", "9", "11", "100", **gone),
        bought("6", "seat", "9", "11", "100", **gone),
        bought("7", "trial", "1", "0", "0", vendor_customer_id="nobody"),
        bought(
            "8", "seat", "1", "10", "10", **own, charge_period_start="2025-02-01", charge_period_end=MARCH
        ),
        bought("9", "seat", "1", "10", "10", **own, charge_period_start=JUNE, charge_period_end="2025-07-01"),
        bought("10", "seat", "1", "2", "2", **own, charge_category="tax"),
    )
    world.land(
        "license_counts",
        counted("2025-04-10", "S-seat", "5", "5"),
        counted("2025-04-20", "S-trial", "20", "1"),
        counted("2025-04-20", "S-seat", "6", "4") | own,
        counted("2025-04-25", "S-seat", "9", "0") | gone,
        counted("2025-04-25", "S-other", "9", "0") | gone,
        source="dist",
    )
    world.land("invoice_lines", sold("1", "seat", "5", "20", "100"))
    world.policies["min_coverage_pct"] = "100"
    result = agree(world, transformer)
    assert (result.document["gate"], result.document["reasons"]) == ("passed", [])
    # five seats, whatever was counted of the trial later: its date is no snapshot date
    assert result.key("seat")["verdict"] == "matched"
    assert (result.key("seat")["entitled_quantity"], result.key("seat")["effective_cost"]) == (5, 50)
    assert len(result.rows("fct_reconciliation")) == 1
    found = {
        (row["exception_code"], row["vendor_customer_id"], row["sku_id"], row["line_id"])
        for row in result.rows("fct_exceptions")
    }
    assert found == {
        ("DUPLICATE_VENDOR_CHARGE", "gone", "S-seat", "6"),
        ("VENDOR_PRICE_CHANGE", "own", "S-seat", "3"),
        ("VENDOR_QUANTITY_OVER", "own", "S-seat", None),
        ("UNUSED_LICENSES", "own", "S-seat", None),
        ("VENDOR_QUANTITY_OVER", "vc1", "S-trial", None),
        ("UNUSED_LICENSES", "vc1", "S-trial", None),
    }
    assert {(row["client_id"], row["product_code"]) for row in result.rows("fct_exceptions")} == {
        (None, None)
    }
    # own: 7 billed, 6 counted, 4 assigned, at 10 by the list
    assert result.found("VENDOR_QUANTITY_OVER", sku_id="S-seat")["vendor_claim"] == 10
    assert result.found("UNUSED_LICENSES", sku_id="S-seat")["stranded"] == 20
    assert [result.reason(str(line)) for line in range(1, 11)] == [
        ("matched", None),
        ("excluded", "not_billed"),
        ("excluded", "internal"),
        ("excluded", "internal"),
        ("excluded", "ignored"),
        ("exception", "DUPLICATE_VENDOR_CHARGE"),
        ("excluded", "not_billed"),
        ("excluded", "internal"),
        ("excluded", "future_period"),
        ("excluded", "tax"),
    ]
    # 77 + 3 and April's 30 of the 365 days paid for in March; the line of February costs nothing in April
    excluded = {
        row["scope"]: (row["actual"], row["passed"])
        for row in result.rows("fct_control_totals", control="excluded")
    }
    assert excluded == {
        "internal USD": (Decimal(110), True),
        "ignored USD": (Decimal(100), True),
        "not_billed USD": (Decimal(0), True),
    }
    assert {row["client_id"] for row in result.rows("dim_client")} == {"acme"}
    states = {row["sku_id"]: (row["product_code"], row["mapping_state"]) for row in result.rows("dim_sku")}
    assert (states["S-trial"], states["S-nowhere"]) == ((None, "not_billed"), (None, "unmapped"))


def test_what_is_not_mapped_yet_is_not_compared(world: Handmade, transformer: Builder) -> None:
    """soc and care have no SKU; mail and seats have, but beta is nobody's customer yet."""
    shelf(world, "mail", "tap")
    world.rule("client_map", customer("dist", "vc1", "acme"), customer("rmm", "vc1", "acme"))
    world.rule("sku_map", mapped("S-mail", "mail"), mapped("S-tap", "tap"), mapped("R-seat", "seats", "rmm"))
    world.rule(
        "metering",
        {"product_code": "seats", "basis": "entitled"},
        {"product_code": "care", "basis": "assigned"},
        {"product_code": "hours", "basis": "agreement"},
    )
    world.land(
        "products",
        *(product(code) for code in ("mail", "tap", "seats", "soc", "care", "hours")),
        product("own", vendor_backed="false"),
    )
    world.land(
        "vendor_charges",
        bought("1", "mail", "5", "10", "50"),
        bought("2", "mail", "3", "10", "30", vendor_customer_id="vc9"),
    )
    world.land("license_counts", counted("2025-04-10", "R-seat", "5"))
    world.land(
        "agreements",
        deal("a1", "soc", "1", "100"),
        deal("a2", "soc", "2", "100", client_id="beta"),
        deal("a3", "hours", "1", "50"),
    )
    beta = {"client_id": "beta"}
    world.land(
        "invoice_lines",
        sold("1", "mail", "5", "20", "100"),
        sold("2", "mail", "3", "20", "60", **beta),
        sold("3", "soc", "1", "100", "100"),
        sold("4", "tap", "1", "7", "7"),
        sold("5", "seats", "2", "9", "18", **beta),
        sold("6", "care", "2", "9", "18"),
        sold("7", "hours", "1", "50", "50"),
        sold("8", "own", "1", "50", "50"),
    )
    result = agree(world, transformer)
    verdicts = {
        (row["client_id"], row["product_code"]): row["verdict"] for row in result.rows("fct_reconciliation")
    }
    assert verdicts == {
        ("acme", "mail"): "matched",
        # dist has a customer that may be beta
        ("beta", "mail"): "unreconciled",
        ("acme", "soc"): "unreconciled",
        ("beta", "soc"): "unreconciled",
        # mapped, and acme is a customer: nothing was billed for it
        ("acme", "tap"): "exception",
        ("acme", "seats"): "exception",
        # rmm has no unmapped customer, so nothing is in the way of asking for a count
        ("beta", "seats"): "unreconcilable",
        ("acme", "care"): "unreconciled",
        ("acme", "hours"): "matched",
        ("acme", "own"): "exception",
    }
    assert result.codes(client_id="acme", product_code="tap") == ["BILLED_NOT_PROVIDED"]
    asked = {
        row["product_code"]: row for row in result.rows("fct_exceptions", exception_code="UNMAPPED_PRODUCT")
    }
    assert asked.keys() == {"soc", "care"}
    soc = asked["soc"]
    assert {
        soc[name] for name in ("client_id", "source", "currency", "vendor_customer_id", "sku_id", "line_id")
    } == {None}
    assert (soc["severity"], soc["blocking"], soc["priced_at_cost"]) == ("warning", False, 0)
    assert soc["evidence"] == [
        f"{P}/psa/agreements.csv:2",
        f"{P}/psa/agreements.csv:3",
        f"{P}/psa/invoice_lines.csv:4",
    ]
    assert "soc is sold to 2 clients on 1 invoice line and 2 agreement lines" in soc["explanation"].replace(
        "soc (soc)", "soc"
    )
    # nothing was compared: no refund, and no line goes out
    assert {row["client_id"]: row["verdict"] for row in result.rows("fct_client_gate")} == {
        "acme": "HOLD",
        "beta": "HOLD",
    }
    assert result.reason("3", "invoice") == ("exception", "unreconciled")
    bridge = result.rows("fct_variance_bridge", client_id="beta")
    assert [(row["expected_amount"], row["invoiced_amount"]) for row in bridge] == [(78, 78)]


def test_an_id_in_capitals_is_the_same_id(world: Handmade, transformer: Builder) -> None:
    def guid(letter: str) -> str:
        return f"{letter * 8}-0000-4000-8000-{letter * 12}"

    def small(letter: str) -> str:
        return guid(letter).lower()

    world.rule("client_map", customer("dist", guid("A"), small("B")))
    world.rule("sku_map", mapped(small("C"), guid("D")))
    world.rule("metering", {"product_code": small("D"), "basis": "vendor_billed", "minimum_quantity": "7"})
    world.land("clients", {"client_id": guid("B"), "client_name": "Beta"})
    world.land("products", product(guid("D")))
    bill = {"vendor_customer_id": small("A"), "sku_id": guid("C"), "subscription_id": small("E")}
    world.land(
        "vendor_charges",
        charge("1", "5", "10", "50", **bill),
        charge(
            "2", "5", "10", "50", **bill | {"vendor_customer_id": guid("A"), "subscription_id": guid("E")}
        ),
        charge(small("F"), "1", "1", "1", **bill),
        charge(guid("F"), "1", "1", "1", **bill),
    )
    world.land("agreements", deal(guid("F"), guid("D"), "7", "20", client_id=small("B")))
    line = {"client_id": guid("B"), "agreement_line_id": small("F")}
    world.land("invoice_lines", sold("1", small("D"), "7", "20", "140", **line))
    result = agree(world, transformer)
    # the second line repeats the first, the fourth is the third: 6 seats, at least 7
    assert result.codes() == ["DUPLICATE_VENDOR_CHARGE"]
    key = result.key(small("D"))
    assert (key["client_id"], key["verdict"], key["vendor_unit_days"]) == (small("B"), "matched", 180)
    assert len(result.rows("fct_line_dispositions", leg="vendor")) == 3


def test_invoice_lines_are_numbered_invoice_by_invoice(world: Handmade, transformer: Builder) -> None:
    shelf(world, "mail", "backup")
    world.land("vendor_charges", bought("1", "mail", "5", "10", "50"), bought("2", "backup", "2", "10", "20"))
    world.land("agreements", deal("a", "mail", "5", "20"), deal("b", "backup", "2", "30"))
    world.land(
        "invoice_lines",
        sold("1", "mail", "5", "21", "105", invoice_id="I-1", agreement_line_id="a"),
        sold("1", "backup", "2", "30", "60.01", invoice_id="I-2", agreement_line_id="b"),
        sold("2", "labour", "1", "5", "5", invoice_id="I-2", charge_category="one_time"),
    )
    result = agree(world, transformer)
    assert (result.document["reasons"], result.document["residual"]) == ([], "0.00")
    assert result.codes() == ["INVOICE_PRICE_MISMATCH", "ROUNDING"]
    wrong = result.found("INVOICE_PRICE_MISMATCH")
    assert (wrong["invoice_id"], wrong["line_id"], wrong["client_refund"]) == ("I-1", "1", 5)
    lines = {
        (row["invoice_id"], row["line_id"]): row["reason"]
        for row in result.rows("fct_line_dispositions", leg="invoice")
    }
    assert lines == {("I-1", "1"): "INVOICE_PRICE_MISMATCH", ("I-2", "1"): None, ("I-2", "2"): "one_time"}

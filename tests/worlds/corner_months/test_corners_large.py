"""Numbers that are allowed one by one and too large together with a rule or a price, in hand-made months
(contract §3.1, §5.5; readings, numbers that are too large together).

Belongs here: the bounds, what is rejected and what stays, as both engines see it. Reasons in words:
``tests/monthly_close/test_absurd_numbers.py``.
"""

from __future__ import annotations

import pytest

from tests.recompute.handmade import Handmade, Row, agreed, charge, counted, invoiced, mapped, product
from tests.worlds.compare import Builder
from tests.worlds.corners import Outcome, agree

MOST_UNITS, MOST_MONEY = "9" * 12, "9" * 15
Rules = dict[str, list[Row]]
Landed = dict[str, list[Row]]


def listed(unit_cost: str, **other: str) -> Row:
    return {"source": "dist", "sku_id": "S1", "unit_cost": unit_cost, "currency": "USD"} | other


def meter(**values: str) -> Row:
    return {"product_code": "mail", "basis": "vendor_billed"} | values


def rejected(outcome: Outcome) -> list[tuple[str, int, str]]:
    return sorted((row["file"], row["line"], row["column"]) for row in outcome.document["rejected_rows"])


BILL, COUNTS, BOOKS = (
    f"2025-04/{name}.csv" for name in ("dist/vendor_charges", "rmm/license_counts", "psa/invoice_lines")
)
# Each product is exactly its bound: 10^12 units, 10^15 of money.
TOO_LARGE: dict[str, tuple[Rules, Landed, list[tuple[str, int, str]]]] = {
    "units_per, at any time and for any term": (
        {"sku_map": [mapped("S1", "mail"), mapped("S1", "mail", units_per="10000000", term="P1Y")]},
        {"vendor_charges": [charge("1", "-100000", "0", "0"), charge("2", "99999", "0", "0")]},
        [(BILL, 2, "quantity")],
    ),
    "price of an agreement, of one unit": (
        {},
        {
            "vendor_charges": [charge("1", "100000", "0", "0"), charge("2", "99999", "0", "0")],
            "agreements": [agreed("a", "1", "-10000000000")],
        },
        [(BILL, 2, "quantity")],
    ),
    "price of a product that another row of the SKU names": (
        {
            "sku_map": [
                mapped("S1", "mail", valid_to="2025-04-01"),
                mapped("S1", "x", valid_from="2025-04-01"),
            ]
        },
        {
            "vendor_charges": [charge("1", "100000", "0", "0")],
            "products": [product("mail", default_unit_price="10000000000", currency="EUR"), product("x")],
        },
        [(BILL, 2, "quantity")],
    ),
    "price of an invoice line with a day in P": (
        {},
        {
            "vendor_charges": [charge("1", "100000", "0", "0")],
            "invoice_lines": [
                invoiced(
                    "a",
                    "0",
                    "10000000000",
                    "0",
                    service_period_start="2025-04-30",
                    service_period_end="2025-06-01",
                )
            ],
        },
        [(BILL, 2, "quantity")],
    ),
    "listed cost below zero, of another term": (
        {"cost_list": [listed("1"), listed("-100000000", term="P3Y", currency="EUR")]},
        {"vendor_charges": [charge("1", "10000000", "0", "0"), charge("2", "9999999", "0", "0")]},
        [(BILL, 2, "quantity")],
    ),
    "markup": (
        {"metering": [meter(basis="cost_plus", markup_pct="900")]},
        {
            "vendor_charges": [
                charge("1", "1", "0", "100000000000000"),
                charge("2", "1", "0", "99999999999999"),
            ]
        },
        [(BILL, 2, "amount")],
    ),
    "two reasons, both named": (
        {
            "sku_map": [mapped("S1", "mail", units_per=MOST_UNITS)],
            "cost_list": [listed(MOST_MONEY)],
        },
        {"vendor_charges": [charge("1", "2", "0", "0"), charge("2", "1", "0", "0")]},
        [(BILL, 2, "quantity"), (BILL, 2, "quantity")],
    ),
    "seat counts, entitled and assigned": (
        {"sku_map": [mapped("S1", "mail"), mapped("S1", "mail", "rmm", units_per="1000")]},
        {
            "vendor_charges": [charge("1", "1", "0", "0")],
            "license_counts": [
                counted("2025-04-03", "S1", "1000000000", "1"),
                counted("2025-04-03", "S1", "1", "1000000000"),
                counted("2025-04-03", "S1", "999999999"),
            ],
        },
        [(COUNTS, 2, "entitled_quantity"), (COUNTS, 3, "assigned_quantity")],
    ),
    "minimum": (
        {"metering": [meter(minimum_quantity="1000000")]},
        {
            "vendor_charges": [charge("1", "1", "0", "0")],
            "products": [product("mail", default_unit_price="1000000000", currency="USD")],
            "agreements": [agreed("a", "1", "-1000000000"), agreed("b", "1", "999999999")],
            "invoice_lines": [invoiced("a", "0", "1000000000", "0")],
        },
        [
            ("2025-04/psa/agreements.csv", 2, "unit_price"),
            (BOOKS, 2, "unit_price"),
            ("2025-04/psa/products.csv", 2, "default_unit_price"),
        ],
    ),
    "rounded up to whole numbers": (
        {"sku_map": [mapped("S1", "mail", units_per="999999.000001")]},
        {"vendor_charges": [charge("1", "1000000", "0", "0"), charge("2", "999999.000001", "0", "0")]},
        [(BILL, 2, "quantity"), (BILL, 3, "quantity")],
    ),
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_both_engines_reject_what_reaches_the_bound_and_nothing_below(
    what: str, world: Handmade, transformer: Builder
) -> None:
    rules, landed, expected = TOO_LARGE[what]
    for name, rows in rules.items():
        world.rule(name, *rows)
    world.land("invoice_lines", invoiced("a", "1", "1", "1"))
    for dataset, rows in landed.items():
        world.land(dataset, *rows)
    outcome = agree(world, transformer)
    assert rejected(outcome) == expected
    assert outcome.document["reasons"] == ["ROW_REJECTED"]


def test_what_is_one_below_the_bounds_is_computed(world: Handmade, transformer: Builder) -> None:
    """999,999,999,999 seats at 1,000: all but one of them are invoiced too few."""
    world.rule("cost_list", listed("1000"))
    world.land("vendor_charges", charge("1", MOST_UNITS, "1000", "999999999999000"))
    world.land("agreements", agreed("a", "1", "1000"))
    world.land("invoice_lines", invoiced("a", "1", "1000", "1000"))
    outcome = agree(world, transformer)
    assert (outcome.document["gate"], rejected(outcome)) == ("passed", [])
    assert outcome.found("UNDERBILLED_QUANTITY")["client_recoverable"] == 999_999_999_998_000
    assert outcome.key("mail")["effective_cost"] == 999_999_999_999_000


def test_what_no_rule_and_no_price_of_the_month_multiplies_is_not_checked(
    world: Handmade, transformer: Builder
) -> None:
    """A SKU that nothing maps, a rule of another source, prices of days outside P; and a record of March that
    is too large now is left out, also where it lands again.
    """
    world.rule("sku_map", mapped("S1", "mail"), mapped("S9", "mail", "rmm", units_per=MOST_UNITS))
    year = {"charge_period_start": "2025-03-01", "charge_period_end": "2026-03-01"}
    large = charge("0", MOST_UNITS, "1", MOST_UNITS, sku_id="S3", **year)
    world.rule("cost_list", listed("1001", sku_id="S3"), listed(MOST_MONEY, sku_id="S9", source="rmm"))
    world.land("vendor_charges", large, period="2025-03")
    world.land(
        "vendor_charges",
        large,
        charge("1", "100000", "1", "100000"),
        charge("2", MOST_UNITS, "1", MOST_UNITS, sku_id="S9", charge_category="one_time"),
    )
    dear = invoiced("m", "0", "10000000000", "0", service_period_start="2025-03-01")
    world.land(
        "invoice_lines",
        invoiced("a", "100000", "2", "200000"),
        dear | {"service_period_end": "2025-04-01"},
        dear
        | {"invoice_line_id": "n", "charge_category": "one_time", "service_period_start": "2025-04-09"}
        | {"service_period_end": "2025-04-09"},
    )
    outcome = agree(world, transformer)
    assert (outcome.document["gate"], rejected(outcome)) == ("passed", [])
    assert [row["line_id"] for row in outcome.rows("fct_line_dispositions", leg="vendor")] == ["1", "2"]
    assert outcome.key("mail")["verdict"] == "matched"

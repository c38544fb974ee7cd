"""Vendor-side codes of what one source bills and another counts, and unused seats at another source's cost.
Every figure is worked out by hand in the test.

Belongs here: ``derive.across``, and ``derive.counted`` where the key's bill says the cost. A source's bill
against its own counts is ``test_vendor_codes``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mbr_pipeline.explain.derivation import Derivation
from mbr_pipeline.explain.derive import derive
from tests.explain.books import books, count, customer, finding, sku, vendor

RULES = (sku(sku_id="PACK", units_per="2"), sku(sku_id="ONE"), sku(source="rmm", sku_id="SEAT"))
NOTHING = {"charge_period_start": "2024-02-21", "charge_period_end": "2024-02-28"}
# 5 packs of 2 and 2 single ones are 12 units, rmm counts 10 on the last date; the pack started last:
# 15 × 29 / 10 / 2 = 21.75 a unit
RECORDS = (
    vendor("1", "5", "15", "75", sku_id="PACK", charge_period_start="2024-02-20"),
    vendor("2", "2", "9", "18", sku_id="ONE"),
    vendor("3", "25", "0", "0", sku_id="ONE", **NOTHING),
    count("2024-02-01", "99", source="rmm", sku_id="SEAT"),
    count("2024-02-20", "10", source="rmm", sku_id="SEAT"),
)


def derived_of(code: str, *more: Any, **about: str) -> Derivation:
    known = books(*RECORDS, *more, sku_rules=RULES, client_rules=(customer(), customer(source="rmm")))
    return derive(finding(code, **about), known)


def test_what_one_source_bills_is_held_against_what_another_counts_in_units_of_the_product() -> None:
    derived = derived_of("VENDOR_QUANTITY_OVER", source="dist")
    value, code = derived.parts[-2:]
    # 2 × 21.75 = 43.50
    assert (derived.impacts, derived.currency) == ({"vendor_claim": Decimal("43.50")}, "USD")
    assert value.lines == (
        "cost of a unit: unit_cost × D / days of its charge period / units_per = 15 × 29 / 10 / 2 = 21.75 USD"
        " (2024-02/dist/vendor_charges.csv:1)",
        "2 × 21.75 = 43.5",
        "rounded half-up to 2 places: 43.50 USD",
    )
    assert code.rows[-1][::2] == ("VENDOR_QUANTITY_OVER", "yes")
    assert [len(part.rows) for part in derived.parts[:3]] == [5, 2, 2]


def test_where_the_engine_compares_nothing_there_is_nothing_to_show() -> None:
    """What dist counts itself is in the way of counts of rmm."""
    own = count("2024-02-20", "1", sku_id="ONE")
    derived = derived_of("VENDOR_QUANTITY_OVER", own, source="dist")
    assert (derived.code, derived.impacts) == (None, {})
    assert [part.title for part in derived.parts] == ["Nothing to compare"]


def test_unused_seats_that_their_own_source_does_not_bill_have_the_cost_of_the_keys_line() -> None:
    unused = count("2024-02-21", "3", "0", source="rmm", sku_id="SEAT")
    about = {"source": "rmm", "vendor_customer_id": "T-1", "sku_id": "SEAT"}
    derived = derived_of("UNUSED_LICENSES", unused, **about)
    # 3 × 1 × 21.75 = 65.25
    assert (derived.impacts, derived.currency) == ({"stranded": Decimal("65.25")}, "USD")
    assert (
        "unit cost 21.75 USD: units_per × unit_cost × D / days of its charge period / units_per of the key's"
        " line = 1 × 15 × 29 / 10 / 2 (2024-02/dist/vendor_charges.csv:1)"
    ) in next(part for part in derived.parts if part.title == "Value").lines

"""Vendor-side codes of what one source bills and another counts, and unused seats at another source's cost. Every
figure is worked out by hand in the test.

Belongs here: ``derive.across``, and ``derive.counted`` where the key's bill says the cost. A source's bill
against its own counts is ``test_vendor_codes``.
"""

from __future__ import annotations

from decimal import Decimal

from mbr_pipeline.explain.derive import derive
from tests.explain.books import books, count, customer, finding, sku, vendor


def test_what_one_source_bills_is_held_against_what_another_counts_in_units_of_the_product() -> None:
    # 5 packs of 2 and 2 single ones are 12 units, rmm counts 10 on the last date; the pack started last:
    # 15 × 29 / 10 / 2 = 21.75 a unit, 2 × 21.75 = 43.50
    rules = (sku(sku_id="PACK", units_per="2"), sku(sku_id="ONE"), sku(source="rmm", sku_id="SEAT"))
    records = (
        vendor("1", "5", "15", "75", sku_id="PACK", charge_period_start="2024-02-20"),
        vendor("2", "2", "9", "18", sku_id="ONE"),
        vendor(
            "3",
            "25",
            "0",
            "0",
            sku_id="ONE",
            charge_period_start="2024-02-21",
            charge_period_end="2024-02-28",
        ),
        count("2024-02-01", "99", source="rmm", sku_id="SEAT"),
        count("2024-02-20", "10", source="rmm", sku_id="SEAT"),
    )
    named = finding("VENDOR_QUANTITY_OVER", source="dist")
    derived = derive(
        named,
        books(*records, sku_rules=rules, client_rules=(customer(), customer(source="rmm"))),
    )
    value, code = derived.parts[-2:]
    assert derived.currency == "USD"
    assert value.lines == (
        "cost of a unit: unit_cost × D / days of its charge period / units_per = 15 × 29 / 10 / 2 = 21.75 USD"
        " (2024-02/dist/vendor_charges.csv:1)",
        "2 × 21.75 = 43.5",
        "rounded half-up to 2 places: 43.50 USD",
    )
    assert code.rows[-1][::2] == ("VENDOR_QUANTITY_OVER", "yes")
    assert [len(part.rows) for part in derived.parts[:3]] == [5, 2, 2]
    # what dist counts itself is in the way: the engine compares nothing, so there is nothing to show
    own = books(
        *records,
        count("2024-02-20", "1", sku_id="ONE"),
        sku_rules=rules,
        client_rules=(customer(), customer(source="rmm")),
    )
    assert (derive(named, own).code, derive(named, own).parts[0].title) == (None, "Nothing to compare")
    # nothing of rmm is billed by itself: 3 unused seats at the key's 21.75, in units of the product
    unused = finding("UNUSED_LICENSES", source="rmm", vendor_customer_id="T-1", sku_id="SEAT")
    seats = (*records, count("2024-02-21", "3", "0", source="rmm", sku_id="SEAT"))
    stranded = derive(
        unused, books(*seats, sku_rules=rules, client_rules=(customer(), customer(source="rmm")))
    )
    assert (stranded.impacts, stranded.currency) == ({"stranded": Decimal("65.25")}, "USD")
    assert (
        "unit cost 21.75 USD: units_per × unit_cost × D / days of its charge period / units_per of the key's"
        " line = 1 × 15 × 29 / 10 / 2 (2024-02/dist/vendor_charges.csv:1)"
    ) in next(part for part in stranded.parts if part.title == "Value").lines

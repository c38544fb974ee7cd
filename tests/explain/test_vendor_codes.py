"""Vendor-side codes: late, repeated, misadded, repriced, counted, unmapped. Every figure is worked out by
hand in the test.

Belongs here: ``derive.late``, ``vendor_line``, ``counted`` and ``unmapped``. Client-side codes are in the
modules beside this.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mbr_pipeline.explain.derivation import Derivation
from mbr_pipeline.explain.derive import derive
from mbr_pipeline.recompute.periods import period_of
from tests.explain.books import (
    agreement,
    books,
    count,
    customer,
    finding,
    listed,
    metering,
    sku,
    vendor,
)


def about_line(code: str, *records: Any, line_id: str = "1", **other: Any) -> Derivation:
    named = finding(
        code, source="dist", vendor_customer_id="T-1", sku_id="S-1", invoice_id="V-1", line_id=line_id
    )
    return derive(named, books(*records, **other))


def test_late_days_are_priced_month_by_month_and_rounded_once() -> None:
    # 2023-12-20 to 2024-02-01, 3 seats × 2 units: December 12 of 31 days at 8, January 31 of 31 at 9
    # (8 × 12 / 31 + 9) × 6 = 72.580645… = 72.58
    late = vendor("1", "3", "7", "21", charge_period_start="2023-12-20", charge_period_end="2024-02-01")
    prices = (agreement("A", "3", "8"), agreement("BB", "3", "9", effective_start="2024-01-31"))
    derived = about_line("LATE_CHARGE", late, *prices, sku_rules=(sku(units_per="2"),))
    assert (derived.code, derived.impacts) == ("LATE_CHARGE", {"client_recoverable": Decimal("72.58")})
    [months] = [part for part in derived.parts if part.title == "Months concerned"]
    assert [row[:4] for row in months.rows] == [
        ("2023-12", "12", "31", "2023-12-31"),
        ("2024-01", "31", "31", "2024-01-31"),
    ]


def test_a_late_line_that_reaches_into_the_month_is_late_for_its_earlier_days_only() -> None:
    # 2024-01-22 to 2024-03-01: 10 late days of 31 at 31.00 = 10.00
    late = vendor("1", "1", "7", "9", charge_period_start="2024-01-22")
    assert about_line("LATE_CHARGE", late, agreement("A", "1", "31")).impacts == {
        "client_recoverable": Decimal("10.00")
    }


def test_a_late_credit_is_a_refund_and_a_late_line_without_price_is_worth_nothing() -> None:
    days = {"charge_period_start": "2024-01-01", "charge_period_end": "2024-02-01"}
    credit = about_line("LATE_CHARGE", vendor("1", "-2", "7", "-14", **days), agreement("A", "1", "8"))
    assert credit.impacts == {"client_refund": Decimal("16.00")}
    without = about_line(
        "LATE_CHARGE",
        vendor("1", "2", "7", "14", **days),
        agreement("A", "1", "8", effective_start="2024-02-01"),
    )
    assert (without.code, without.impacts) == ("LATE_CHARGE", {})


def test_a_late_line_of_one_moment_has_no_late_days() -> None:
    late = vendor("1", "2", "7", "14", charge_period_start="2024-01-10", charge_period_end="2024-01-10")
    derived = about_line("LATE_CHARGE", late, agreement("A", "1", "8"))
    assert (derived.code, derived.impacts) == ("LATE_CHARGE", {})


def test_a_leap_february_is_one_of_the_months_concerned_by_its_own_days() -> None:
    # landed in March 2024: 2024-02-15 to 2024-03-01 is 15 of 29 days at 29.00 = 15.00
    march = period_of("2024-03")
    late = vendor("1", "1", "7", "7", landed_period="2024-03", charge_period_start="2024-02-15")
    derived = about_line("LATE_CHARGE", late, agreement("A", "1", "29"), period=march)
    assert derived.impacts == {"client_recoverable": Decimal("15.00")}


def test_the_later_of_two_equal_charges_is_claimed_whole() -> None:
    derived = about_line(
        "DUPLICATE_VENDOR_CHARGE", vendor("0", "2", "5", "10.005"), vendor("1", "2", "5", "10.005")
    )
    assert (derived.code, derived.impacts) == ("DUPLICATE_VENDOR_CHARGE", {"vendor_claim": Decimal("10.01")})
    first = about_line(
        "DUPLICATE_VENDOR_CHARGE", vendor("0", "2", "5", "10"), vendor("1", "2", "5", "10"), line_id="0"
    )
    assert first.code is None


def test_an_earlier_landing_comes_first_and_a_repeated_credit_is_a_liability() -> None:
    january = vendor("9", "-2", "5", "-10", landed_period="2024-01", invoice_id="V-9")
    derived = about_line("DUPLICATE_VENDOR_CHARGE", vendor("1", "-2", "5", "-10"), january)
    assert (derived.code, derived.impacts) == (
        "DUPLICATE_VENDOR_CHARGE",
        {"vendor_liability": Decimal("10.00")},
    )


@pytest.mark.parametrize(
    "change",
    [{"term": "P1M"}, {"subscription_id": "s"}, {"charge_type": "add"}, {"charge_period_end": "2024-02-29"}],
)
def test_charges_that_differ_in_anything_but_their_numbers_are_no_duplicates(change: dict[str, str]) -> None:
    derived = about_line(
        "DUPLICATE_VENDOR_CHARGE", vendor("0", "2", "5", "10"), vendor("1", "2", "5", "10", **change)
    )
    assert derived.code is None


def test_an_amount_beyond_the_tolerance_is_claimed_by_what_it_is_over() -> None:
    # 3 × 3.335 = 10.005; billed 10.02 is 0.015 over, beyond 0.01, and rounds to 0.02; 10.015 is just at the
    # tolerance
    derived = about_line("VENDOR_AMOUNT_MISMATCH", vendor("1", "3", "3.335", "10.02"))
    assert (derived.code, derived.impacts) == ("VENDOR_AMOUNT_MISMATCH", {"vendor_claim": Decimal("0.02")})
    assert about_line("VENDOR_AMOUNT_MISMATCH", vendor("1", "3", "3.335", "10.015")).code is None
    under = about_line("VENDOR_AMOUNT_MISMATCH", vendor("1", "3", "3.335", "9"))
    assert under.impacts == {"vendor_liability": Decimal("1.01")}  # 1.005
    assert (
        about_line("VENDOR_AMOUNT_MISMATCH", vendor("1", "3", "3.335", "9", charge_category="usage")).code
        is None
    )


def test_a_price_off_the_list_is_claimed_for_the_quantity_at_the_exact_term() -> None:
    line = vendor("1", "3", "4.5", "13.5", term="P1Y")
    derived = about_line("VENDOR_PRICE_CHANGE", line, listed("4"), listed("4.165", term="P1Y"))
    # 3 × (4.5 − 4.165) = 1.005 = 1.01
    assert (derived.code, derived.impacts) == ("VENDOR_PRICE_CHANGE", {"vendor_claim": Decimal("1.01")})
    below = about_line("VENDOR_PRICE_CHANGE", line, listed("5"))
    assert below.impacts == {"vendor_liability": Decimal("1.50")}


def test_a_price_is_looked_up_on_the_months_first_day_in_the_lines_currency_for_whole_months() -> None:
    line = vendor("1", "3", "4.5", "13.5")
    for rule in (
        listed("4", valid_from="2024-02-02"),
        listed("4", currency="EUR"),
        listed("4", valid_to="2024-02-01"),
    ):
        assert about_line("VENDOR_PRICE_CHANGE", line, rule).code is None
    part = vendor("1", "3", "4.5", "13.5", charge_period_start="2024-02-02")
    assert about_line("VENDOR_PRICE_CHANGE", part, listed("4")).code is None


def about_supply(code: str, *records: Any, **other: Any) -> Derivation:
    return derive(
        finding(code, source="dist", vendor_customer_id="T-1", sku_id="S-1"), books(*records, **other)
    )


def test_more_billed_than_entitled_is_claimed_at_the_listed_cost() -> None:
    # billed on the last day 12 + 3, entitled 10 + 1 on the last date: 4 × 2.505 = 10.02
    records = (
        vendor("1", "12", "2", "24"),
        vendor("2", "3", "2", "6", charge_period_start="2024-02-20"),
        vendor("3", "9", "2", "18", charge_period_end="2024-02-20"),
        count("2024-02-01", "99"),
        count("2024-02-20", "10"),
        count("2024-02-20", "1"),
        listed("2.505"),
    )
    derived = about_supply("VENDOR_QUANTITY_OVER", *records)
    assert (derived.code, derived.impacts) == ("VENDOR_QUANTITY_OVER", {"vendor_claim": Decimal("10.02")})


def test_unlisted_cost_is_that_of_the_latest_line_on_the_last_day_for_a_full_month() -> None:
    # 10 days of February (20th to 29th) at 2.00: 2 × 29 / 10 = 5.80 a month; 5 billed, 7 entitled: 2 × 5.80 =
    # 11.60
    records = (
        vendor("2", "4", "9", "36"),
        vendor("1", "1", "2", "2", charge_period_start="2024-02-20"),
        vendor("3", "1", "8", "8", charge_period_start="2024-02-21", charge_period_end="2024-02-28"),
        count("2024-02-29", "7"),
    )
    derived = about_supply("VENDOR_QUANTITY_UNDER", *records)
    assert (derived.code, derived.impacts) == (
        "VENDOR_QUANTITY_UNDER",
        {"vendor_liability": Decimal("11.60")},
    )


def test_a_sku_absent_on_the_customers_last_date_is_entitled_to_nothing() -> None:
    records = (vendor("1", "4", "2", "8"), count("2024-02-01", "4"), count("2024-02-28", "1", sku_id="S-9"))
    derived = about_supply("VENDOR_QUANTITY_OVER", *records)
    assert (derived.code, derived.impacts) == ("VENDOR_QUANTITY_OVER", {"vendor_claim": Decimal("8.00")})


def test_a_cost_below_zero_turns_the_direction_of_a_quantity() -> None:
    derived = about_supply(
        "VENDOR_QUANTITY_OVER", vendor("1", "4", "-2", "-8"), count("2024-02-01", "3"), listed("-2")
    )
    assert (derived.code, derived.impacts) == ("VENDOR_QUANTITY_OVER", {"vendor_liability": Decimal("2.00")})


def test_unused_licences_are_stranded_at_unit_cost_and_without_any_cost_at_nothing() -> None:
    derived = about_supply("UNUSED_LICENSES", count("2024-02-01", "10", "7"), listed("3.5"))
    assert (derived.code, derived.impacts, derived.currency) == (
        "UNUSED_LICENSES",
        {"stranded": Decimal("10.50")},
        "USD",
    )
    bare = about_supply("UNUSED_LICENSES", count("2024-02-01", "10", "7"))
    assert (bare.code, bare.impacts, bare.currency) == ("UNUSED_LICENSES", {}, None)
    assert (
        about_supply("UNUSED_LICENSES", count("2024-02-01", "10"), count("2024-02-01", "1", "0")).code is None
    )


def test_an_unmapped_customer_is_priced_at_what_counts_of_its_bill_in_the_month() -> None:
    # 31.00 of 31 days, 29 of them in February: 29.00; usage 0.005; a tax line, a future one and EUR stay out
    records = (
        vendor("1", "1", "31", "31", charge_period_end="2024-03-03"),
        vendor("2", "1", "0.005", "0.005", charge_category="usage"),
        vendor("3", "1", "5", "5", charge_category="tax"),
        vendor("4", "1", "5", "5", charge_period_start="2024-03-01", charge_period_end="2024-04-01"),
        vendor("5", "1", "5", "5", currency="EUR"),
        count("2024-02-01", "10"),
    )
    unmapped = finding(
        "UNMAPPED_CUSTOMER", source="dist", vendor_customer_id="T-1", client_id=None, product_code=None
    )
    derived = derive(unmapped, books(*records, client_rules=()))
    assert (derived.code, derived.impacts) == ("UNMAPPED_CUSTOMER", {"priced_at_cost": Decimal("29.01")})
    assert [row[0][-1] for row in derived.parts[0].rows] == ["1", "2"]
    assert derive(unmapped, books(*records, client_rules=(customer(),))).code is None


def test_an_unmapped_sku_is_one_of_a_mapped_customer_and_counts_alone_have_no_cost() -> None:
    unmapped = finding("UNMAPPED_SKU", source="dist", sku_id="S-1", client_id=None, product_code=None)
    both = (vendor("1", "1", "5", "5"), vendor("2", "1", "7", "7", vendor_customer_id="T-2"))
    assert derive(unmapped, books(*both, sku_rules=())).impacts == {"priced_at_cost": Decimal("5.00")}
    counted = finding(
        "UNMAPPED_SKU", source="dist", sku_id="S-1", client_id=None, product_code=None, currency=None
    )
    derived = derive(counted, books(count("2024-02-01", "3"), sku_rules=()))
    assert (derived.code, derived.impacts, derived.currency) == ("UNMAPPED_SKU", {}, None)


def test_usage_that_nobody_meters_adds_up_by_currency() -> None:
    usage = {"charge_category": "usage"}
    records = (
        vendor("1", "1", "1.234", "1.234", **usage),
        vendor("2", "1", "2.341", "2.341", **usage),
        vendor("3", "1", "9", "9", currency="EUR", **usage),
        vendor("4", "1", "9", "9"),
    )
    derived = derive(finding("USAGE_NOT_METERED"), books(*records))
    assert (derived.code, derived.impacts) == (
        "USAGE_NOT_METERED",
        {"priced_at_cost": Decimal("3.58")},
    )  # 3.575
    assert derive(finding("USAGE_NOT_METERED"), books(*records, metering=metering("cost_plus"))).code is None

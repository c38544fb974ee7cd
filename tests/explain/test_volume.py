"""Volume codes: unit-days, minimum, price and the code that follows. Every figure is worked out by hand in
the test.

Belongs here: ``derive.volume`` with ``quantities`` and ``rules_of_key``. Does not: codes of single lines,
of cost and of vendors.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mbr_pipeline.explain.derivation import Derivation
from mbr_pipeline.recompute.periods import period_of
from tests.explain.books import (
    SEAT,
    agreement,
    books,
    invoice,
    metering,
    sku,
    vendor,
)
from tests.explain.volumes import volume


def lines_of(derived: Derivation) -> str:
    return "\n".join(line for part in derived.parts for line in part.lines)


def test_five_seats_more_from_the_tenth_of_a_leap_february() -> None:
    # provided 10 × 29 + 5 × 20 = 390, invoiced 10 × 29 = 290; 100 unit-days × 8.00 / 29 = 27.586… = 27.59
    case = books(
        vendor("1", "10", "5", "50"),
        vendor("2", "5", "5", "17.24", charge_period_start="2024-02-10"),
        agreement("A", "10", "8"),
        invoice("L", "10", "8", "80"),
    )
    derived = volume(case)
    assert (derived.code, derived.currency) == ("UNDERBILLED_QUANTITY", "USD")
    assert derived.impacts == {"client_recoverable": Decimal("27.59")}
    assert "U_exp = 390 unit-days; expected quantity on 2024-02-29: 15" in lines_of(derived)
    assert "8 × 100 / 29 = 27.586206896551…" in lines_of(derived)


def test_the_same_days_of_a_common_february_are_one_fewer() -> None:
    # 2023: 10 × 28 + 5 × 19 = 375 against 280: 95 × 8 / 28 = 27.142… = 27.14
    common = period_of("2023-02")
    of_2023 = {
        "landed_period": "2023-02",
        "charge_period_start": "2023-02-01",
        "charge_period_end": "2023-03-01",
    }
    case = books(
        vendor("1", "10", "5", "50", **of_2023),
        vendor("2", "5", "5", "17", **{**of_2023, "charge_period_start": "2023-02-10"}),
        agreement("A", "10", "8"),
        invoice("L", "10", "8", "80", service_period_start="2023-02-01", service_period_end="2023-03-01"),
        period=common,
    )
    assert volume(case).impacts == {"client_recoverable": Decimal("27.14")}


@pytest.mark.parametrize(
    ("currency", "price", "amount"),
    [
        # 1 seat × 15 of 29 days
        ("JPY", "1000", "517"),  # 15000 / 29 = 517.24
        ("KWD", "1.5", "0.776"),  # 22.5 / 29 = 0.77586
        ("USD", "8", "4.14"),  # 120 / 29 = 4.1379
    ],
)
def test_the_currency_decides_the_places(currency: str, price: str, amount: str) -> None:
    case = books(
        vendor("1", "1", "1", "1", charge_period_start="2024-02-15", currency=currency),
        agreement("A", "1", price, currency=currency),
    )
    derived = volume(case, "AGREEMENT_NOT_INVOICED")
    assert (derived.code, derived.currency) == ("AGREEMENT_NOT_INVOICED", currency)
    assert derived.impacts == {"client_recoverable": Decimal(amount)}


def test_a_minimum_raises_what_is_provided_but_not_nothing() -> None:
    # 2 seats × 10 days = 20, minimum 5 × 29 = 145; 145 − 58 = 87 unit-days × 8 / 29 = 24.00
    few = vendor("1", "2", "1", "2", charge_period_end="2024-02-11")
    invoiced = (agreement("A", "2", "8"), invoice("L", "2", "8", "16"))
    derived = volume(books(few, *invoiced, metering=metering("vendor_billed", minimum_quantity="5")))
    assert (derived.code, derived.impacts) == (
        "UNDERBILLED_QUANTITY",
        {"client_recoverable": Decimal("24.00")},
    )
    assert "minimum 5 × 29 days = 145 raises 20 to it" in lines_of(derived)
    # nothing is provided: the minimum does not apply, 58 × 8 / 29 = 16.00 goes back
    derived = volume(books(*invoiced, metering=metering("vendor_billed", minimum_quantity="5")))
    assert (derived.code, derived.impacts) == ("BILLED_NOT_PROVIDED", {"client_refund": Decimal("16.00")})


def test_a_credit_balance_is_no_claim_on_the_vendor_but_nothing_provided() -> None:
    derived = volume(
        books(vendor("1", "-3", "1", "-3"), agreement("A", "1", "8"), invoice("L", "1", "8", "8"))
    )
    assert (derived.code, derived.impacts) == ("BILLED_NOT_PROVIDED", {"client_refund": Decimal("8.00")})
    assert "-87 is below zero: it counts as 0" in lines_of(derived)


def test_a_price_below_zero_turns_the_direction() -> None:
    # a rebate line: 10 more at −2 each is a refund
    derived = volume(
        books(vendor("1", "15", "1", "15"), agreement("A", "5", "-2"), invoice("L", "5", "-2", "-10"))
    )
    assert (derived.code, derived.impacts) == ("UNDERBILLED_QUANTITY", {"client_refund": Decimal("20.00")})


def test_of_several_agreement_lines_the_latest_start_in_force_on_the_last_day_sets_the_price() -> None:
    case = books(
        vendor("1", "11", "5", "55"),
        invoice("L", "10", "8", "80"),
        agreement("A", "10", "8"),
        agreement("BB", "10", "9", effective_start="2024-02-10"),
        agreement(
            "CCC", "10", "7", effective_start="2024-02-20", effective_end="2024-02-29"
        ),  # ends the day before the last
        agreement("DDDD", "10", "6", effective_start="2024-03-01"),  # not yet
        agreement(
            "EEEEE", "10", "99", effective_start="2024-02-15", effective_end="2024-02-15"
        ),  # never in force
    )
    derived = volume(case)
    assert derived.impacts == {"client_recoverable": Decimal("9.00")}
    told = (
        "valued_at agreement: agreement line BB (2024-02/psa/agreements.csv:2), in force on 2024-02-29, the"
        " latest of 2"
    )
    assert told in lines_of(derived)


def test_of_equal_starts_the_greatest_id_sets_the_price() -> None:
    case = books(
        vendor("1", "2", "5", "10"),
        invoice("L", "1", "8", "8"),
        agreement("A-10", "1", "8"),
        agreement("A-2", "1", "9"),
    )
    assert volume(case).impacts == {"client_recoverable": Decimal("9.00")}


def test_without_one_in_force_the_last_that_ever_was_sets_the_price() -> None:
    case = books(
        vendor("1", "1", "5", "5"),
        agreement("A", "1", "8", effective_end="2024-02-01"),
        agreement("BB", "1", "7", effective_start="2023-06-01", effective_end="2024-01-01"),
    )
    derived = volume(case, "AGREEMENT_ENDED")
    assert (derived.code, derived.impacts) == ("AGREEMENT_ENDED", {"client_recoverable": Decimal("8.00")})
    assert "last in force on 2024-01-31, none later" in lines_of(derived)


def test_without_agreement_the_list_price_then_the_invoiced_price_then_the_cost_stand_in() -> None:
    one = vendor("1", "1", "5", "5.25")
    listed = replace(SEAT, default_unit_price=Decimal("12"), currency="USD")
    by_list = volume(books(one, product=listed), "UNBILLED_PRODUCT")
    assert (by_list.code, by_list.impacts) == ("UNBILLED_PRODUCT", {"client_recoverable": Decimal("12.00")})
    assert "valued_at list" in lines_of(by_list)

    two = books(
        vendor("1", "2", "5", "10"),
        invoice("L", "1", "8", "8"),
        invoice("MM", "0", "9", "0", service_period_start="2024-02-02"),
    )
    by_invoice = volume(
        replace(two, product=replace(listed, currency="EUR"))
    )  # a list price in another currency is none
    assert by_invoice.impacts == {"client_recoverable": Decimal("9.00")}  # the latest start
    assert "valued_at invoice" in lines_of(by_invoice)

    never = agreement("A", "1", "99", effective_start="2024-02-15", effective_end="2024-02-15")
    by_cost = volume(books(one, never), "UNBILLED_PRODUCT")
    assert by_cost.impacts == {"client_recoverable": Decimal("5.25")}
    assert "valued_at cost" in lines_of(by_cost)

    euro = replace(SEAT, currency="EUR")  # the key is in EUR, its vendor line is not
    without = volume(books(one, product=euro), "UNBILLED_PRODUCT")
    assert (without.code, without.currency, without.impacts) == ("UNBILLED_PRODUCT", "EUR", {})
    assert "valued_at none" in lines_of(without)


def test_a_pack_is_worth_the_units_of_its_map_row() -> None:
    # 12 half packs are 6 seats: 6 × 29 = 174 against 145: 29 × 8 / 29 = 8.00
    case = books(
        vendor("1", "12", "1", "12"),
        agreement("A", "5", "8"),
        invoice("L", "5", "8", "40"),
        sku_rules=(sku(units_per="0.5"),),
    )
    assert volume(case).impacts == {"client_recoverable": Decimal("8.00")}


def test_a_change_within_the_month_that_ends_right_is_not_prorated() -> None:
    # invoiced 10 for all 29 days = 290; provided 8 until the 11th, then 10: 290 − 2 × 10 = 270; 20 × 8 / 29 =
    # 5.517…
    case = books(
        vendor("1", "8", "5", "40"),
        vendor("2", "2", "5", "6.55", charge_period_start="2024-02-11"),
        agreement("A", "10", "8"),
        invoice("L", "10", "8", "80"),
    )
    derived = volume(case, "MID_PERIOD_CHANGE_NOT_PRORATED")
    assert (derived.code, derived.impacts) == (
        "MID_PERIOD_CHANGE_NOT_PRORATED",
        {"client_refund": Decimal("5.52")},
    )

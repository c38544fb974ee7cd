"""Volume codes on seat counts and by the rules of a key. Every figure is worked out by hand in the test.

Belongs here: what is provided, and which lines and rules count. Does not: prices (``test_volume``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.explain.books import (
    FEBRUARY,
    SEAT,
    agreement,
    books,
    count,
    customer,
    invoice,
    metering,
    sku,
    vendor,
)
from tests.explain.volumes import volume


def test_seat_counts_hold_until_the_next_date_of_the_customer_and_back_to_the_start() -> None:
    # 10 from the 1st (first count, of the 5th) to the 15th: 14 days; absent on the 15th: 0 until the 25th;
    # then 12 for 5 days 10 × 14 + 12 × 5 = 200, invoiced 290: −90 × 8 / 29 = −24.827…
    case = books(
        count("2024-02-05", "10"),
        count("2024-02-15", "3", sku_id="S-9"),
        count("2024-02-25", "12"),
        agreement("A", "10", "8"),
        invoice("L", "10", "8", "80"),
        metering=metering("entitled"),
    )
    derived = volume(case, "OVERBILLED_QUANTITY")
    assert (derived.code, derived.impacts) == ("OVERBILLED_QUANTITY", {"client_refund": Decimal("24.83")})


def test_assigned_seats_are_multiplied_by_the_units_of_their_map_row() -> None:
    # 4 assigned × 2 units × 29 days = 232 against 290: −58 × 8 / 29 = −16.00
    case = books(
        count("2024-02-01", "9", "4"),
        agreement("A", "10", "8"),
        invoice("L", "10", "8", "80"),
        metering=metering("assigned"),
        sku_rules=(sku(units_per="2"),),
    )
    assert volume(case).impacts == {"client_refund": Decimal("16.00")}


def test_the_count_source_alone_is_counted() -> None:
    case = books(
        count("2024-02-01", "11"),
        count("2024-02-01", "99", source="rmm"),
        agreement("A", "10", "8"),
        invoice("L", "10", "8", "80"),
        metering=metering("entitled", count_source="dist"),
        client_rules=(customer(), customer(source="rmm")),
        sku_rules=(sku(), sku(source="rmm")),
    )
    assert volume(case).impacts == {"client_recoverable": Decimal("8.00")}


def test_on_the_basis_agreement_the_agreed_days_are_expected() -> None:
    # 3 seats for the first 10 days + 5 for all = 30 + 145 = 175 against 145: 30 × 8 / 29 = 8.275…
    case = books(
        agreement("A", "5", "8"),
        agreement("BB", "3", "9", effective_end="2024-02-11"),
        invoice("L", "5", "8", "40"),
        metering=metering("agreement"),
    )
    derived = volume(case, "MID_PERIOD_CHANGE_NOT_PRORATED")
    assert (derived.code, derived.impacts) == (
        "MID_PERIOD_CHANGE_NOT_PRORATED",
        {"client_recoverable": Decimal("8.28")},
    )


def test_duplicates_lines_of_other_months_and_other_categories_do_not_count() -> None:
    case = books(
        vendor("1", "1", "5", "5"),
        vendor("2", "1", "5", "5"),  # repeats line 1
        vendor("3", "7", "5", "35", charge_category="usage"),
        vendor("4", "9", "5", "45", charge_category="credit"),
        vendor("5", "6", "5", "30", charge_period_start="2024-03-01", charge_period_end="2024-04-01"),
        vendor(
            "6",
            "2",
            "5",
            "10",
            landed_period="2023-12",
            charge_period_start="2023-12-01",
            charge_period_end="2024-12-01",
        ),  # a year
        agreement("A", "1", "8"),
        invoice("L", "1", "8", "8"),
    )
    # 1 + 2 seats are provided, one is invoiced: 2 × 8.00
    assert volume(case).impacts == {"client_recoverable": Decimal("16.00")}


def test_rules_hold_on_the_first_day_a_line_shares_with_the_month_and_an_exact_term_wins() -> None:
    case = books(
        vendor("1", "1", "5", "5", term="P1Y"),
        vendor("2", "4", "5", "20", term="P1M"),
        vendor(
            "3", "8", "5", "40", charge_period_start="2024-02-11"
        ),  # from the 10th on the customer is another client's
        agreement("A", "1", "8"),
        client_rules=(customer(valid_to="2024-02-10"), customer(client_id="C-2", valid_from="2024-02-10")),
        sku_rules=(sku(), sku(term="P1M", product_code="OTHER")),
    )
    assert volume(case, "AGREEMENT_NOT_INVOICED").impacts == {"client_recoverable": Decimal("8.00")}


def test_a_line_from_before_the_month_is_mapped_by_the_rules_of_the_months_first_day() -> None:
    case = books(
        vendor("1", "1", "5", "5", charge_period_start="2024-01-15"),
        agreement("A", "1", "8"),
        client_rules=(customer(client_id="C-0", valid_to="2024-02-01"), customer(valid_from="2024-02-01")),
    )
    assert volume(case, "AGREEMENT_NOT_INVOICED").impacts == {"client_recoverable": Decimal("8.00")}


def test_a_key_without_a_difference_has_no_code() -> None:
    derived = volume(books(vendor("1", "1", "5", "5"), agreement("A", "1", "8"), invoice("L", "1", "8", "8")))
    assert (derived.code, derived.impacts) == (None, {})


def test_what_is_invoiced_and_no_vendor_supplies_is_overbilled_and_not_unprovided() -> None:
    case = books(invoice("L", "1", "8", "8"), product=replace(SEAT, vendor_backed=False))
    derived = volume(case, "OVERBILLED_QUANTITY")
    assert (derived.code, derived.impacts) == ("OVERBILLED_QUANTITY", {"client_refund": Decimal("8.00")})


def test_the_period_of_the_books_is_the_leap_february() -> None:
    assert (FEBRUARY.days, FEBRUARY.last_day) == (29, date(2024, 2, 29))

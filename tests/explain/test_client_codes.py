"""Codes of invoice lines, of cost plus, of margin and of currencies: every figure is worked out by hand in
the test.

Belongs here: ``derive.line_price``, ``cost_plus``, ``margin`` and ``currency``. Volume codes are
``test_volume``.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation
from mbr_pipeline.explain.derive import derive
from mbr_pipeline.recompute.reading.policies import Policies
from tests.explain.books import SEAT, agreement, books, finding, invoice, metering, vendor


def line(case: Case, line_id: str = "L") -> Derivation:
    return derive(finding("INVOICE_PRICE_MISMATCH", source="psa", invoice_id="I-1", line_id=line_id), case)


def text(derived: Derivation) -> str:
    return "\n".join(line for part in derived.parts for line in part.lines)


def test_a_line_above_the_agreed_price_is_refunded_for_its_days() -> None:
    # 10 × 8 for 20 of 29 days = 55.172… = 55.17; charged at 9: 62.07
    case = books(
        agreement("A", "10", "8"), invoice("L", "10", "9", "62.07", service_period_start="2024-02-10")
    )
    derived = line(case)
    assert (derived.code, derived.impacts) == ("INVOICE_PRICE_MISMATCH", {"client_refund": Decimal("6.90")})
    assert "8 × 10 × 20 / 29 = 55.172413793103…" in text(derived)


def test_the_agreement_line_that_is_named_goes_before_the_one_in_force() -> None:
    named = agreement("A", "1", "8")
    latest = agreement("BB", "1", "9", effective_start="2024-01-01")
    assert line(books(named, latest, invoice("L", "1", "9", "9", agreement_line_id="A"))).impacts == {
        "client_refund": Decimal("1.00")
    }
    # not named, and one that is named but not active on the line's first day: the one in force
    for name in (None, "CCC"):
        case = books(
            named,
            latest,
            agreement("CCC", "1", "5", effective_end="2024-02-01"),
            invoice("L", "1", "8", "8", agreement_line_id=name),
        )
        assert line(case).impacts == {"client_recoverable": Decimal("1.00")}


def test_an_id_that_two_psas_use_is_the_invoice_lines_own_psas() -> None:
    case = books(
        agreement("A", "1", "8"),
        agreement("A", "1", "7", source="zeta"),
        invoice("L", "1", "9", "9", agreement_line_id="A"),
    )
    assert line(case).impacts == {"client_refund": Decimal("1.00")}


def test_without_agreement_the_list_price_and_then_its_own_price_stand() -> None:
    listed = replace(SEAT, default_unit_price=Decimal("7.5"), currency="USD")
    assert line(books(invoice("L", "2", "8", "16"), product=listed)).impacts == {
        "client_refund": Decimal("1.00")
    }
    # listed in another currency: its own price stands, and the amount is wrong by itself
    derived = line(books(invoice("L", "2", "8", "15"), product=replace(listed, currency="EUR")))
    assert (derived.code, derived.impacts) == (
        "INVOICE_AMOUNT_MISMATCH",
        {"client_recoverable": Decimal("1.00")},
    )


@pytest.mark.parametrize(
    ("currency", "amount", "tolerance", "code", "impacts"),
    [
        # 3 × 3.333 = 9.999 a month
        ("USD", "10.00", 1, None, {}),  # rounds to 10.00
        ("USD", "9.99", 1, "ROUNDING", {"client_recoverable": Decimal("0.01")}),
        ("USD", "10.02", 1, "INVOICE_AMOUNT_MISMATCH", {"client_refund": Decimal("0.02")}),
        ("USD", "10.02", 2, "ROUNDING", {"client_refund": Decimal("0.02")}),
        ("JPY", "9", 1, "ROUNDING", {"client_recoverable": Decimal(1)}),
        ("JPY", "8", 1, "INVOICE_AMOUNT_MISMATCH", {"client_recoverable": Decimal(2)}),
        ("KWD", "9.998", 1, "ROUNDING", {"client_recoverable": Decimal("0.001")}),
        ("KWD", "10.001", 1, "INVOICE_AMOUNT_MISMATCH", {"client_refund": Decimal("0.002")}),
    ],
)
def test_the_tolerance_counts_minor_units_of_the_currency(
    currency: str, amount: str, tolerance: int, code: str | None, impacts: dict[str, Decimal]
) -> None:
    case = books(
        agreement("A", "3", "3.333", currency=currency),
        invoice("L", "3", "3.333", amount, currency=currency),
        policies=Policies(rounding_tolerance=Decimal(tolerance)),
    )
    derived = line(case)
    assert (derived.code, derived.impacts, derived.currency) == (code, impacts, currency)


def test_a_refund_line_that_credits_too_much_is_recoverable() -> None:
    # −2 × 8 = −16.00, credited −18.00: 2.00 too much
    derived = line(books(agreement("A", "1", "8"), invoice("L", "-2", "9", "-18")))
    assert (derived.code, derived.impacts) == (
        "INVOICE_PRICE_MISMATCH",
        {"client_recoverable": Decimal("2.00")},
    )


def test_a_line_that_reaches_outside_the_month_has_no_price_variance_code() -> None:
    derived = line(
        books(agreement("A", "1", "8"), invoice("L", "1", "9", "108", service_period_end="2025-02-01"))
    )
    assert derived.code is None


def test_a_line_that_is_not_there_any_more_is_told_in_one_line() -> None:
    with pytest.raises(
        MbrError, match=r"invoice line L is in the month's raw tables 0 times, not once: run the month again"
    ):
        line(books(agreement("A", "1", "8")))


def plus(case: Case, code: str = "COST_PLUS_UNDERBILLED") -> Derivation:
    return derive(finding(code), case)


def test_cost_plus_adds_the_markup_to_the_share_of_the_days() -> None:
    # 31 days from 2024-02-15: 15 of 31 days of 100.00 = 48.3870967742 (10 places); usage 10.005
    # (48.3870967742 + 10.005) × 1.1725 = 68.464733… = 68.46, invoiced 29.00 of 29 / 366 days of a year: 1.00
    # × 29 = 29.00
    case = books(
        vendor("1", "1", "100", "100", charge_period_start="2024-02-15", charge_period_end="2024-03-17"),
        vendor("2", "1", "10.005", "10.005", charge_category="usage"),
        invoice("L", "1", "30.5", "366", service_period_start="2024-01-01", service_period_end="2025-01-01"),
        metering=metering("cost_plus", markup_pct="17.25"),
    )
    derived = plus(case)
    assert (derived.code, derived.impacts) == (
        "COST_PLUS_UNDERBILLED",
        {"client_recoverable": Decimal("39.46")},
    )
    assert "Σ effective cost = 58.3920967742; markup_pct 17.25" in text(derived)


def test_usage_landed_now_counts_all_its_days_before_the_months_end_and_usage_landed_before_none() -> None:
    # 60 days from 2024-01-15 to 2024-03-15: 46 before March → 60.00 × 46 / 60 = 46.00; invoiced 50.00
    usage = {
        "charge_category": "usage",
        "charge_period_start": "2024-01-15",
        "charge_period_end": "2024-03-15",
    }
    case = books(
        vendor("1", "1", "60", "60", **usage), invoice("L", "1", "50", "50"), metering=metering("cost_plus")
    )
    derived = plus(case, "COST_PLUS_OVERBILLED")
    assert (derived.code, derived.impacts) == ("COST_PLUS_OVERBILLED", {"client_refund": Decimal("4.00")})
    # landed in January it counts only its 29 days of February: 60 × 29 / 60 = 29.00
    before = books(
        vendor("1", "1", "60", "60", landed_period="2024-01", **usage), metering=metering("cost_plus")
    )
    assert plus(before).impacts == {"client_recoverable": Decimal("29.00")}


def test_a_charge_of_one_moment_counts_wholly_and_a_credit_lowers_the_cost() -> None:
    moment = {"charge_period_start": "2024-02-29", "charge_period_end": "2024-02-29"}
    case = books(
        vendor("1", "1", "12.34", "12.34", **moment),
        vendor("2", "-1", "2.34", "-2.34"),
        metering=metering("cost_plus", markup_pct="10"),
    )
    assert plus(case).impacts == {"client_recoverable": Decimal("11.00")}


def test_cost_plus_of_yen_and_dinars_rounds_to_their_places() -> None:
    for currency, wanted in (("JPY", "101"), ("KWD", "100.500")):
        case = books(vendor("1", "1", "100.5", "100.5", currency=currency), metering=metering("cost_plus"))
        assert plus(case).impacts == {"client_recoverable": Decimal(wanted)}


def margin(*records: Any, **other: Any) -> Derivation:
    return derive(finding("SOLD_BELOW_COST"), books(*records, **other))


def test_below_cost_compares_the_rounded_cost_and_carries_no_money() -> None:
    # cost 10.004 rounds to 10.00: not below it
    assert margin(vendor("1", "1", "10.004", "10.004"), invoice("L", "1", "10", "10.00")).code is None
    # cost 10.005 rounds to 10.01
    derived = margin(vendor("1", "1", "10.005", "10.005"), invoice("L", "1", "10", "10.00"))
    assert (derived.code, derived.impacts, derived.currency) == ("SOLD_BELOW_COST", {}, "USD")


def test_the_floor_is_a_share_of_what_is_invoiced() -> None:
    # (10 − 8) / 10 = 20 %: at the floor of 20 it holds, at 20.01 it does not
    records = (vendor("1", "1", "8", "8"), invoice("L", "1", "10", "10"))
    assert margin(*records, metering=metering("vendor_billed", margin_floor_pct="20")).code is None
    assert (
        margin(*records, metering=metering("vendor_billed", margin_floor_pct="20.01")).code
        == "MARGIN_BELOW_FLOOR"
    )


def test_costs_in_another_currency_give_no_margin() -> None:
    assert margin(vendor("1", "1", "80", "80", currency="EUR"), invoice("L", "1", "10", "10")).code is None


def test_several_currencies_are_a_mismatch_of_the_key() -> None:
    mixed = books(invoice("L", "1", "8", "8"), agreement("A", "1", "8", currency="EUR"))
    derived = derive(finding("CURRENCY_MISMATCH"), mixed)
    assert (derived.code, derived.impacts, derived.currency) == ("CURRENCY_MISMATCH", {}, "USD")
    assert "currencies of invoice lines and active agreement lines: EUR, USD" in text(derived)
    # one that ended before the month says nothing
    ended = books(
        invoice("L", "1", "8", "8"), agreement("A", "1", "8", currency="EUR", effective_end="2024-02-01")
    )
    assert derive(finding("CURRENCY_MISMATCH"), ended).code is None


def test_at_cost_plus_the_vendors_currency_counts_too() -> None:
    records = (invoice("L", "1", "8", "8"), vendor("1", "1", "5", "5", currency="EUR"))
    assert (
        derive(finding("CURRENCY_MISMATCH"), books(*records, metering=metering("cost_plus"))).code
        == "CURRENCY_MISMATCH"
    )
    assert derive(finding("CURRENCY_MISMATCH"), books(*records)).code is None


def test_the_currency_of_a_key_comes_from_the_first_that_has_one() -> None:
    def currency(*records: Any, **other: Any) -> str | None:
        return derive(
            finding("UNBILLED_PRODUCT"), books(vendor("1", "1", "5", "5", currency="KWD"), *records, **other)
        ).currency

    ended = agreement("A", "1", "8", currency="EUR", effective_end="2024-02-01")
    other_product = invoice(
        "OTHER", "1", "8", "8", product_code="OTHER", currency="JPY", charge_category="one_time"
    )
    next_month = invoice(
        "NEXT",
        "1",
        "8",
        "8",
        service_period_start="2024-03-01",
        service_period_end="2024-04-01",
        currency="EUR",
    )
    priced = replace(SEAT, currency="USD")
    assert currency(agreement("BB", "1", "8", currency="USD"), ended, other_product) == "USD"
    assert currency(ended, other_product, product=priced) == "EUR"
    assert currency(other_product, next_month, product=priced) == "JPY"
    two = invoice("TWO", "1", "8", "8", product_code="OTHER", currency="EUR")
    assert currency(other_product, two, product=priced) == "USD"
    assert currency(other_product, two) == "KWD"

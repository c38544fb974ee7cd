"""Exact arithmetic: halves, days and how numbers are written (contract §1). Values by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.recompute.money import half_up
from mbr_pipeline.recompute.periods import days_shared


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("2.345", 2, "2.35"),
        ("-2.345", 2, "-2.35"),
        ("2.3449999999", 2, "2.34"),
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("0.49", 0, "0"),
        ("-0.004", 2, "0.00"),
        ("1.0005", 3, "1.001"),
        ("123456789012345678901234567890.125", 2, "123456789012345678901234567890.13"),
    ],
)
def test_halves_are_rounded_away_from_zero_and_nothing_else_is_lost(
    value: str, places: int, rounded: str
) -> None:
    assert str(half_up(Fraction(value), places)) == rounded


def test_a_third_is_rounded_once_and_not_twice() -> None:
    assert half_up(Fraction(2, 3), 2) == Decimal("0.67")
    assert half_up(Fraction(1, 3), 10) == Decimal("0.3333333333")
    # 0.4449999 would become 0.45 if it were first rounded to three places
    assert half_up(Fraction(4449999, 10**7), 2) == Decimal("0.44")


def test_days_are_half_open_and_never_below_zero() -> None:
    first, stop = date(2024, 2, 1), date(2024, 3, 1)
    assert days_shared(first, stop, first, stop) == 29
    assert days_shared(stop, first, first, stop) == 0
    assert days_shared(date(2024, 1, 15), date(2024, 2, 15), first, stop) == 14
    assert days_shared(date(2024, 2, 29), date.max, first, stop) == 1
    assert days_shared(date(2024, 3, 1), date(2024, 4, 1), first, stop) == 0


def test_numbers_are_written_without_needless_zeros_and_cut_ones_are_marked() -> None:
    assert plain(Decimal("75.000000")) == "75"
    assert plain(Decimal("-0.500")) == "-0.5"
    assert plain(Fraction(1, 3)) == "0.333333333333…"
    assert plain(Fraction(-2, 3)) == "-0.666666666666…"
    assert plain(Decimal("0.000000000001")) == "0.000000000001"
    assert plain(Decimal("100")) == "100"


def test_money_has_its_currencys_places_and_more_where_it_has_more() -> None:
    assert money(Decimal("53.2300"), 2) == "53.23"
    assert money(Decimal("5323"), 0) == "5323"
    assert money(Decimal("0.0050"), 3) == "0.005"
    assert money(Decimal("0.0051"), 3) == "0.0051"
    assert money(Decimal("53.23"), 2, signed=True) == "+53.23"
    assert money(Decimal("-53.23"), 2, signed=True) == "-53.23"
    assert money(Decimal("0.0000"), 2, signed=True) == "0.00"

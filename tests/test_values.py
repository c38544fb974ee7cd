"""Single texts of settings and rule files: which are numbers and days, and what they are worth (contract §3).

Belongs here: ``mbr_pipeline.values`` by hand, at every limit. Does not: that SQL reads the same
(``test_parse_values``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mbr_pipeline.values import id_form, minor_units, parse_date, parse_decimal


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("7", "7"),
        ("-12.5", "-12.5"),
        ("123", "123"),
        ("-123.45", "-123.45"),
        (".5", "0.5"),
        ("-.25", "-0.25"),
        ("5.", "5"),
        # zeros that change nothing are no digits
        ("000123.45", "123.45"),
        ("1.2500000", "1.25"),
        (".5000", "0.5"),
        ("0.00000", "0"),
        ("-000.10", "-0.1"),
    ],
)
def test_plain_numbers_of_three_digits_and_two_places_are_exact(text: str, number: str) -> None:
    assert parse_decimal(text, 3, 2) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "-.",
        "+1",
        "1e2",
        "NaN",
        "Infinity",
        "1_0",
        "１",
        "1,5",
        " 1",
        "1 ",
        "1\n",
        "--1",
        "1.2.3",
        "0x1",
        "1234",
        "-1234.5",
        "1.234",
        ".125",
        "0.001",
        "123.4500001",
    ],
)
def test_what_has_more_digits_or_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number of at most 3 digits and 2 decimal places"):
        parse_decimal(text, 3, 2)


def test_a_day_is_written_in_one_way() -> None:
    assert parse_date("2024-02-29") == date(2024, 2, 29)
    assert parse_date("0001-01-01") == date.min


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-1-5",
        "20261005",
        "2026-10-05T00:00",
        "05.10.2026",
        "+2026-10-05",
        "２026-10-05",
        "2026-W41-1",
    ],
)
def test_what_is_no_date_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date: write it as YYYY-MM-DD"):
        parse_date(text)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "0000-01-01", "2026-10-05\n"]
)
def test_a_day_that_does_not_exist_is_no_day_of_the_calendar(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day of the calendar"):
        parse_date(text)


def test_minor_units_are_those_of_iso_4217_and_what_has_none_is_no_money() -> None:
    units = minor_units()
    assert {code: units[code] for code in ("USD", "EUR", "JPY", "KWD", "CLF")} == {
        "USD": 2,
        "EUR": 2,
        "JPY": 0,
        "KWD": 3,
        "CLF": 4,
    }
    assert not {"XAU", "XXX", "XTS", "usd", ""} & units.keys()
    assert set(units.values()) == {0, 2, 3, 4}


CAPITALS = "0A1B2C3D-0001-4ABC-8DEF-00112233445F"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (CAPITALS, "0a1b2c3d-0001-4abc-8def-00112233445f"),
        ("0a1B2c3D-0001-4aBc-8dEf-00112233445f", "0a1b2c3d-0001-4abc-8def-00112233445f"),
        # another form is another vendor's, who may mean two things by two cases
        ("CFQ7TTC0LCHC:0002", "CFQ7TTC0LCHC:0002"),
        (CAPITALS.replace("-", ""), CAPITALS.replace("-", "")),
        (f"{{{CAPITALS}}}", f"{{{CAPITALS}}}"),
        (CAPITALS.replace("F", "G"), CAPITALS.replace("F", "G")),
        (f"{CAPITALS}\n", f"{CAPITALS}\n"),
        (f"{CAPITALS}0", f"{CAPITALS}0"),
    ],
)
def test_only_ids_in_five_groups_of_hexadecimal_digits_lose_their_capitals(text: str, read: str) -> None:
    assert id_form(text) == read

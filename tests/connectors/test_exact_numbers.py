"""Calculating with native numbers: what is taken, and which sign seats have."""

from __future__ import annotations

from fractions import Fraction

import pytest

from connectors.exact_numbers import BINARY, double, exact_text, fraction, seats_of, sum_text
from connectors.mapping import MappingError, Native, Reading


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "expected"),
    [
        (3, 10, 30, (3, 10)),
        (3, 10, -30, (-3, 10)),  # a plain quantity and a plain price, the money alone says that it goes back
        (3, -10, -30, (-3, 10)),
        (-3, 10, -30, (-3, 10)),
        (-3, -10, -30, (-3, 10)),  # all three with a minus
        (-3, -10, 30, (-3, -10)),  # what takes back a discount
        (3, 10, 0, (3, 10)),
        (0, 10, -30, (0, 10)),
    ],
)
def test_seats_have_the_sign_of_the_money(
    quantity: int, price: int, amount: int, expected: tuple[int, int]
) -> None:
    assert seats_of(Fraction(quantity), Fraction(price), Fraction(amount)) == expected


@pytest.mark.parametrize("text", ["0." + "0" * 58 + "1", "9" * 60, "-" + "9" * 30 + "." + "9" * 30])
def test_a_number_that_is_taken_can_be_written_again(text: str) -> None:
    assert sum_text(fraction(Native({"cost": text}, {}), "cost")) == text


@pytest.mark.parametrize("text", ["0." + "0" * 59 + "1", "9" * 61, "1." + "1" * 70])
def test_a_number_beyond_all_measure_is_named(text: str) -> None:
    with pytest.raises(MappingError, match="more digits than"):
        fraction(Native({"cost": text}, {}), "cost")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("0.30000000000000004", "0.3"),  # 0.1 + 0.2
        ("99.89999999999999", "99.9"),  # 3 * 33.3
        ("-1096.7500000000002", "-1096.75"),
        ("8.000000000000002", "8"),
        ("0.0012345678901234567", "0.00123456789012346"),  # zeros in front are no digits of the number
        # fifteen digits come back from a double as they went in
        ("0.1", "0.1"), ("123456789.012345", "123456789.012345"), ("4.125", "4.125"), ("250.0", "250"),
        # a whole number is no quotient of binary arithmetic
        ("1234567890123456789", "1234567890123456789"), ("12345678901234567890.0", "12345678901234567890"),
    ],
)  # fmt: skip
def test_a_double_has_fifteen_digits(text: str, read: str) -> None:
    reading = Reading()
    found = double(Native({"amount": text}, {}, reading), "amount")
    assert exact_text(found, 60) == read
    assert list(reading.remarks) == ([BINARY] if Fraction(text) != found else [])

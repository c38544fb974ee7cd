"""Number literals as plain decimal text: the same value, nothing rounded, nothing guessed.

Belongs here: ``plain_decimal`` by hand. Does not: how many digits a column may have
(tests/ingest/test_parse.py).
"""

from __future__ import annotations

import pytest

from connectors.plain_numbers import plain_decimal


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        # plain already: as it stands, zeros included
        ("0", "0"),
        ("-0", "-0"),
        ("10", "10"),
        ("1.50", "1.50"),
        ("-007", "-007"),
        ("-007.10", "-007.10"),
        # other spellings of the same number
        ("5.", "5"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("00.e1", "0"),
        ("1e3", "1000"),
        ("1E+3", "1000"),
        ("25e-1", "2.5"),
        ("-2.5E1", "-25"),
        ("1.0e1", "10"),
        ("1e0", "1"),
        # the largest exponents, and one written with as many digits as an exponent may have
        ("1e60", "1" + "0" * 60),
        ("1e-60", "0." + "0" * 59 + "1"),
        ("1e0060", "1" + "0" * 60),
    ],
)
def test_a_number_is_written_plainly_with_the_same_value(text: str, plain: str) -> None:
    assert plain_decimal(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "-.",
        "e1",
        ".e1",
        "-e1",
        "1e",
        "1e+",
        "1e61",
        "1e-61",
        "1e00060",
        "1e99999999999",
        "+1",
        "--1",
        "1.2.3",
        "1,5",
        " 1",
        "1 ",
        "1\n",
        "1_0",
        "１",
        "NaN",
        "Infinity",
        "0x10",
        "1e1.5",
    ],
)
def test_what_is_no_bounded_number_is_none(text: str) -> None:
    assert plain_decimal(text) is None

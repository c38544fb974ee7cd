"""How the report writes money, figures and other people's text: exact, never rounded, nothing hidden.

Belongs here: ``mbr_pipeline.report.text`` by hand, value by value. Does not: where on the page they stand.
"""

from __future__ import annotations

from decimal import Decimal, Inexact, InvalidOperation

import pytest

from connectors.counted import plural
from mbr_pipeline.report.text import (
    amount_text,
    count_text,
    exact_sum,
    figure_texts,
    minor_digits,
    percent_text,
    records_apart,
)
from mbr_pipeline.safe_text import short, visible


def test_sums_are_exact_beyond_any_column_and_refuse_to_round_after_that():
    assert exact_sum([]) == 0
    assert exact_sum([Decimal("1e60"), Decimal("1e-60"), Decimal("-1e60")]) == Decimal("1e-60")
    # 200 digits are exact, 201 are not
    assert exact_sum([Decimal("1e199"), Decimal(1)]) == Decimal("1" + "0" * 198 + "1")
    with pytest.raises(Inexact):
        exact_sum([Decimal("1e200"), Decimal(1)])
    with pytest.raises(InvalidOperation):
        exact_sum([Decimal("Infinity"), Decimal("-Infinity")])


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("JPY", 0), ("USD", 2), ("KWD", 3), ("CLF", 4), ("XAU", 2), ("nothing", 2), (None, 2), ("", 2)],
)
def test_a_currency_has_its_places_and_what_is_none_has_two(currency, digits):
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0", "USD", "0.00"),
        ("-0", "JPY", "0"),
        ("0E-12", "KWD", "0.000"),
        ("0E+5", "USD", "0.00"),
        ("1E+3", "USD", "1,000.00"),
        ("1E+3", "JPY", "1,000"),
        ("-1234567.8", "EUR", "-1,234,567.80"),
        ("1.230000", "USD", "1.23"),
        ("1.234000", "USD", "1.234"),
        ("100", "JPY", "100"),
        ("100.00", "JPY", "100"),
        ("100.10", "JPY", "100.1"),
        ("0.00010", "CLF", "0.0001"),
        ("999.999", "JPY", "999.999"),
        ("10", "CLF", "10.0000"),
        ("-0.05", "JPY", "-0.05"),
    ],
)
def test_an_amount_shows_its_currencys_places_and_more_only_where_they_say_something(amount, currency, text):
    assert amount_text(Decimal(amount), currency) == text


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_amount(amount):
    with pytest.raises(ValueError, match="is not an amount"):
        amount_text(Decimal(amount), "USD")


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((), ()),
        ((None,), ("—",)),
        ((1500, 2), ("1,500", "2")),
        (("1500.00", "2.000"), ("1,500", "2")),
        # one place in one of them is two in all, three are three
        (("1.5", 2), ("1.50", "2.00")),
        (("1.5", "-2.125", None), ("1.500", "-2.125", "—")),
        ((Decimal("0.00"), "0"), ("0", "0")),
        # a text that is no plain number stays a text, and changes nothing for the others
        (("1.5e1", "7", "1,5", "-", "", "1."), ("1.5e1", "7", "1,5", "-", "", "1.")),
        ((".5", "+1", " 1", "0x1", "NaN"), (".5", "+1", " 1", "0x1", "NaN")),
        (("a\u202eb", "2.5"), ("a⟨U+202E⟩b", "2.50")),
        # sixty digits before and after the point are a number, one more is a text
        (("9" * 60 + "." + "1" * 60,), (f"{int('9' * 60):,}." + "1" * 60,)),
        (("9" * 61,), ("9" * 61,)),
        (("1234." + "1" * 60,), ("1,234." + "1" * 60,)),
        (("1234." + "1" * 61,), ("1234." + "1" * 61,)),
        (("1234", Decimal("1E+3")), ("1,234", "1,000")),
        (("-12",), ("-12",)),
        (("1\n",), ("1⟨U+000A⟩",)),
    ],
)
def test_figures_that_stand_beside_each_other_have_equally_many_places(values, texts):
    assert figure_texts(values) == texts


def test_a_float_is_no_figure():
    with pytest.raises(TypeError, match="a control figure is a float"):
        figure_texts([1, 0.5])


def test_counts_are_grouped_and_nothing_counted_is_a_dash():
    assert [count_text(count) for count in (None, 0, 999, 1000, 1234567)] == [
        "—",
        "0",
        "999",
        "1,000",
        "1,234,567",
    ]
    assert plural(0, "client") == "0 clients"
    assert plural(1, "client") == "1 client"
    assert plural(1200, "client") == "1,200 clients"
    assert plural(2, "month's line", "months' lines") == "2 months' lines"
    assert plural(1, "entry", "entries") == "1 entry"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        ("100", "100.00 %"),
        ("99.999999", "99.99 %"),
        ("0.009", "0.00 %"),
        ("-0.001", "-0.01 %"),
        ("12345.678", "12,345.67 %"),
        ("5", "5.00 %"),
    ],
)
def test_a_percentage_is_rounded_down(share, text):
    assert percent_text(Decimal(share)) == text


def test_what_hides_is_shown_and_what_is_spelling_stays():
    assert visible("a\tb\u200bc\ud800\u00a0d") == "a⟨U+0009⟩b⟨U+200B⟩c⟨U+D800⟩⟨U+00A0⟩d"
    assert visible("a\u200cb\u200dc\u3000d\x00") == "a\u200cb\u200dc\u3000d⟨U+0000⟩"
    assert visible("\U000e0041") == "⟨U+E0041⟩"
    assert visible("plain  text") == "plain  text"


def test_long_text_is_cut_and_counted_and_text_of_the_longest_length_is_not():
    assert visible("x" * 600) == "x" * 600
    assert visible("x" * 601) == "x" * 600 + "… (601 characters)"
    assert visible("abcdef", longest=3) == "abc… (6 characters)"
    assert visible("y" * 1234567, longest=1) == "y… (1,234,567 characters)"
    assert short("z" * 120) == "z" * 120
    assert short("z" * 121) == "z" * 120 + "… (121 characters)"


def test_records_stand_apart_from_the_sentence_that_names_them():
    apart = records_apart("Bill it. Records: 2026-10/a b/x.csv:4, 2026-10/y.csv:5 and 3 more. Decided.")
    assert apart == ("Bill it. Records:", ("2026-10/a b/x.csv:4", "2026-10/y.csv:5"), " and 3 more. Decided.")
    assert records_apart("t Records: r1.") == ("t Records:", ("r1",), ".")
    for text in ("Nothing. Records", "", "Records: " + "a, " * 300 + "."):
        assert records_apart(text) == (text, (), "")

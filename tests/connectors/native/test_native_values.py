"""Values of vendors' own records: days, numbers and identifiers.

Belongs here: what ``connectors.native_file`` makes of one value. Does not: whole records
(``test_native_file``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mapping import MappingError, Native, after, content_id, plain, utc_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-31", "2026-10-31"),
        ("2028-02-29", "2028-02-29"),
        ("2000-02-29", "2000-02-29"),
        ("2026-10-31T23:59:59Z", "2026-10-31"),
        ("2026-10-31 23:59:59", "2026-10-31"),
        ("2026-10-31T23:59", "2026-10-31"),
        ("2026-10-31T23:59:59.9999999Z", "2026-10-31"),
        ("2026-10-31T23:30:00-01:00", "2026-11-01"),
        ("2026-11-01T00:30:00+01:00", "2026-10-31"),
        ("2026-11-01T00:30:00+0100", "2026-10-31"),
        ("2026-11-01T05:29:59.5+05:30", "2026-10-31"),
        ("2026-11-01T05:30:00+05:30", "2026-11-01"),
        ("2028-03-01T00:00:00+00:01", "2028-02-29"),
        ("2026-12-31T20:00:00-05:00", "2027-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("0001-01-01T00:00:00Z", "0001-01-01"),
        ("/Date(0)/", "1970-01-01"),
        ("/Date(-1)/", "1969-12-31"),
        ("/Date(1793404800000)/", "2026-10-31"),
        ("/Date(1793491199999)/", "2026-10-31"),
        ("/Date(1793491200000)/", "2026-11-01"),
        ("/Date(1793491199999+1300)/", "2026-10-31"),  # the offset only says how to show it
        ("/Date(1793491200000-0500)/", "2026-11-01"),
    ],
)
def test_a_day_is_the_utc_day(text: str, day: str) -> None:
    assert utc_day(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "2026-10",
        "2026-1-1",
        "20261031",
        "2026-W44-6",
        "31.10.2026",
        "10/31/2026",
        "Oct 31, 2026",
        "2026-02-29",
        "2100-02-29",
        "2026-13-01",
        "2026-10-32",
        "0000-01-01",
        "2026-10-31T24:00:01",
        "2026-10-31T25:00",
        "2026-10-31T23:59:60Z",
        "2026-10-31T23",
        "2026-10-31T23:59:59+24:00",
        "2026-10-31Z",
        "2026-10-31T23:59:59 Z",
        " 2026-10-31",
        "2026-10-31 ",
        "2026-10-31\n",
        "2026-10-31T00:00:00Z\n",
        "/Date(0)/\n",
        "٢٠٢٦-١٠-٣١",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "/Date(x)/",
        "/Date()/",
        "/Date(1.5)/",
        "Date(0)",
        "/Date(999999999999999)/",
        "/Date(-999999999999999)/",
        "/Date(99999999999999999999)/",
        "1793404800",
        "now",
        "null",
        "2026-10-31T\ud800",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert utc_day(text) is None


@given(
    st.datetimes(timezones=st.builds(lambda m: timezone(timedelta(minutes=m)), st.integers(-1439, 1439))),
    st.sampled_from("T "),
)
def test_any_moment_is_on_its_utc_day(moment: datetime, separator: str) -> None:
    try:
        expected = moment.astimezone(UTC).date()
    except OverflowError:
        expected = None
    assert utc_day(moment.isoformat(separator)) == expected


@given(st.text() | st.text("0123456789-+:.TZ /Date()", max_size=30))
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert isinstance(utc_day(text), (date, type(None)))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_plain_text_keeps_the_value_and_no_exponent(number: Decimal) -> None:
    text = plain(number)
    assert Decimal(text) == number
    assert "E" not in text and not (("." in text) and text[-1] in "0.")


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.50", "1.5"), ("100", "100"), ("1E+2", "100"), ("1E-7", "0.0000001"), ("0.0", "0"), ("10.0", "10")],
)
def test_plain_text_by_hand(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


def native(**fields: str) -> Native:
    return Native(fields, {})


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z"])
def test_the_day_that_stands_for_none_is_no_day_of_a_record(text: str) -> None:
    # DateTime.MinValue, which .NET writes for a date that was never set
    with pytest.raises(MappingError, match="stands for no date; ask the vendor which it is") as caught:
        native(d=text).day("d")
    assert (caught.value.column, caught.value.value) == ("d", text)


@pytest.mark.parametrize(
    "text", ["0.1234567890123456789", "12345678901234567890", "-0.0", "1.50", "0.0000001"]
)
def test_a_number_keeps_all_its_digits(text: str) -> None:
    number = native(n=text).number("n")
    assert str(f"{number:f}") == text and isinstance(number, Decimal)


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "sNaN",
        "1e999999999",
        "1,5",
        "1 000",
        "€5",
        "",
        "0x10",
        "1_0",
        "٣",
        "true",
        "--1",
        "+1",
    ],
)
def test_what_is_no_number_is_named_with_its_column_and_value(text: str) -> None:
    with pytest.raises(MappingError) as caught:
        native(b=text).number("a", "b")
    assert (caught.value.column, caught.value.value) == ("b", text)


def test_the_first_field_that_is_there_is_taken() -> None:
    record = native(b="2", c="3")
    assert (record.text("a", "b", "c"), record.text("a"), record.needed("c", "b")) == ("2", None, "3")
    with pytest.raises(MappingError, match="a or x is missing") as caught:
        record.needed("a", "x")
    assert (caught.value.column, caught.value.value) == ("a", None)
    with pytest.raises(MappingError) as caught:
        record.day("a", "c")
    assert (caught.value.column, caught.value.value) == ("c", "3")


def test_the_day_after_is_across_months_and_leap_days() -> None:
    assert [after(date(2026, 12, 31)), after(date(2028, 2, 28)), after(date(2027, 2, 28))] == [
        date(2027, 1, 1),
        date(2028, 2, 29),
        date(2027, 3, 1),
    ]


# --- identifiers of content


def test_equal_content_has_one_identifier_whenever_and_in_whatever_order_it_comes() -> None:
    one = content_id(
        Native(
            {
                "a": "1",
                "b": "2",
                "_period": "2026-10",
                "_fetched_on": "2026-10-14",
                "_endpoint": "x",
                "_copy": "0",
            },
            {},
        )
    )
    two = content_id(
        Native(
            {"_copy": "0", "b": "2", "a": "1", "_period": "2026-11", "_fetched_on": "2026-11-02"},
            {"setting": "x"},
        )
    )
    assert one == two
    assert len(one) == 32 and set(one) <= set("0123456789abcdef")


def test_an_identifier_is_the_same_in_every_process_and_version() -> None:
    """Published line ids were made of it; SHA-256 of sorted JSON, by hand."""
    # printf '{"_copy": "0", "a": "1"}' | sha256sum | cut -c-32
    assert content_id(Native({"a": "1", "_copy": "0"}, {})) == "83de61ed885041aa9ea41b0a71d1c45b"


def test_other_content_has_another_identifier() -> None:
    records = [
        {"a": "1"},
        {"a": "2"},
        {"b": "1"},
        {"a": "1", "b": "2"},
        {"a": "1", "b": ""},
        {"a.b": "1"},
        {"a": "é"},
        {"a": "e\u0301"},
        {},
    ]
    assert len({content_id(Native({**record, "_copy": "0"}, {})) for record in records}) == len(records)


def test_copies_are_told_apart_by_the_walk_or_by_counting() -> None:
    walked = [content_id(Native({"a": "1", "_copy": copy}, {})) for copy in "012"]
    assert len(set(walked)) == 3

"""JSON as it is read: exactly, and nothing that two readers could take differently."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http.errors import Malformed
from connectors.http.json_answers import at, decoded, said

URL = "https://api.example/v1/items?sig=canary"


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("12345678901234567890", "12345678901234567890"),
        ("9007199254740993", "9007199254740993"),
        ("1e-7", "0.0000001"),
        ("1.50", "1.50"),
        ("1.5E+3", "1500"),
        ("-0.0", "-0.0"),
        ("-0", "-0"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_number_keeps_all_its_digits(literal: str, text: str) -> None:
    assert decoded(f'{{"n": {literal}, "l": [{literal}]}}'.encode(), URL) == {"n": text, "l": [text]}


@given(
    st.integers() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
)
def test_a_number_keeps_its_value(number: int | Decimal) -> None:
    assert Decimal(decoded(format(Decimal(number), "f").encode(), URL)) == number
    if abs(Decimal(number).adjusted()) <= 60 and number:
        assert Decimal(decoded(f"{Decimal(number):e}".encode(), URL)) == number


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999999999", "1e-400"])
def test_what_is_no_number_is_refused(literal: str) -> None:
    with pytest.raises(Malformed):
        decoded(f'{{"n": {literal}}}'.encode(), URL)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def _with_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_texts(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(JSON_VALUES, st.booleans())
def test_everything_but_numbers_comes_as_it_is(value: Any, is_ascii: bool) -> None:
    body = json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass" if is_ascii else "strict")
    assert decoded(body, URL) == _with_texts(value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[1, 2",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"<html>canary</html>",
        b'{"canary": 1, "canary": 1}',
        b'[{"x": {"canary": 1, "canary": 2}}]',
        b'"\xff"',
        '{"a": 1}'.encode("utf-16"),
        b"01",
        b"+1",
        b".5",
        b"0x10",
        b"undefined",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_what_is_not_json_is_refused_without_being_repeated(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decoded(body, URL)
    assert f"{len(body)} bytes" in str(caught.value) and "canary" not in str(caught.value)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert decoded(b'\xef\xbb\xbf{"a": "b"}', URL) == {"a": "b"}


def test_half_a_character_in_an_escape_is_kept_for_the_reader_of_files_to_refuse() -> None:
    assert decoded(b'{"a": "x\\ud800y"}', URL) == {"a": "x\ud800y"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", {"a": {"b": ["1"]}, "n": None}),
        ("a", {"b": ["1"]}),
        ("a.b", ["1"]),
        ("a.b.c", None),
        ("n.x", None),
        ("z", None),
        ("a.", None),
    ],
)
def test_a_dotted_path_leads_to_a_value_or_nowhere(path: str, value: object) -> None:
    assert at({"a": {"b": ["1"]}, "n": None}, path) == value


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"error": "no"}, ': "no"'),
        ({"status": 400, "message": "no"}, ': "no"'),
        ({"Fault": {"Error": [{"Message": "no", "Detail": "not at all"}], "type": "x"}}, ': "no"'),
        ({"fault": {"error": [{"message": "no"}, {"message": "other"}]}}, ': "no"'),
        ({"errors": [{"detail": "no"}]}, ': "no"'),
        ({"error": {"code": "17"}, "message": "no"}, ': "no"'),
        ({"record": {"message": "a value, and no error"}}, ""),
        ({"errors": []}, ""),
        ({"error": {"error": {"error": {"error": {"message": "too deep"}}}}}, ""),
        ([{"message": "a record"}], ""),
        ("no", ""),
        ({"error": "x" * 300}, f': "{"x" * 200}"'),
    ],
)
def test_the_message_of_an_error_is_found_where_vendors_put_it(body: object, text: str) -> None:
    assert said(body) == text


@pytest.mark.parametrize("value", [b"{}", b"[]"])
def test_a_page_of_millions_of_empty_values_is_refused_before_it_is_read(value: bytes) -> None:
    body = b"[" + b",".join([value] * 2_000_000) + b"]"
    with pytest.raises(Malformed, match="sent more than 2000000 objects and lists in one page"):
        decoded(body, URL)

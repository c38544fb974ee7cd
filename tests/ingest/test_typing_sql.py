"""Typing in SQL against Python's own reading.

Belongs here: ``typing_sql`` on generated texts. Does not: whole files (``test_parse``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.datasets import Column, Kind
from mbr_pipeline.ingest.typing_sql import is_valid, typed
from mbr_pipeline.values import id_form, parse_date, parse_decimal

LIMITS = {
    Kind.QUANTITY: (12, 6),
    Kind.UNIT_PRICE: (15, 10),
    Kind.VENDOR_AMOUNT: (15, 12),
    Kind.CLIENT_AMOUNT: (15, 4),
}


NUMBERS = st.one_of(
    st.text("0123456789.-+eE_, ４", max_size=24),
    st.from_regex(r"-?[0-9]{0,17}(\.[0-9]{0,14})?", fullmatch=True),
    # at the limits: as many digits as fit, and one more
    st.tuples(
        st.sampled_from([6, 10, 12, 15]),
        st.sampled_from([4, 6, 10, 12]),
        st.integers(0, 1),
        st.integers(0, 1),
    ).map(lambda n: "9" * (n[0] + n[2]) + "." + "0" * (n[1] + n[3] - 1) + "5"),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**13), max_value=10**13).map(
        lambda d: f"{d:f}"
    ),
)


DATES = st.one_of(
    st.dates(min_value=date(1, 1, 1)).map(str),
    st.text("0123456789-", min_size=6, max_size=11),
    st.from_regex(r"[0-9]{4}-[0-3][0-9]-[0-3][0-9]", fullmatch=True),
    st.sampled_from(
        ["infinity", "-infinity", "epoch", "2026-10-01 (BC)", "10000-01-01", "0000-01-01", "２026-01-01"]
    ),
)


def _in_sql(column: Column, texts: Sequence[str]) -> list[Any]:
    """The value that loading gives each text, None where it refuses it."""
    with duckdb.connect() as connection:
        connection.register("texts", pa.table({"n": range(len(texts)), f"t_{column.name}": list(texts)}))
        query = f"select case when {is_valid(column)} then {typed(column)} end as value from texts order by n"
        values: list[Any] = connection.execute(query).to_arrow_table()["value"].to_pylist()
        return values


def _in_python(parse_text: Callable[[str], Any], text: str) -> Any:
    try:
        return parse_text(text)
    except ValueError:
        return None


def _by_hand(text: str, digits: int, places: int) -> Decimal | None:
    """The contract's number without a regular expression: zeros that change nothing do not count as
    digits.
    """
    whole, point, fraction = text.removeprefix("-").partition(".")
    if not set(whole + fraction) <= set("0123456789") or not whole + fraction:
        return None
    fits = len(whole.lstrip("0")) <= digits and len(fraction.rstrip("0")) <= places
    return Decimal(f"{'-' if text[0] == '-' else ''}{whole or 0}{point}{fraction}") if fits else None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(NUMBERS, min_size=1, max_size=80), st.sampled_from(sorted(LIMITS, key=lambda kind: kind.value))
)
def test_sql_and_python_read_the_same_numbers(texts: list[str], kind: Kind) -> None:
    digits, places = LIMITS[kind]
    expected = [_by_hand(text, digits, places) for text in texts]
    assert [_in_python(lambda text: parse_decimal(text, digits, places), text) for text in texts] == expected
    assert _in_sql(Column("x", kind, required=True), texts) == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(DATES, min_size=1, max_size=80))
def test_sql_and_python_read_the_same_dates(texts: list[str]) -> None:
    expected = [_in_python(parse_date, text) for text in texts]
    assert _in_sql(Column("x", Kind.DATE, required=True), texts) == expected


IDS = st.one_of(
    st.uuids().map(str),
    st.uuids().map(lambda uuid: str(uuid).upper()),
    st.from_regex(r"[0-9A-Fa-fgG\u0130]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-F]{12}[ \n]?", fullmatch=True),
    st.text("0aAfFgÄ-", min_size=34, max_size=37),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(IDS, min_size=1, max_size=80))
def test_sql_and_python_read_the_same_ids(texts: list[str]) -> None:
    assert _in_sql(Column("vendor_customer_id"), texts) == [id_form(text) for text in texts]
    assert _in_sql(Column("sku_name"), texts) == texts, "a name is no id"

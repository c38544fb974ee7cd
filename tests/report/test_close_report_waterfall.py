"""The waterfall drawings: the rectangles of the rendered SVG against the amounts they stand for.

Geometry is read back from the page, so both the layout and the drawing are under test.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest

from tests.support.close_page import close_page

TOLERANCE = Decimal("0.011")  # coordinates have two places; one edge may be off by half a hundredth


def _charts(html):
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", html, re.S)]


def _bars(svg):
    """Left edge, right edge and printed signed amount of each bar, from top to bottom."""
    values = [t.text for t in svg.iter("text") if "value" in t.get("class", "").split()]
    rects = list(svg.iter("rect"))
    assert len(values) == len(rects)
    bars = []
    for rect, text in zip(rects, values, strict=True):
        left = Decimal(rect.get("x"))
        bars.append(
            (left, left + Decimal(rect.get("width")), Decimal(text.replace("−", "-").replace(",", "")))
        )
    return bars


def _tip(total):
    """Where a total's bar ends: it starts at zero and points to the left when it is negative."""
    left, right, amount = total
    return right if amount >= 0 else left


def _assert_adds_up(bars):
    first, *steps, last = bars
    assert first[2] + sum(amount for *_, amount in steps) == last[2]
    level = _tip(first)
    for left, right, amount in steps:
        begin, end = (left, right) if amount > 0 else (right, left)
        assert begin == level, "each step starts where the one before ended"
        level = end
    assert level == _tip(last)
    biggest = max(steps, key=lambda bar: abs(bar[2]))
    scale = (biggest[1] - biggest[0]) / abs(biggest[2])
    for left, right, amount in steps:
        assert abs((right - left) - abs(amount) * scale) <= TOLERANCE * 2


def _bridge(invoiced, expected, currency="USD", **more):
    return {
        "client_id": "A",
        "currency": currency,
        "invoiced_amount": invoiced,
        "expected_amount": expected,
        "residual": "0.00",
    } | more


def test_the_bars_of_both_currencies_lead_from_invoiced_to_expected(rich):
    euros, dollars = (_bars(svg) for svg in _charts(close_page(*rich)))
    _assert_adds_up(euros)
    _assert_adds_up(dollars)
    assert [amount for *_, amount in dollars] == [
        Decimal(a) for a in ("5000.00", "120.50", "7.25", "0.01", "-40.00", "-3.00", "5084.76")
    ]


def test_small_steps_on_large_totals_cut_the_axis_and_say_where_it_starts(rich):
    euros, dollars = _charts(close_page(*rich))
    notes = [
        "".join(t.text or "" for t in svg.iter("text") if t.get("class") == "axis")
        for svg in (euros, dollars)
    ]
    # Dollars: levels run from 5,000.00 to 5,127.76; a quarter of the span below is 4,968.06, floored to
    # hundreds.
    assert notes == ["", "bars are cut off: the left edge stands for 4,900.00"]


@pytest.mark.parametrize(
    ("invoiced", "recoverable", "refund", "expected"),
    [
        ("0.00", "10.00", "0.00", "10.00"),
        ("10.00", "0.00", "10.00", "0.00"),
        ("5.00", "0.00", "20.00", "-15.00"),
        ("-30.00", "12.34", "0.00", "-17.66"),
        ("999999999999.99", "0.01", "0.02", "999999999999.98"),
    ],
)
def test_the_geometry_adds_up_also_at_the_edges(
    invoiced, recoverable, refund, expected, rich, table, exception
):
    gate, tables = rich
    rows = [
        exception(1, "UNBILLED_PRODUCT", client_recoverable=recoverable),
        exception(2, "BILLED_NOT_PROVIDED", client_refund=refund),
    ]
    tables = tables | {
        "fct_exceptions": table("fct_exceptions", rows),
        "fct_variance_bridge": table("fct_variance_bridge", [_bridge(invoiced, expected)]),
    }
    (svg,) = _charts(close_page(gate, tables))
    bars = _bars(svg)
    _assert_adds_up(bars)
    width = Decimal(svg.get("viewBox").split()[2])
    assert all(0 <= left <= right <= width for left, right, _ in bars)


def test_no_difference_at_all_draws_two_equal_bars(rich, table):
    gate, tables = rich
    tables = tables | {
        "fct_exceptions": tables["fct_exceptions"].slice(0, 0),
        "fct_variance_bridge": table("fct_variance_bridge", [_bridge("70.00", "70.00")]),
    }
    (svg,) = _charts(close_page(gate, tables))
    first, second = _bars(svg)
    assert first == second
    assert first[1] > first[0]


def test_the_chart_tells_a_screen_reader_every_amount(rich):
    dollars = _charts(close_page(*rich))[1]
    spoken = dollars.find("desc").text
    assert spoken == (
        "Invoiced 5,000.00; UNDERBILLED_QUANTITY +120.50; INVOICE_PRICE_MISMATCH +7.25; ROUNDING +0.01; "
        "OVERBILLED_QUANTITY −40.00; INVOICE_PRICE_MISMATCH −3.00; Expected 5,084.76."
    )

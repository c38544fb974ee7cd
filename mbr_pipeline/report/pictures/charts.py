"""The geometry of the waterfall charts: which rectangle goes where.

What belongs here: exact coordinates of bars, connectors and labels of a way from one total to another.
Drawing them as SVG is the job of ``waterfall.svg.j2``, colours are the style sheet's; amounts come from
``bridge`` and ``trends``. Charts over months: ``pictures``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.report.bridge import Bridge, Step
from mbr_pipeline.report.text import amount_text, exact_sum

WIDTH = 900
PLOT_LEFT, PLOT_RIGHT = 270, 710
ROW_HEIGHT, BAR_HEIGHT, TOP = 28, 18, 8


@dataclass(frozen=True)
class Bar:
    """One bar from the lower to the higher of two levels; ``x`` and ``width`` in units of the
    view box, as text.
    """

    label: str
    kind: str  # "total", "up", "down" or "gap"
    text: str
    y: int
    x: str
    width: str
    link: str | None  # where the connector to the next bar stands


@dataclass(frozen=True)
class Waterfall:
    """A drawn bridge; ``start`` is the amount at the left edge when the axis does not begin at zero."""

    id: str
    title: str
    currency: str | None
    bars: tuple[Bar, ...]
    height: int
    zero: str | None
    start: str | None


def waterfall(bridge: Bridge, place: int) -> Waterfall:
    """Lay out one currency's bridge from the invoiced to the expected total.

    Args:
        bridge: The currency's bridge.
        place: Its place on the page, for element ids.
    """
    ends = ("Invoiced", bridge.invoiced), ("Expected", bridge.expected)
    return steps_chart(f"bridge-{place}", "From invoiced to expected", bridge.currency, ends, bridge.steps)


def steps_chart(
    chart_id: str,
    title: str,
    currency: str | None,
    totals: tuple[tuple[str, Decimal], tuple[str, Decimal]],
    steps: Sequence[Step],
) -> Waterfall:
    """Lay out a way from one total to another.

    The axis begins at zero unless the steps are small against the totals; then it begins just under the
    lowest level and the chart says so.

    Args:
        chart_id: Names the drawing among all of its page.
        title: What it shows, without the currency.
        currency: Of all amounts.
        totals: Name and amount of where it begins and where it ends.
        steps: What lies between; together they are the difference of the totals.

    Returns:
        The bars from top to bottom. Every step starts where the one before ends, and the last total ends
            where the
        last step does.
    """
    (first, begins), (last, arrives) = totals
    ends = [begins]
    for step in steps:
        ends.append(exact_sum((ends[-1], step.amount)))
    start = _axis_start([*ends, arrives])
    low = min(start, *ends, arrives)
    high = max(start, *ends, arrives)
    scale = Fraction(PLOT_RIGHT - PLOT_LEFT) / Fraction(high - low) if high != low else Fraction(0)

    def at(level: Decimal) -> Fraction:
        return PLOT_LEFT + (Fraction(level) - Fraction(low)) * scale

    rows = [_row(first, "total", begins, start, begins, currency)]
    rows += [_step_row(step, ends[n], ends[n + 1], currency) for n, step in enumerate(steps)]
    rows.append(_row(last, "total", arrives, start, arrives, currency))
    bars = []
    for n, (label, kind, text, begin, end) in enumerate(rows):
        left, right = min(at(begin), at(end)), max(at(begin), at(end))
        link = _units(at(end)) if n < len(rows) - 1 and scale else None
        bars.append(Bar(label, kind, text, TOP + n * ROW_HEIGHT, _units(left), _width(left, right), link))
    return Waterfall(
        id=chart_id,
        title=title,
        currency=currency,
        bars=tuple(bars),
        height=TOP + len(rows) * ROW_HEIGHT + (18 if start else 0),
        zero=_units(at(Decimal(0))) if low < 0 < high else None,
        start=amount_text(start, currency) if start else None,
    )


_Row = tuple[str, str, str, Decimal, Decimal]


def _row(label: str, kind: str, amount: Decimal, begin: Decimal, end: Decimal, currency: str | None) -> _Row:
    return label, kind, amount_text(amount, currency), begin, end


def _step_row(step: Step, begin: Decimal, end: Decimal, currency: str | None) -> _Row:
    sign = "+" if step.amount > 0 else "−"
    return step.label, step.kind, sign + amount_text(abs(step.amount), currency), begin, end


def _axis_start(levels: list[Decimal]) -> Decimal:
    """Choose where the axis begins: zero, or a round amount below levels that lie close
    together far from zero.
    """
    low, high = min(levels), max(levels)
    span = high - low
    if low <= 0 or not span or span * 4 >= high:
        return Decimal(0)
    grain = span.adjusted()
    steps = (Fraction(low) - Fraction(span) / 4) // Fraction(10) ** grain
    return Decimal(steps).scaleb(grain) if steps > 0 else Decimal(0)


def _width(left: Fraction, right: Fraction) -> str:
    """Subtract the rounded edges, so that adjacent bars meet exactly."""
    return _text(_hundredths(right) - _hundredths(left))


def _units(value: Fraction) -> str:
    return _text(_hundredths(value))


def _hundredths(value: Fraction) -> int:
    return (value * 100 + Fraction(1, 2)).__floor__()


def _text(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"

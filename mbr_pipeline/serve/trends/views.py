"""The page of an MSP's trends.

What belongs here: which measures are drawn, and the table behind each picture. What does not: the measures
(``mbr_pipeline.report.trends``) and drawing (``mbr_pipeline.report.pictures``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import get_args

import duckdb
from markupsafe import Markup
from starlette.responses import Response

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.reading import answered
from mbr_pipeline.report.bridge import Step
from mbr_pipeline.report.pictures import draw
from mbr_pipeline.report.pictures.charts import Waterfall, steps_chart
from mbr_pipeline.report.pictures.over_months import Series, columns, lines
from mbr_pipeline.report.text import amount_text
from mbr_pipeline.report.trends.closes import CloseMonth, close_months, leakage_recovered
from mbr_pipeline.report.trends.margin import By, MarginPoint, MarginRow, margin_points, margin_rows
from mbr_pipeline.report.trends.margin_bridge import MarginBridge, margin_bridges
from mbr_pipeline.report.trends.months import PublishedMonths, published_months, query
from mbr_pipeline.serve.answering import page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.routes import View, shows

_LAST = "9999-12"
_GROUPS: Mapping[By, str] = {"client": "client", "product": "product", "vendor": "vendor"}
_MOST = 50
"""Rows of a group that are shown, those of the largest margins and losses first."""


@dataclass(frozen=True)
class OfCurrency:
    """The margin of one currency: pictures, the points behind them, the way from the month before to the
    newest, and groups of the newest month.
    """

    currency: str
    picture: Markup
    points: Sequence[MarginPoint]
    bridge: MarginBridge | None
    bridge_picture: Markup | None
    groups: Sequence[MarginPoint]
    total: int


_Measures = tuple[PublishedMonths, list[MarginRow], list[CloseMonth], dict[str, str]]


def _trends(ask: Ask) -> Response:
    by = ask.query.get("by")
    group: By = by if by in _GROUPS else "client"  # type: ignore[assignment]
    assert group in get_args(By)
    msp_id, paths = ask.msp_id, ask.workspace.paths
    if not paths.catalogue.exists():
        return page(ask, "trends/none.html.j2", msp=ask.workspace.msp(msp_id).name, left_out=[])

    def read(connection: duckdb.DuckDBPyConnection) -> _Measures:
        months = published_months(connection, msp_id, _LAST)
        closes = close_months(connection, months, chain(paths, msp_id))
        return months, margin_rows(connection, months), closes, _names(connection, months, group)

    months, rows, closes, names = answered(paths, read)
    left_out = _left_out(ask, months)
    if not months.periods:
        return page(ask, "trends/none.html.j2", msp=ask.workspace.msp(msp_id).name, left_out=left_out)
    whole = margin_points(rows, "all")
    of_group = margin_points(rows, group)
    bridges = margin_bridges(rows, months.periods, "all")
    currencies = sorted({point.currency for point in whole})
    return page(
        ask,
        "trends/trends.html.j2",
        msp=ask.workspace.msp(msp_id).name,
        months=months,
        left_out=left_out,
        newest=months.periods[-1],
        by=group,
        by_what=_GROUPS,
        names=names,
        money=[
            _of_currency(currency, place, months, whole, bridges, of_group)
            for place, currency in enumerate(currencies, start=1)
        ],
        closes=closes,
        findings=_findings(months, closes),
        rates=_rates(months, closes),
        recovered=leakage_recovered(closes),
    )


def _left_out(ask: Ask, months: PublishedMonths) -> list[str]:
    """Return the published months that the catalogue leaves out, from the first that is shown on: their
    tables are damaged.
    """
    shown = {*months.periods, *months.without}
    places = (ask.workspace.paths.published / ask.msp_id).glob("*/")
    names = sorted(place.name for place in places if Period.is_written(place.name))
    return [name for name in names if name not in shown and name >= min(shown, default="")]


def _names(connection: duckdb.DuckDBPyConnection, months: PublishedMonths, by: By) -> dict[str, str]:
    """Return what the groups are called in the newest month, where they have names."""
    if by not in ("client", "product"):
        return {}
    key = {"client": "client_id", "product": "product_code"}[by]
    rows = query(
        connection,
        f"select {key} as id, min({by}_name) as name from dim_{by}"
        f" where msp_id = $msp_id and list_contains($periods, period) and {by}_name <> '' group by {key}",
        months,
        months.periods[-1:],
    )
    return {row["id"]: row["name"] for row in rows}


def _of_currency(
    currency: str,
    place: int,
    months: PublishedMonths,
    whole: Sequence[MarginPoint],
    bridges: Sequence[MarginBridge],
    of_group: Sequence[MarginPoint],
) -> OfCurrency:
    points = [point for point in whole if point.currency == currency]
    by_period = {point.period: point for point in points}

    def series(name: str, value: Callable[[MarginPoint], Decimal]) -> Series:
        found = (by_period.get(period) for period in months.periods)
        return Series(name, tuple(None if point is None else value(point) for point in found))

    picture = columns(
        f"margin-{place}",
        f"Billed, cost and margin, {currency}",
        months.periods,
        [
            series("Billed", lambda point: point.billed),
            series("Cost", lambda point: point.cost),
            series("Margin", lambda point: point.margin),
        ],
        partial(_money, currency),
    )
    newest = months.periods[-1]
    bridge = next((b for b in bridges if (b.currency, b.to_period) == (currency, newest)), None)
    groups = sorted(
        (point for point in of_group if (point.currency, point.period) == (currency, newest)),
        key=lambda point: (-abs(point.margin), point.group or ""),
    )
    return OfCurrency(
        currency,
        draw.svg(picture),
        points,
        bridge,
        draw.svg(_way(bridge, place)) if bridge else None,
        groups[:_MOST],
        len(groups),
    )


def _way(bridge: MarginBridge, place: int) -> Waterfall:
    ends = (f"Margin {bridge.from_period}", bridge.start), (f"Margin {bridge.to_period}", bridge.end)
    steps = [
        Step(effect.name, effect.amount, "up" if effect.amount > 0 else "down")
        for effect in bridge.effects
        if effect.amount
    ]
    return steps_chart(f"way-{place}", "What changed the margin", bridge.currency, ends, steps)


def _findings(months: PublishedMonths, closes: Sequence[CloseMonth]) -> Markup:
    kinds = {"open": "Open", "decided": "Decided", "auto_cleared": "Cleared by itself"}
    series = [
        Series(title, tuple(Decimal(month.found[name]) for month in closes)) for name, title in kinds.items()
    ]
    return draw.svg(columns("findings", "Findings by state", months.periods, series, _count))


def _rates(months: PublishedMonths, closes: Sequence[CloseMonth]) -> Markup:
    series = [
        Series("Clients that pass at once", tuple(month.first_pass.pct for month in closes)),
        Series("Findings seen before", tuple(m.repeated.pct if m.repeated else None for m in closes)),
    ]
    return draw.svg(lines("rates", "In percent", months.periods, series, _percent))


def _percent(share: Decimal) -> str:
    """Write a share with the one place that it is rounded to."""
    return f"{share:.1f} %"


def _money(currency: str, amount: Decimal) -> str:
    return f"{amount_text(amount, currency)} {currency}"


def _count(value: Decimal) -> str:
    return f"{value:,.0f}"


def _style(ask: Ask) -> Response:
    return Response(draw.style(), media_type="text/css")


ROUTES = (shows("/trends/{msp}", _trends), View("GET", "/pictures.css", _style, is_for_all=True))

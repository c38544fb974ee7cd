"""The geometry of pictures over months: which point, line or column stands where.

What belongs here: exact coordinates. Drawing them is the template ``over_months.svg.j2``'s job, colours are
the style sheet's (``pictures.css``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.report.pictures.axis import Axis, axis, units

WIDTH = 900
MOST_SERIES = 6
"""As many series can be told apart; of more, the picture shows the largest and the table behind it all."""

_LEFT, _RIGHT, _TOP = 110, 890, 12
_PLOT_HEIGHT, _MONTHS_HEIGHT, _LEGEND_ROW, _LEGEND_COLUMNS = 240, 28, 22, 3
_LONGEST_NAME = 32


@dataclass(frozen=True)
class Series:
    """One value a month, oldest first; None where there is none, which is no zero."""

    name: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True)
class Mark:
    """A point of a line, or a column; ``text`` says its series, month and value."""

    series: int
    x: str
    y: str
    width: str
    height: str
    text: str


@dataclass(frozen=True)
class Line:
    """A run of points without a gap, as SVG writes them."""

    series: int
    points: str


@dataclass(frozen=True)
class Label:
    """A word of the axes or the legend; ``series`` is 0 where it belongs to none."""

    x: str
    y: str
    text: str
    series: int = 0


@dataclass(frozen=True)
class OverMonths:
    """A laid out picture; places in units of the view box, as text."""

    id: str
    title: str
    summary: str
    height: int
    left: int
    right: int
    zero: str
    steps: tuple[Label, ...]
    months: tuple[Label, ...]
    legend: tuple[Label, ...]
    lines: tuple[Line, ...]
    dots: tuple[Mark, ...]
    columns: tuple[Mark, ...]


Write = Callable[[Decimal], str]
"""Writes a value with its unit, for example ``1,234.50`` or ``12.3 %``."""


def lines(
    picture_id: str, title: str, periods: Sequence[str], series: Sequence[Series], write: Write
) -> OverMonths:
    """Lay out one line per series.

    Args:
        picture_id: Names the drawing among all of its page.
        title: What it shows, with the unit.
        periods: The months, oldest first; one that is not published has its place too.
        series: At most :data:`MOST_SERIES`.
        write: How values are written.

    Raises:
        ValueError: There are more series, or a series has not one value for each month.
    """
    plot = _Plot(picture_id, title, periods, series, write)
    found, dots = [], []
    for number, one in enumerate(series, start=1):
        run: list[str] = []
        for place, value in enumerate([*one.values, None]):
            if value is not None:
                x, y = units(plot.middle(place)), units(plot.axis.at(value))
                run.append(f"{x},{y}")
                dots.append(Mark(number, x, y, "0", "0", plot.told(one, place, value)))
                continue
            if len(run) > 1:
                found.append(Line(number, " ".join(run)))
            run = []
    return plot.picture(tuple(found), tuple(dots), ())


def columns(
    picture_id: str, title: str, periods: Sequence[str], series: Sequence[Series], write: Write
) -> OverMonths:
    """Lay out the series of each month as columns beside each other, up from zero or down from it.

    Arguments and errors are those of :func:`lines`.
    """
    plot = _Plot(picture_id, title, periods, series, write)
    zero = plot.axis.at(Decimal(0))
    width = plot.step * Fraction(7, 10) / max(len(series), 1)
    marks = []
    for number, one in enumerate(series, start=1):
        for place, value in enumerate(one.values):
            if value is None:
                continue
            left = plot.middle(place) + width * (Fraction(number - 1) - Fraction(len(series), 2))
            level = plot.axis.at(value)
            top, bottom = min(level, zero), max(level, zero)
            told = plot.told(one, place, value)
            marks.append(Mark(number, units(left), units(top), units(width), units(bottom - top), told))
    return plot.picture((), (), tuple(marks))


class _Plot:
    """What lines and columns share: the axes, the legend, and the words."""

    def __init__(
        self,
        picture_id: str,
        title: str,
        periods: Sequence[str],
        series: Sequence[Series],
        write: Write,
    ) -> None:
        if len(series) > MOST_SERIES:
            raise ValueError(f"{len(series)} series: a picture can show {MOST_SERIES}")
        if any(len(one.values) != len(periods) for one in series):
            raise ValueError("a series has not one value for each month")
        self.id, self.title, self.periods, self.series, self.write = picture_id, title, periods, series, write
        known = [value for one in series for value in one.values if value is not None]
        self.axis: Axis = axis(known, _TOP, _TOP + _PLOT_HEIGHT)
        self.step = Fraction(_RIGHT - _LEFT, max(len(periods), 1))

    def middle(self, place: int) -> Fraction:
        """Return the middle of a month."""
        return _LEFT + self.step * place + self.step / 2

    def told(self, one: Series, place: int, value: Decimal) -> str:
        """Say a value in words."""
        return f"{one.name}, {self.periods[place]}: {self.write(value)}"

    def picture(self, found: tuple[Line, ...], dots: tuple[Mark, ...], marks: tuple[Mark, ...]) -> OverMonths:
        """Put the marks and all words together."""
        bottom = _TOP + _PLOT_HEIGHT
        under = bottom + _MONTHS_HEIGHT + 16
        cell = WIDTH // _LEGEND_COLUMNS
        legend = tuple(
            Label(
                str(place % _LEGEND_COLUMNS * cell),
                str(under + place // _LEGEND_COLUMNS * _LEGEND_ROW),
                _fitting(one.name),
                place + 1,
            )
            for place, one in enumerate(self.series)
        )
        rows = -(-len(self.series) // _LEGEND_COLUMNS)
        return OverMonths(
            id=self.id,
            title=self.title,
            summary="; ".join(mark.text for mark in dots or marks) or "nothing to show",
            height=under + rows * _LEGEND_ROW - 8,
            left=_LEFT,
            right=_RIGHT,
            zero=units(self.axis.at(Decimal(0))),
            steps=tuple(
                Label(str(_LEFT - 8), units(self.axis.at(value)), self.write(value))
                for value in self.axis.steps
            ),
            months=tuple(
                Label(units(self.middle(place)), str(bottom + 20), period)
                for place, period in enumerate(self.periods)
            ),
            legend=legend,
            lines=found,
            dots=dots,
            columns=marks,
        )


def _fitting(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"

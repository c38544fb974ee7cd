"""Why a margin changed from one month to the next: price, cost, volume, mix, and what came or went.

What belongs here: splitting the change so that the parts add up to it exactly. What does not: drawing it.

Per currency and group, over items (client and product). Quantities are billed units on an average day,
unit-days / days of the month, so a short month changes none. For an item billed with a quantity above zero in
both months, with q quantity, p billed per unit, k cost per unit, u = p - k, 0 and 1 the months:

- price = (p1 - p0) x q1, cost = -(k1 - k0) x q1
- volume = U0 x (Q1 - Q0): all quantities Q of such items at the average margin U0 = margin0 / Q0
- mix = sum of u0 x (q1 - q0), less volume: more of what earns more, or less

An item that only one month has is new or lost with its whole margin; one that has no quantity above zero in
one of them (only cost, a credit) changes by its margin, as other; one whose margin is known in one month only
comes or goes with it, as not comparable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.periods import Period
from mbr_pipeline.report.text import exact_sum, minor_digits
from mbr_pipeline.report.trends.margin import By, MarginRow, grouping

EFFECTS = ("price", "cost", "volume", "mix", "new", "lost", "other", "not comparable")
"""The parts of a change, in the order they are shown."""

Item = tuple[str, str]


@dataclass(frozen=True)
class Effect:
    """One part of the change, in the currency's minor units; above zero it raises the margin."""

    name: str
    amount: Decimal


@dataclass(frozen=True)
class MarginBridge:
    """A group's way from one published month's margin to the next one's, in one currency.

    ``start`` plus all effects is ``end``, exactly: parts are rounded along their running sum, each by less
    than one minor unit. Every effect of :data:`EFFECTS` is there, 0 where it plays no part. Months between
    the two that are not published are passed over.
    """

    group: str | None
    currency: str
    from_period: str
    to_period: str
    start: Decimal
    effects: tuple[Effect, ...]
    end: Decimal


def margin_bridges(rows: Iterable[MarginRow], periods: Sequence[str], by: By) -> list[MarginBridge]:
    """Return the bridges between successive months, by currency, group and month.

    Args:
        rows: The margins of these months.
        periods: The published months, oldest first, also one without a row.
        by: What the bridges are for.
    """
    group_of = grouping(by)
    found: dict[tuple[str, str | None], dict[str, list[MarginRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row.currency, group_of(row)][row.period].append(row)
    return [
        _bridge(group, currency, (before, after), months[before], months[after])
        for (currency, group), months in sorted(
            found.items(), key=lambda item: (item[0][0], item[0][1] is None, item[0][1] or "")
        )
        for before, after in zip(periods, periods[1:], strict=False)
        if months[before] or months[after]
    ]


@dataclass(frozen=True)
class _Side:
    """One item in one month: average units, billed, cost, and whether its margin is known."""

    units: Fraction
    billed: Fraction
    cost: Fraction
    is_known: bool

    @property
    def margin(self) -> Fraction:
        return self.billed - self.cost


def _bridge(
    group: str | None,
    currency: str,
    periods: tuple[str, str],
    before: Iterable[MarginRow],
    after: Iterable[MarginRow],
) -> MarginBridge:
    sides = _sides(before, periods[0]), _sides(after, periods[1])
    parts = _parts(*sides)
    start = sum((side.margin for side in sides[0].values()), Fraction(0))
    effects = _rounded(parts, minor_digits(currency))
    first = _decimal(start, minor_digits(currency))
    end = exact_sum([first, *(effect.amount for effect in effects)])
    return MarginBridge(group, currency, *periods, first, effects, end)


def _sides(rows: Iterable[MarginRow], period: str) -> dict[Item, _Side]:
    days = (Period(period).end - Period(period).start).days
    found: dict[Item, _Side] = {}
    for row in rows:  # one a month, currency and item
        found[row.client_id, row.product_code] = _Side(
            Fraction(row.unit_days) / days, Fraction(row.billed), Fraction(row.cost), row.is_known
        )
    return found


def _parts(before: Mapping[Item, _Side], after: Mapping[Item, _Side]) -> dict[str, Fraction]:
    parts = dict.fromkeys(EFFECTS, Fraction(0))
    compared = []
    for item in before.keys() | after.keys():
        old, new = before.get(item), after.get(item)
        if old is None and new is not None:
            parts["new"] += new.margin
        elif new is None and old is not None:
            parts["lost"] -= old.margin
        elif old is not None and new is not None:
            if not (old.is_known and new.is_known):
                parts["not comparable"] += new.margin - old.margin
            elif old.units > 0 and new.units > 0:
                compared.append((old, new))
            else:
                parts["other"] += new.margin - old.margin
    if compared:
        _compare(parts, compared)
    return parts


def _compare(parts: dict[str, Fraction], compared: Sequence[tuple[_Side, _Side]]) -> None:
    shifts = Fraction(0)
    for old, new in compared:
        parts["price"] += new.billed - old.billed / old.units * new.units
        parts["cost"] -= new.cost - old.cost / old.units * new.units
        shifts += old.margin / old.units * (new.units - old.units)
    units = sum((old.units for old, _ in compared), Fraction(0))
    margin = sum((old.margin for old, _ in compared), Fraction(0))
    parts["volume"] = margin / units * (sum((new.units for _, new in compared), Fraction(0)) - units)
    parts["mix"] = shifts - parts["volume"]


def _rounded(parts: Mapping[str, Fraction], places: int) -> tuple[Effect, ...]:
    """Round the running sum and take differences: the parts then add up to the whole, rounded."""
    found, exact, so_far = [], Fraction(0), Decimal(0)
    for name in EFFECTS:
        exact += parts[name]
        reached = _decimal(exact, places)
        found.append(Effect(name, exact_sum((reached, -so_far))))
        so_far = reached
    return tuple(found)


def _decimal(value: Fraction, places: int) -> Decimal:
    units = int(abs(value) * 10**places + Fraction(1, 2))
    return Decimal(-units if value < 0 else units).scaleb(-places)

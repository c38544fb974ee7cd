"""What the period makes of one record: its days in P, its rules, its cost in P, and whether another line
comes first (contract §4, §5).

What belongs here: single vendor lines and single seat counts. What a key is made of is ``key``'s part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from mbr_pipeline.explain.exact import days_between, half_up, shared_days
from mbr_pipeline.explain.records import (
    ClientRule,
    CostRule,
    Facts,
    PeriodFacts,
    SeatCount,
    SkuRule,
    VendorLine,
)

RECONCILED = ("recurring", "usage")
_COST_PLACES = 10


@dataclass(frozen=True)
class LineInPeriod:
    """A vendor line as the period sees it.

    ``days`` are those it shares with P, ``counted_days`` those whose cost counts in P. ``repeats`` is the
    line that comes first if this one is a duplicate.
    """

    line: VendorLine
    period: PeriodFacts
    days: int
    counted_days: int
    client: ClientRule | None
    sku: SkuRule | None
    repeats: VendorLine | None

    @property
    def charge_days(self) -> int:
        """Days of the line's own charge period."""
        return days_between(self.line.charge_period_start, self.line.charge_period_end)

    @property
    def is_landed_here(self) -> bool:
        """Whether it was landed in P."""
        return self.line.landed_period == self.period.period

    @property
    def is_future(self) -> bool:
        """Whether its charge period starts on or after P's end."""
        return self.line.charge_period_start >= self.period.end

    @property
    def is_of_one_day(self) -> bool:
        """Whether its charge period is empty and lies in P: it counts wholly there."""
        return not self.charge_days and self.period.start <= self.line.charge_period_start < self.period.end

    @property
    def is_mapped(self) -> bool:
        """Whether it has a client and a product."""
        return self.client is not None and self.sku is not None

    @property
    def counts(self) -> bool:
        """Whether it enters P's comparison: recurring or usage, with days in P, and no duplicate."""
        is_there = self.counted_days > 0 or self.is_of_one_day
        return is_there and self.line.charge_category in RECONCILED and self.repeats is None

    @property
    def covers_last_day(self) -> bool:
        """Whether its charge period holds P's last day."""
        return self.line.charge_period_start <= self.period.last_day < self.line.charge_period_end

    @property
    def units_per(self) -> Fraction:
        """Units of the product in one of the SKU."""
        return Fraction(self.sku.units_per) if self.sku else Fraction(1)

    @property
    def units(self) -> Fraction:
        """Quantity in units of the product."""
        return Fraction(self.line.quantity) * self.units_per

    @property
    def cost(self) -> Fraction:
        """Effective cost in P: the share of the amount, rounded half-up to 10 places where it is one."""
        amount = Fraction(self.line.amount)
        if self.is_of_one_day or (self.counted_days and self.counted_days == self.charge_days):
            return amount
        if not self.counted_days:
            return Fraction(0)
        return Fraction(half_up(amount * self.counted_days / self.charge_days, _COST_PLACES))

    def is_key(self, client_id: str | None, product_code: str | None) -> bool:
        """Whether it is mapped to this client and product."""
        return (
            self.client is not None
            and self.sku is not None
            and self.client.client_id == client_id
            and self.sku.product_code == product_code
        )


@dataclass(frozen=True)
class HeldCount:
    """A seat count dated in P: the days ``[held_from, held_to)`` for which it holds, and its rules."""

    count: SeatCount
    held_from: date
    held_to: date
    is_last: bool
    client: ClientRule | None
    sku: SkuRule | None

    @property
    def days(self) -> int:
        """Days held."""
        return days_between(self.held_from, self.held_to)

    @property
    def units_per(self) -> Fraction:
        """Units of the product in one of the SKU."""
        return Fraction(self.sku.units_per) if self.sku else Fraction(1)

    def is_key(self, client_id: str | None, product_code: str | None) -> bool:
        """Whether it is mapped to this client and product."""
        return (
            self.client is not None
            and self.sku is not None
            and self.client.client_id == client_id
            and self.sku.product_code == product_code
        )


def valid_on(day: date, rule: ClientRule | SkuRule | CostRule) -> bool:
    """Whether a rule holds on a day: ``[valid_from, valid_to)``, empty is open."""
    return (rule.valid_from is None or rule.valid_from <= day) and (
        rule.valid_to is None or day < rule.valid_to
    )


def place(facts: Facts) -> list[LineInPeriod]:
    """Place every vendor line of the facts; equal charges must be among them together."""
    first = _first_of_equals(facts.vendor_lines)
    return [_placed(line, facts, first) for line in facts.vendor_lines]


def hold(facts: Facts) -> list[HeldCount]:
    """Hold every seat count dated in P, from its date to the customer's next one, the first and last to P's
    ends.
    """
    period = facts.period
    counts = [c for c in facts.seat_counts if period.start <= c.as_of_date < period.end]
    dates: dict[tuple[str, str], set[date]] = {}
    for count in counts:
        dates.setdefault((count.source, count.vendor_customer_id), set()).add(count.as_of_date)
    held = []
    for count in counts:
        own = sorted(dates[count.source, count.vendor_customer_id])
        at = own.index(count.as_of_date)
        held.append(
            HeldCount(
                count,
                held_from=count.as_of_date if at else period.start,
                held_to=own[at + 1] if at + 1 < len(own) else period.end,
                is_last=at + 1 == len(own),
                client=_client_rule(facts, count.source, count.vendor_customer_id, count.as_of_date),
                sku=_sku_rule(facts, count.source, count.sku_id, None, count.as_of_date),
            )
        )
    return held


def listed_cost(
    rules: Iterable[CostRule], source: str, sku_id: str, term: str | None, currency: str | None, day: date
) -> CostRule | None:
    """Return the cost_list row in force for a SKU: an exact term wins over a blank one."""
    fitting = [
        r
        for r in rules
        if (r.source, r.sku_id, r.currency) == (source, sku_id, currency) and valid_on(day, r)
    ]
    exact = [r for r in fitting if r.term is not None and r.term == term]
    blank = [r for r in fitting if r.term is None]
    return next(iter([*exact, *blank]), None)


def _placed(line: VendorLine, facts: Facts, first: dict[tuple[object, ...], VendorLine]) -> LineInPeriod:
    period = facts.period
    days = shared_days(line.charge_period_start, line.charge_period_end, period.start, period.end)
    counted = days
    if line.charge_category == "usage" and line.landed_period == period.period:
        # billed in arrears: all its days before P's end
        counted = days_between(line.charge_period_start, min(line.charge_period_end, period.end))
    mapped_on = max(line.charge_period_start, period.start) if days else line.charge_period_start
    original = first[_content(line)]
    return LineInPeriod(
        line,
        period,
        days=days,
        counted_days=counted,
        client=_client_rule(facts, line.source, line.vendor_customer_id, mapped_on),
        sku=_sku_rule(facts, line.source, line.sku_id, line.term, mapped_on),
        repeats=None if original is line else original,
    )


def _client_rule(facts: Facts, source: str, customer: str, day: date) -> ClientRule | None:
    rules = (
        r
        for r in facts.client_rules
        if (r.source, r.vendor_customer_id) == (source, customer) and valid_on(day, r)
    )
    return next(rules, None)


def _sku_rule(facts: Facts, source: str, sku_id: str, term: str | None, day: date) -> SkuRule | None:
    rules = [r for r in facts.sku_rules if (r.source, r.sku_id) == (source, sku_id) and valid_on(day, r)]
    exact = [r for r in rules if r.term is not None and r.term == term]
    blank = [r for r in rules if r.term is None]
    return next(iter([*exact, *blank]), None)


def _content(line: VendorLine) -> tuple[object, ...]:
    return (
        line.source,
        line.vendor_customer_id,
        line.sku_id,
        line.subscription_id,
        line.charge_category,
        line.charge_type,
        line.term,
        line.quantity,
        line.unit_cost,
        line.amount,
        line.currency,
        line.charge_period_start,
        line.charge_period_end,
    )


def _first_of_equals(lines: Sequence[VendorLine]) -> dict[tuple[object, ...], VendorLine]:
    first: dict[tuple[object, ...], VendorLine] = {}
    for line in sorted(lines, key=lambda x: (x.landed_period, x.invoice_id, x.line_id)):
        first.setdefault(_content(line), line)
    return first

"""The vendor's side in P: duplicates, days, mapping and effective cost of bill lines; seat counts with the
days they hold (contract §4).

What belongs here: facts about one vendor line or one seat count. What does not: what they mean for a
client's product (``keys``) and what is wrong with them (``findings.vendor``, ``findings.counts``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.controls import Coverage
from mbr_pipeline.recompute.money import half_up
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.inputs import Inputs
from mbr_pipeline.recompute.reading.records import LicenseCount, VendorCharge
from mbr_pipeline.recompute.reading.rules import CustomerRule, Rules, SkuRule
from mbr_pipeline.recompute.reading.words import CLIENT_WORDS, IGNORED, PRODUCT_WORDS

COST_CATEGORIES = ("recurring", "usage")
"""Charge categories whose money is compared; the others are excluded (contract §5.4, line dispositions)."""
_NOT_COMPARED = ("origin", "line_id", "invoice_id", "vendor_customer_name", "sku_name")
_SAME_CHARGE = ("source", *(item.name for item in fields(VendorCharge) if item.name not in _NOT_COMPARED))
_COST_PLACES = 10


class Mapped:
    """A record with a vendor customer and a SKU: its client and product by the rules of its day."""

    __slots__ = ()

    client: CustomerRule | None
    sku: SkuRule | None

    @property
    def excluded(self) -> str | None:
        """The reason for which a ``!`` word keeps it out of every key, if one does; of two, the client's."""
        client = CLIENT_WORDS.get(self.client.client_id) if self.client else None
        return client or (PRODUCT_WORDS.get(self.sku.product_code) if self.sku else None)

    @property
    def ignored(self) -> bool:
        """Whether no sum and no finding counts it, but that of a line that repeats another."""
        return self.excluded == IGNORED

    @property
    def client_id(self) -> str | None:
        """The client, where client_map names one and no ``!`` word excludes it."""
        return self.client.client_id if self.client and not self.excluded else None

    @property
    def product_code(self) -> str | None:
        """The product, where sku_map names one and no ``!`` word excludes it."""
        return self.sku.product_code if self.sku and not self.excluded else None

    @property
    def key(self) -> tuple[str, str] | None:
        """Client and product, where both are mapped to one."""
        client_id, product_code = self.client_id, self.product_code
        return (client_id, product_code) if client_id is not None and product_code is not None else None

    @property
    def unmapped(self) -> str | None:
        """The code for what no rule maps; one ``!`` word is mapping enough."""
        if self.excluded:
            return None
        return "UNMAPPED_CUSTOMER" if self.client is None else "UNMAPPED_SKU" if self.sku is None else None

    @property
    def units_per(self) -> Fraction:
        """Units of the product in one of the SKU; 0 for an unmapped SKU."""
        return Fraction(self.sku.units_per) if self.sku else Fraction(0)


@dataclass(frozen=True, slots=True)
class VendorLine(Mapped):
    """A vendor line landed in P or earlier, as P sees it.

    ``overlap`` are its days in P (``o``), ``counted_days`` those whose cost counts in P; a charge of one
    moment counts as one day. ``repeats`` is the line that comes first if this one is a duplicate.
    """

    charge: VendorCharge
    period: Period
    repeats: VendorCharge | None
    client: CustomerRule | None
    sku: SkuRule | None
    overlap: int
    counted_days: int
    effective_cost: Fraction

    @property
    def category(self) -> str:
        """The line's charge category."""
        return self.charge.charge_category

    @property
    def landed_in_period(self) -> bool:
        """Whether it was landed in P."""
        return self.charge.landed == self.period.text

    @property
    def future(self) -> bool:
        """Whether its charge period starts on or after P's end."""
        return self.charge.charge_period_start >= self.period.end

    @property
    def charge_days(self) -> int:
        """Days of its own charge period."""
        return (self.charge.charge_period_end - self.charge.charge_period_start).days

    @property
    def counts(self) -> bool:
        """Whether it enters the comparison: recurring or usage, no duplicate, with days that count."""
        return self.category in COST_CATEGORIES and self.repeats is None and self.counted_days > 0

    @property
    def units(self) -> Fraction:
        """Quantity in the product's units; 0 for an unmapped SKU."""
        return Fraction(self.charge.quantity) * self.units_per

    @property
    def worklist(self) -> bool:
        """Whether it is one of those that coverage and the UNMAPPED codes speak about."""
        reconciled = self.category in COST_CATEGORIES and self.repeats is None
        return reconciled and self.landed_in_period and not self.future

    def covers(self, day: date) -> bool:
        """Whether its charge period holds a day."""
        return self.charge.charge_period_start <= day < self.charge.charge_period_end


@dataclass(frozen=True, slots=True)
class Snapshot(Mapped):
    """A seat count dated and landed in P, which holds for the days ``[held_from, held_to)``, none if a ``!``
    word excludes it.

    ``is_last`` says whether it is of the last snapshot date of its source and customer in P. Rows that a
    ``!`` word excludes make no snapshot date, but for SKUs that the customer has in such rows only.
    """

    count: LicenseCount
    client: CustomerRule | None
    sku: SkuRule | None
    held_from: date
    held_to: date
    is_last: bool

    @property
    def owner(self) -> tuple[str, str]:
        """Source and vendor customer, whose dates bound the days it holds."""
        return self.count.source, self.count.vendor_customer_id

    @property
    def days_held(self) -> int:
        """Days it holds."""
        return (self.held_to - self.held_from).days


def vendor_lines(inputs: Inputs, rules: Rules) -> list[VendorLine]:
    """Describe every vendor line landed in P or earlier."""
    first = _first_of_equals(inputs.vendor_charges)
    return [
        _describe(charge, first.get(id(charge)), inputs.period, rules) for charge in inputs.vendor_charges
    ]


def _first_of_equals(charges: list[VendorCharge]) -> dict[int, VendorCharge]:
    """The line that comes first, by the identity of each that repeats
    it (contract §5.3, DUPLICATE_VENDOR_CHARGE).
    """
    groups: dict[tuple[Any, ...], list[VendorCharge]] = defaultdict(list)
    for charge in charges:
        groups[tuple(getattr(charge, name) for name in _SAME_CHARGE)].append(charge)
    found: dict[int, VendorCharge] = {}
    for group in groups.values():
        if len(group) > 1:
            first, *others = sorted(group, key=lambda row: (row.landed, row.invoice_id, row.line_id))
            found.update({id(charge): first for charge in others})
    return found


def _describe(charge: VendorCharge, repeats: VendorCharge | None, period: Period, rules: Rules) -> VendorLine:
    start, end = charge.charge_period_start, charge.charge_period_end
    overlap = period.overlap(start, end)
    # Literal: the overlap is with P, also for a usage line whose earlier days count in P.
    mapping_day = max(start, period.start) if overlap else start
    days, length = _counted_days(charge, period), (end - start).days
    return VendorLine(
        charge=charge,
        period=period,
        repeats=repeats,
        client=rules.client_of(charge.source, charge.vendor_customer_id, mapping_day),
        sku=rules.sku_of(charge.source, charge.sku_id, charge.term, mapping_day),
        overlap=overlap,
        counted_days=days,
        effective_cost=_effective_cost(Fraction(charge.amount), days, max(length, 1)),
    )


def _counted_days(charge: VendorCharge, period: Period) -> int:
    """Days that count in P; an empty charge period is taken as one whole day in the month of its start."""
    start, end = charge.charge_period_start, charge.charge_period_end
    in_arrears = charge.charge_category == "usage" and charge.landed == period.text
    if start == end:
        # Usage of one moment is billed in arrears like any other: its month is over when it lands.
        return int(period.holds(start) or (in_arrears and start < period.start))
    if in_arrears:
        return max(0, (min(end, period.end) - start).days)
    return period.overlap(start, end)


def _effective_cost(amount: Fraction, days: int, length: int) -> Fraction:
    return amount if days == length else Fraction(half_up(amount * days / length, _COST_PLACES))


def snapshots(inputs: Inputs, rules: Rules) -> list[Snapshot]:
    """Describe every seat count dated in P and landed in P."""
    period = inputs.period
    rows = [
        _undated(row, rules.client_of(row.source, row.vendor_customer_id, row.as_of_date), rules)
        for row in inputs.license_counts
        if period.holds(row.as_of_date)
    ]
    dates: dict[tuple[str, str], set[date]] = defaultdict(set)
    all_dates: dict[tuple[str, str], set[date]] = defaultdict(set)
    counted: set[tuple[str, str, str]] = set()
    for row in rows:
        if not row.ignored:
            all_dates[row.owner].add(row.count.as_of_date)
        if not row.excluded:
            dates[row.owner].add(row.count.as_of_date)
            counted.add((*row.owner, row.count.sku_id))
    held = {owner: _held(sorted(days), period) for owner, days in dates.items()}
    found = []
    for row in rows:
        day = row.count.as_of_date
        if row.excluded:
            # Own seats and trials have findings of their own, which need a last date; they hold for nobody.
            alone = (*row.owner, row.count.sku_id) not in counted
            days = (all_dates if alone else dates)[row.owner]
            found.append(replace(row, is_last=not row.ignored and day == max(days)))
        else:
            start, end, is_last = held[row.owner][day]
            found.append(replace(row, held_from=start, held_to=end, is_last=is_last))
    return found


def _undated(count: LicenseCount, client: CustomerRule | None, rules: Rules) -> Snapshot:
    day = count.as_of_date
    return Snapshot(count, client, rules.sku_of(count.source, count.sku_id, None, day), day, day, False)


def _held(days: list[date], period: Period) -> dict[date, tuple[date, date, bool]]:
    """From when to when each date of one customer holds: the first and last to P's ends (contract §4)."""
    ends = [*days[1:], period.end]
    starts = [period.start, *days[1:]]
    return {day: (start, end, day == days[-1]) for day, start, end in zip(days, starts, ends, strict=True)}


def coverage(lines: list[VendorLine]) -> Coverage:
    """Sum per currency the amounts of fully mapped and of all recurring and usage lines landed in P."""
    sums: Coverage = {}
    for line in lines:
        if line.worklist:
            mapped, total = sums.get(line.charge.currency, (Fraction(0), Fraction(0)))
            amount = Fraction(line.charge.amount)
            sums[line.charge.currency] = (mapped + (0 if line.unmapped else amount), total + amount)
    return sums

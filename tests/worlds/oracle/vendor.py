"""The vendor leg: duplicates, days, mapping and effective cost of vendor lines, and snapshots with the days
they hold.

Belongs here: facts about one vendor line or snapshot row (contract §4). What they mean for a client's
product is ``keys``; what is wrong with them is ``vendor_findings``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from typing import Any

from tests.worlds.oracle.controls import Coverage
from tests.worlds.oracle.inputs import Inputs
from tests.worlds.oracle.money import half_up
from tests.worlds.oracle.periods import Period
from tests.worlds.oracle.records import LicenseCount, VendorCharge
from tests.worlds.oracle.rules import Rules, SkuRule

COST_CATEGORIES = ("recurring", "usage")
_NOT_COMPARED = ("origin", "line_id", "invoice_id", "vendor_customer_name", "sku_name")


@dataclass(frozen=True)
class VendorLine:
    """A vendor line landed in P or earlier, seen from P."""

    charge: VendorCharge
    landed_in_period: bool
    duplicate: bool
    client_id: str | None
    sku: SkuRule | None
    overlap: int
    """Days of the charge period in P, ``o``."""
    counts: bool
    """A recurring or usage line, no duplicate, with something to count in P."""
    effective_cost: Fraction
    future: bool

    @property
    def category(self) -> str:
        """The line's charge category."""
        return self.charge.charge_category

    @property
    def key(self) -> tuple[str, str] | None:
        """Client and product, where both are mapped."""
        return (self.client_id, self.sku.product_code) if self.client_id is not None and self.sku else None

    @property
    def units(self) -> Fraction:
        """Quantity in the product's units; 0 for an unmapped SKU."""
        return Fraction(self.charge.quantity) * Fraction(self.sku.units_per) if self.sku else Fraction(0)

    @property
    def worklist(self) -> bool:
        """Say whether the line is one of those coverage and the UNMAPPED codes speak about."""
        return (
            self.landed_in_period
            and self.category in COST_CATEGORIES
            and not self.duplicate
            and not self.future
        )

    def covers(self, day: date) -> bool:
        """Say whether the charge period holds a day."""
        return self.charge.charge_period_start <= day < self.charge.charge_period_end


@dataclass(frozen=True)
class Snapshot:
    """A row of a seat count dated and landed in P, with the days it holds."""

    count: LicenseCount
    client_id: str | None
    sku: SkuRule | None
    days_held: int
    is_last: bool
    """Dated on the last snapshot date of its source and customer in P."""

    @property
    def key(self) -> tuple[str, str] | None:
        """Client and product, where both are mapped."""
        return (self.client_id, self.sku.product_code) if self.client_id is not None and self.sku else None

    @property
    def units_per(self) -> Fraction:
        """Units of the product per unit of the SKU."""
        return Fraction(self.sku.units_per) if self.sku else Fraction(0)


def vendor_lines(inputs: Inputs, rules: Rules) -> list[VendorLine]:
    """Describe every vendor line landed in P or earlier."""
    duplicates = _duplicates(inputs.vendor_charges)
    return [_describe(charge, charge in duplicates, inputs.period, rules) for charge in inputs.vendor_charges]


def _duplicates(charges: list[VendorCharge]) -> set[VendorCharge]:
    names = [item.name for item in fields(VendorCharge) if item.name not in _NOT_COMPARED]
    groups: dict[tuple[Any, ...], list[VendorCharge]] = defaultdict(list)
    for charge in charges:
        groups[(charge.source, *(getattr(charge, name) for name in names))].append(charge)
    found: set[VendorCharge] = set()
    for group in groups.values():
        group.sort(key=lambda row: (row.landed, row.invoice_id, row.line_id))
        found.update(group[1:])
    return found


def _describe(charge: VendorCharge, duplicate: bool, period: Period, rules: Rules) -> VendorLine:
    start, end = charge.charge_period_start, charge.charge_period_end
    overlap = period.overlap(start, end)
    # Literal: the overlap is with P, also for a usage line whose earlier days count in P.
    mapping_day = max(start, period.start) if overlap else start
    days, length = _counted_days(charge, period), (end - start).days
    counts = charge.charge_category in COST_CATEGORIES and not duplicate and days > 0
    return VendorLine(
        charge=charge,
        landed_in_period=charge.landed == period.text,
        duplicate=duplicate,
        client_id=rules.client_of(charge.source, charge.vendor_customer_id, mapping_day),
        sku=rules.sku_of(charge.source, charge.sku_id, charge.term, mapping_day),
        overlap=overlap,
        counts=counts,
        effective_cost=_effective_cost(Fraction(charge.amount), days, max(length, 1)),
        future=start >= period.end,
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
    return amount if days == length else Fraction(half_up(amount * days / length, 10))


def snapshots(inputs: Inputs, rules: Rules) -> list[Snapshot]:
    """Describe every seat count dated in P and landed in P."""
    period = inputs.period
    rows = [row for row in inputs.license_counts if period.holds(row.as_of_date)]
    dates: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in rows:
        dates[row.source, row.vendor_customer_id].add(row.as_of_date)
    found = []
    for row in rows:
        days = sorted(dates[row.source, row.vendor_customer_id])
        at = days.index(row.as_of_date)
        start = period.start if at == 0 else row.as_of_date
        end = period.end if row.as_of_date == days[-1] else days[at + 1]
        found.append(
            Snapshot(
                count=row,
                client_id=rules.client_of(row.source, row.vendor_customer_id, row.as_of_date),
                sku=rules.sku_of(row.source, row.sku_id, None, row.as_of_date),
                days_held=(end - start).days,
                is_last=row.as_of_date == days[-1],
            )
        )
    return found


def coverage(lines: list[VendorLine]) -> Coverage:
    """Sum per currency the amounts of fully mapped and of all recurring and usage lines landed in P."""
    sums: Coverage = {}
    for line in lines:
        if line.worklist:
            mapped, total = sums.get(line.charge.currency, (Fraction(0), Fraction(0)))
            amount = Fraction(line.charge.amount)
            sums[line.charge.currency] = (mapped + (amount if line.key else 0), total + amount)
    return sums

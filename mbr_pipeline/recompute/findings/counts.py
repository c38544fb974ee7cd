"""The vendor-side codes of seat counts: a bill against them, and seats against their use (contract §5).

What belongs here: gathering a vendor customer's SKU, its unit cost, and the codes it raises. What does not:
the days a count holds (``vendor``), and counts as a basis of billing (``reconcile``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from mbr_pipeline.recompute.findings.evidence import of_vendor
from mbr_pipeline.recompute.findings.finding import Condition, Finding, Impact, Subject, vendor_impact
from mbr_pipeline.recompute.keys import ZERO, Book
from mbr_pipeline.recompute.money import rounded
from mbr_pipeline.recompute.reading.rules import CostRule
from mbr_pipeline.recompute.vendor import Mapped, Snapshot, VendorLine

Group = tuple[str, str, str]
"""(source, vendor_customer_id, sku_id)."""


@dataclass(frozen=True)
class UnitCost:
    """What one licence costs for a full month, in which currency, and the price list's row or the bill line
    that it comes from.
    """

    value: Fraction
    currency: str | None
    listed: CostRule | None = None
    line: VendorLine | None = None


@dataclass(frozen=True)
class CountedSku:
    """A customer's SKU that is counted in P: its counts, and its recurring lines with days in P."""

    group: Group
    counts: list[Snapshot]
    billed: list[VendorLine]
    unit_cost: UnitCost
    last_day: date

    @property
    def last(self) -> list[Snapshot]:
        """The counts of the customer's last snapshot date; none where the SKU is absent there."""
        return [row for row in self.counts if row.is_last]

    @property
    def billed_quantity(self) -> Fraction:
        """Quantity billed on P's last day."""
        covering = (line for line in self.billed if line.covers(self.last_day))
        return sum((Fraction(line.charge.quantity) for line in covering), ZERO)

    @property
    def entitled(self) -> Fraction:
        """Licences owned on the last snapshot date."""
        return sum((Fraction(row.count.entitled_quantity) for row in self.last), ZERO)

    @property
    def assigned(self) -> Fraction | None:
        """Licences in use on that date; one row without the quantity leaves the sum unknown."""
        known = [row.count.assigned_quantity for row in self.last if row.count.assigned_quantity is not None]
        if not self.last or len(known) < len(self.last):
            return None
        return sum(map(Fraction, known), ZERO)

    @property
    def overbilled(self) -> Fraction:
        """By how much the quantity billed is above the licences owned."""
        return self.billed_quantity - self.entitled

    @property
    def unused(self) -> Fraction:
        """Licences owned and not in use; 0 where it is unknown."""
        return ZERO if self.assigned is None else self.entitled - self.assigned

    def conditions(self) -> list[Condition]:
        """The codes' conditions; the last one may be raised together with the others."""
        return [
            Condition("VENDOR_QUANTITY_OVER", bool(self.billed) and self.overbilled > 0),
            Condition("VENDOR_QUANTITY_UNDER", bool(self.billed) and self.overbilled < 0),
            Condition("UNUSED_LICENSES", self.unused > 0),
        ]


def counted_skus(book: Book, lines: list[VendorLine], snapshots: list[Snapshot]) -> list[CountedSku]:
    """List what is counted in P, by source, customer and SKU."""
    billed: dict[Group, list[VendorLine]] = defaultdict(list)
    for line in lines:
        if line.category == "recurring" and line.repeats is None and line.overlap:
            billed[line.charge.source, line.charge.vendor_customer_id, line.charge.sku_id].append(line)
    counted: dict[Group, list[Snapshot]] = defaultdict(list)
    for row in snapshots:
        counted[row.count.source, row.count.vendor_customer_id, row.count.sku_id].append(row)
    found = []
    for group, counts in sorted(counted.items(), key=lambda item: item[0]):
        own = billed.get(group, [])
        found.append(CountedSku(group, counts, own, _unit_cost(book, group, own), book.period.last_day))
    return found


def count_findings(book: Book, lines: list[VendorLine], snapshots: list[Snapshot]) -> list[Finding]:
    """List the exceptions of seat counts."""
    return [found for sku in counted_skus(book, lines, snapshots) for found in findings_of(sku)]


def findings_of(sku: CountedSku) -> Iterable[Finding]:
    """List the exceptions of one counted SKU."""
    cost = sku.unit_cost
    evidence = of_vendor(sku.billed, sku.counts)
    for condition in sku.conditions():
        if not condition.holds:
            continue
        if condition.code == "UNUSED_LICENSES":
            # Every impact is at least 0: where the vendor pays for the seats, nothing is stranded.
            stranded = max(rounded(sku.unused * cost.value, cost.currency), ZERO)
            impact: Impact = (("stranded", stranded),)
        else:
            # A negative unit cost reverses the direction, not the amount's sign.
            signed = rounded(sku.overbilled * cost.value, cost.currency)
            impact = vendor_impact(signed)
        yield Finding(condition.code, _subject(sku), cost.currency, impact, evidence=evidence)


def _subject(sku: CountedSku) -> Subject:
    """Client and product as the latest line billed maps them, which knows its term; else as
    the last snapshot does.
    """
    ranked = sorted(sku.billed, key=lambda line: (line.covers(sku.last_day), *_rank(line)), reverse=True)
    sources: list[Mapped] = [*ranked[:1], *sku.last]
    client = next((item.client_id for item in sources if item.client_id), None)
    product = next((item.sku.product_code for item in sources if item.sku), None)
    source, customer, sku_id = sku.group
    return Subject(client, product, source=source, vendor_customer_id=customer, sku_id=sku_id)


def _rank(line: VendorLine) -> tuple[date, str, str]:
    return line.charge.charge_period_start, line.charge.line_id, line.charge.invoice_id


def _unit_cost(book: Book, group: Group, own: list[VendorLine]) -> UnitCost:
    """Unit cost per full month of a vendor's SKU, and its currency.

    The page names no currency: that of the line covering P's last day with the greatest (start, line_id),
    else of the greatest line with a day in P, else the alphabetically first the cost list has, else none.
    """
    source, _, sku_id = group
    period = book.period
    covering = [line for line in own if line.covers(period.last_day)]
    latest = max(covering or own, key=_rank, default=None)
    listed = book.rules.listed_currencies(source, sku_id, period.start)
    currency = latest.charge.currency if latest else (listed[0] if listed else None)
    if currency is None:
        return UnitCost(ZERO, None)
    rule = book.rules.cost_of(source, sku_id, None, currency, period.start)
    if rule is not None:
        return UnitCost(Fraction(rule.unit_cost), currency, listed=rule)
    if latest is None or not covering:
        return UnitCost(ZERO, currency)
    full_month = Fraction(latest.charge.unit_cost) * period.days / latest.charge_days
    return UnitCost(full_month, currency, line=latest)

"""The vendor-side codes of seat counts: a bill against them, and seats against their use (contract §5).

What belongs here: gathering a vendor customer's SKU, its unit cost, and the codes it raises. What does not:
the days a count holds (``vendor``), and counts as a basis of billing (``reconcile``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from mbr_pipeline.recompute.findings.evidence import of_vendor
from mbr_pipeline.recompute.findings.finding import Condition, Finding, Impact, Subject, vendor_impact
from mbr_pipeline.recompute.findings.unit_cost import Group, UnitCost, cost_of_key, own_cost, rank
from mbr_pipeline.recompute.keys import ZERO, Book
from mbr_pipeline.recompute.money import rounded
from mbr_pipeline.recompute.vendor import Mapped, Snapshot, VendorLine


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
    """List what is counted in P, by source, customer and SKU, but what is ignored or failed a control."""
    billed: dict[Group, list[VendorLine]] = defaultdict(list)
    for line in lines:
        if line.category == "recurring" and line.repeats is None and line.overlap and not line.ignored:
            billed[line.charge.source, line.charge.vendor_customer_id, line.charge.sku_id].append(line)
    counted: dict[Group, list[Snapshot]] = defaultdict(list)
    for row in snapshots:
        if row.ignored or book.controls.failed(row.count.source, "license_counts"):
            continue
        counted[row.count.source, row.count.vendor_customer_id, row.count.sku_id].append(row)
    found = []
    for group, counts in sorted(counted.items(), key=lambda item: item[0]):
        own = billed.get(group, [])
        found.append(CountedSku(group, counts, own, own_cost(book, group, own), book.period.last_day))
    return found


def count_findings(book: Book, lines: list[VendorLine], snapshots: list[Snapshot]) -> list[Finding]:
    """List the exceptions of seat counts."""
    return [found for sku in counted_skus(book, lines, snapshots) for found in findings_of(book, sku)]


def unused_cost(book: Book, sku: CountedSku) -> UnitCost:
    """What an unused licence costs: by its own source, else by the key's bill, maybe of another one."""
    subject = _subject(sku)
    if sku.unit_cost.known or subject.client_id is None or subject.product_code is None:
        return sku.unit_cost
    cost = cost_of_key(book, book.open_key((subject.client_id, subject.product_code)))
    return replace(cost, value=cost.value * units_of(sku))


def units_of(sku: CountedSku) -> Fraction:
    """Units of the product in one of the SKU, by the record that says which product it is."""
    return next((row.units_per for row in _latest(sku) if row.product_code), Fraction(0))


def findings_of(book: Book, sku: CountedSku) -> Iterable[Finding]:
    """List the exceptions of one counted SKU."""
    for condition in sku.conditions():
        if not condition.holds:
            continue
        if condition.code == "UNUSED_LICENSES":
            cost = unused_cost(book, sku)
            other = [cost.line] if cost.line and cost.line not in sku.billed else []
            # Every impact is at least 0: where the vendor pays for the seats, nothing is stranded.
            stranded = max(rounded(sku.unused * cost.value, cost.currency), ZERO)
            impact: Impact = (("stranded", stranded),)
        else:
            cost, other = sku.unit_cost, []
            # A negative list price reverses the direction, not the amount's sign.
            signed = rounded(sku.overbilled * cost.value, cost.currency)
            impact = vendor_impact(signed)
        evidence = of_vendor([*sku.billed, *other], sku.counts)
        yield Finding(condition.code, _subject(sku), cost.currency, impact, evidence=evidence)


def _latest(sku: CountedSku) -> list[Mapped]:
    """The records that say which client and product it is: the latest line billed, which knows its term, then
    the last snapshot.
    """
    ranked = sorted(sku.billed, key=lambda line: (line.covers(sku.last_day), *rank(line)), reverse=True)
    return [*ranked[:1], *sku.last]


def _subject(sku: CountedSku) -> Subject:
    records = _latest(sku)
    # Own seats and trials name nobody: of a SKU that is sold as well, the next record that does is asked.
    client = next((item.client_id for item in records if item.client_id), None)
    product = next((item.product_code for item in records if item.product_code), None)
    source, customer, sku_id = sku.group
    return Subject(client, product, source=source, vendor_customer_id=customer, sku_id=sku_id)

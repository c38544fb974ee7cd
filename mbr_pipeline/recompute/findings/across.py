"""The vendor-side codes of what one source bills and another one counts (contract §5.3, the quantity codes
across sources).

What belongs here: comparing a key's bill with the counts of another source. What does not: a source's bill
against its own counts (``findings.counts``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from mbr_pipeline.recompute.findings.evidence import of_vendor
from mbr_pipeline.recompute.findings.finding import (
    Condition,
    Finding,
    Subject,
    first_that_holds,
    vendor_impact,
)
from mbr_pipeline.recompute.findings.unit_cost import UnitCost, cost_of_key, covering_lines
from mbr_pipeline.recompute.keys import ZERO, Book, Key
from mbr_pipeline.recompute.money import rounded
from mbr_pipeline.recompute.reconcile import seats
from mbr_pipeline.recompute.vendor import Snapshot, VendorLine


@dataclass(frozen=True)
class CountedElsewhere:
    """A key's lines that cover P's last day, and its counts in P, all of one source that bills none of it."""

    key: Key
    lines: list[VendorLine]
    counts: list[Snapshot]
    unit_cost: UnitCost

    @property
    def billed(self) -> Fraction:
        """Units of the product billed on P's last day."""
        return sum((line.units for line in self.lines), ZERO)

    @property
    def entitled(self) -> Fraction:
        """Units of the product counted on each customer's last snapshot date."""
        return sum((seats(row, "entitled") for row in self.counts if row.is_last), ZERO)

    @property
    def source(self) -> str | None:
        """The source that bills, if it is one."""
        sources = {line.charge.source for line in self.lines}
        return sources.pop() if len(sources) == 1 else None

    def conditions(self) -> list[Condition]:
        """The codes' conditions."""
        return [
            Condition("VENDOR_QUANTITY_OVER", self.billed > self.entitled),
            Condition("VENDOR_QUANTITY_UNDER", self.billed < self.entitled),
        ]


def counted_elsewhere(book: Book, key: Key) -> CountedElsewhere | None:
    """Give what can be compared across sources; ``None`` where a key's bill has counts of its own, or those
    of the others are none or of several.
    """
    lines, counts = covering_lines(book, key), key.counting_snapshots()
    billing, counting = ({line.charge.source for line in lines}, {row.count.source for row in counts})
    # Literal: any count of the key by a billing source is in the way, also one that count_source passes over.
    has_own = billing & {row.count.source for row in key.snapshots}
    if not lines or has_own or len(counting) != 1:
        return None
    if book.controls.failed(counting.pop(), "license_counts"):
        return None
    return CountedElsewhere(key, lines, counts, cost_of_key(book, key))


def across_findings(book: Book, keys: Iterable[Key]) -> list[Finding]:
    """List the exceptions of keys that are billed here and counted there, at most one per key."""
    found = []
    for key in keys:
        compared = counted_elsewhere(book, key)
        code = first_that_holds(compared.conditions()) if compared else None
        if compared and code:
            cost = compared.unit_cost
            signed = rounded((compared.billed - compared.entitled) * cost.value, cost.currency)
            about = Subject(key.client_id, key.product_code, source=compared.source)
            evidence = of_vendor(compared.lines, compared.counts)
            found.append(Finding(code, about, cost.currency, vendor_impact(signed), evidence=evidence))
    return found

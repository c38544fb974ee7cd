"""What one licence costs for a full month, from a price list or from the bill (contract §5.3, unit cost).

What belongs here: choosing the line or the list price, and the currency. What does not: what it is multiplied
with (``findings.counts``, ``findings.across``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from mbr_pipeline.recompute.keys import ZERO, Book, Key
from mbr_pipeline.recompute.reading.rules import CostRule
from mbr_pipeline.recompute.vendor import VendorLine

Group = tuple[str, str, str]
"""(source, vendor_customer_id, sku_id)."""


@dataclass(frozen=True)
class UnitCost:
    """What a unit costs for a full month, in which currency, and the price list's row or the bill line
    that it comes from; with neither no price is known, and the value is 0.
    """

    value: Fraction
    currency: str | None
    listed: CostRule | None = None
    line: VendorLine | None = None

    @property
    def known(self) -> bool:
        """Whether a price is known."""
        return self.listed is not None or self.line is not None


def rank(line: VendorLine) -> tuple[date, str, str]:
    """Which line of one source is the latest."""
    return line.charge.charge_period_start, line.charge.invoice_id, line.charge.line_id


def own_cost(book: Book, group: Group, lines: list[VendorLine]) -> UnitCost:
    """The cost of a customer's SKU by its own source: the list price, else the latest line that covers P's
    last day and costs something.

    The page names no currency: that of this line, else of the latest line covering the last day, else of the
    latest line with a day in P, else the alphabetically first that the cost list has, else none.
    """
    source, _, sku_id = group
    period = book.period
    covering = [line for line in lines if line.covers(period.last_day)]
    costly = [line for line in covering if line.charge.unit_cost > 0]
    latest = max(costly or covering or lines, key=rank, default=None)
    listed = book.rules.listed_currencies(source, sku_id, period.start)
    currency = latest.charge.currency if latest else (listed[0] if listed else None)
    if currency is None:
        return UnitCost(ZERO, None)
    rule = book.rules.cost_of(source, sku_id, None, currency, period.start)
    if rule is not None:
        return UnitCost(Fraction(rule.unit_cost), currency, listed=rule)
    if latest is None or not costly:
        return UnitCost(ZERO, currency)
    return UnitCost(_full_month(book, latest), currency, line=latest)


def cost_of_key(book: Book, key: Key) -> UnitCost:
    """The cost of a unit of a key's product, by the latest of its lines that cover P's last day and cost
    something; 0 in the key's currency where there is none.
    """
    costly = (line for line in covering_lines(book, key) if line.charge.unit_cost > 0)
    latest = max(costly, key=_rank_of_sources, default=None)
    if latest is None:
        return UnitCost(ZERO, key.currency)
    return UnitCost(_full_month(book, latest) / latest.units_per, latest.charge.currency, line=latest)


def covering_lines(book: Book, key: Key) -> list[VendorLine]:
    """The key's recurring vendor lines that cover P's last day."""
    return [line for line in key.recurring if line.covers(book.period.last_day)]


def _rank_of_sources(line: VendorLine) -> tuple[date, str, str, str]:
    charge = line.charge
    return charge.charge_period_start, charge.source, charge.invoice_id, charge.line_id


def _full_month(book: Book, line: VendorLine) -> Fraction:
    return Fraction(line.charge.unit_cost) * book.period.days / line.charge_days

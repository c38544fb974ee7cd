"""Which agreement line, list price or invoice line says what a unit costs the client (contract
§4, price in force).

What belongs here: choosing a price, and keeping where it came from. What does not: what it
is multiplied with (``reconcile``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from mbr_pipeline.recompute.reading.records import Agreement, InvoiceLine, Product


@dataclass(frozen=True, slots=True)
class Price:
    """A unit price per full month and its record; ``valued_at`` is the page's word for its kind.

    Of an agreement line, ``last_day`` is the last day on which it was in force, up to the
    requested day, ``among`` how many lines were in force then, and ``named`` whether it is the one
    that the invoice line names.
    """

    valued_at: str
    unit_price: Fraction
    record: Agreement | Product | InvoiceLine
    last_day: date | None = None
    among: int = 1
    named: bool = False


def rank(row: Agreement) -> tuple[date, str, str]:
    """Which of several lines in force applies: the latest start, then the greatest id (of two PSAs,
    the last by name).
    """
    return row.effective_start, row.agreement_line_id, row.source


def in_force(agreements: Iterable[Agreement], currency: str | None, day: date) -> Agreement | None:
    """The agreement line whose price is in force on a day."""
    active = [row for row in agreements if row.currency == currency and row.active_on(day)]
    return max(active, key=rank, default=None)


def last_in_force(agreements: Iterable[Agreement], before: date) -> tuple[date, Agreement] | None:
    """The latest day before ``before`` on which a line was in force, and that line."""
    ever = [row for row in agreements if row.effective_start < min(row.end, before)]
    if not ever:
        return None
    day = max(min(row.end, before) for row in ever) - timedelta(days=1)
    return day, max((row for row in ever if row.active_on(day)), key=rank)


def agreed(agreements: Iterable[Agreement], currency: str | None, before: date) -> Price | None:
    """The price in force on the day before ``before``, or the last one ever in force before it."""
    own = [row for row in agreements if row.currency == currency]
    last = last_in_force(own, before)
    if last is None:
        return None
    day, line = last
    among = sum(row.active_on(day) for row in own)
    return Price("agreement", Fraction(line.unit_price), line, day, among)


def listed(product: Product | None, currency: str | None) -> Price | None:
    """The product's default unit price, where it is in this currency."""
    if product is None or product.default_unit_price is None or currency is None:
        return None
    return (
        Price("list", Fraction(product.default_unit_price), product) if product.currency == currency else None
    )


def charged(lines: Iterable[InvoiceLine]) -> Price | None:
    """The price of the invoice line that starts latest."""
    last = max(
        lines, key=lambda row: (row.service_period_start, row.invoice_line_id, row.source), default=None
    )
    return Price("invoice", Fraction(last.unit_price), last) if last else None


def of_line(line: InvoiceLine, agreements: list[Agreement], product: Product | None) -> Price:
    """``pp_line``: what an invoice line should be charged at.

    The agreement line that it names, if active on its first day; else the one in force then; else the list
    price in its currency; else its own price.
    """
    day = line.service_period_start
    named = [
        row for row in agreements if row.agreement_line_id == line.agreement_line_id and row.active_on(day)
    ]
    # Ids are per PSA: where two PSAs use the same one, the line's own PSA is meant.
    best = max(named, key=lambda row: (row.source == line.source, row.source), default=None)
    best = best or in_force(agreements, line.currency, day)
    if best:
        return Price("agreement", Fraction(best.unit_price), best, day, named=bool(named))
    return listed(product, line.currency) or Price("invoice", Fraction(line.unit_price), line)

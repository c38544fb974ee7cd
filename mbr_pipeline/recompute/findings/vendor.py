"""The vendor-side codes of bill lines: repeated, late, misadded, repriced, unmapped,
not metered (contract §5).

What belongs here: when a code is raised and for how much. What does not: mapping and days (``vendor``),
prices (``prices``), and comparisons with seat counts (``findings.counts``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from mbr_pipeline.recompute import prices
from mbr_pipeline.recompute.findings.client import tolerance
from mbr_pipeline.recompute.findings.evidence import of_vendor
from mbr_pipeline.recompute.findings.finding import Finding, Subject, client_impact, vendor_impact
from mbr_pipeline.recompute.keys import ZERO, Book, Key
from mbr_pipeline.recompute.money import rounded
from mbr_pipeline.recompute.periods import Period, months_of
from mbr_pipeline.recompute.reading.records import Agreement
from mbr_pipeline.recompute.reading.rules import CostRule
from mbr_pipeline.recompute.vendor import Mapped, Snapshot, VendorLine


@dataclass(frozen=True)
class LateMonth:
    """The late days of one calendar month, and the agreement line whose price is in force on
    the last of them.
    """

    month: Period
    days: int
    last_day: date
    price: Agreement | None

    @property
    def value(self) -> Fraction:
        """The amount per unit."""
        return Fraction(self.price.unit_price) * self.days / self.month.days if self.price else ZERO


def vendor_findings(book: Book, lines: list[VendorLine], snapshots: list[Snapshot]) -> list[Finding]:
    """List the exceptions of vendor lines, and of customers and SKUs without a rule."""
    landed = [line for line in lines if line.landed_in_period]
    found: list[Finding] = []
    for line in landed:
        found.extend(line_findings(book, line))
    found.extend(_unmapped(book, landed, snapshots))
    found.extend(_not_metered(book, lines))
    return found


def line_findings(book: Book, line: VendorLine) -> list[Finding]:
    """List the exceptions of one vendor line landed in P; a duplicate has that one only."""
    charge = line.charge
    if line.repeats:
        impact = vendor_impact(rounded(Fraction(charge.amount), charge.currency))
        evidence = tuple(sorted((charge.record_id, line.repeats.record_id)))
        return [Finding("DUPLICATE_VENDOR_CHARGE", subject(line), charge.currency, impact, evidence=evidence)]
    if line.ignored:
        return []
    return [*_late(book, line), *amount_findings(book, line)]


def amount_findings(book: Book, line: VendorLine) -> list[Finding]:
    """List what is wrong with a line's amount or unit cost."""
    return [*_amount(book, line), *_price(book, line)]


def subject(line: VendorLine) -> Subject:
    """What the finding of a vendor line is about."""
    charge = line.charge
    return Subject(
        client_id=line.client_id,
        product_code=line.product_code,
        source=charge.source,
        vendor_customer_id=charge.vendor_customer_id,
        sku_id=charge.sku_id,
        line_id=charge.line_id,
        invoice_id=charge.invoice_id,
    )


def is_late(book: Book, line: VendorLine) -> bool:
    """Say whether a line landed in P is recurring, mapped, no duplicate, and began before P."""
    return (
        line.category == "recurring"
        and line.landed_in_period
        and line.repeats is None
        and line.key is not None
        and line.charge.charge_period_start < book.period.start
    )


def late_months(book: Book, key: Key, line: VendorLine) -> list[LateMonth]:
    """List the months of a line's days before P, each with the price in force on its last late day."""
    start, end = line.charge.charge_period_start, min(line.charge.charge_period_end, book.period.start)
    found = []
    for month in months_of(start, end):
        last_day = min(end, month.end) - timedelta(days=1)
        price = prices.in_force(key.agreements, key.currency, last_day)
        found.append(LateMonth(month, month.overlap(start, end), last_day, price))
    return found


def _late(book: Book, line: VendorLine) -> Iterable[Finding]:
    if not is_late(book, line) or line.key is None:
        return
    key = book.open_key(line.key)
    due = sum((month.value for month in late_months(book, key, line)), ZERO) * line.units
    # The impact is priced by the agreement, so it is in the key's currency, not the vendor's.
    impact = client_impact(rounded(due, key.currency))
    yield Finding("LATE_CHARGE", subject(line), key.currency, impact, evidence=of_vendor([line]))


def overstatement(line: VendorLine) -> Fraction:
    """By how much a line's amount is above quantity × unit cost."""
    return Fraction(line.charge.amount) - Fraction(line.charge.quantity) * Fraction(line.charge.unit_cost)


def _amount(book: Book, line: VendorLine) -> Iterable[Finding]:
    charge, difference = line.charge, overstatement(line)
    allowed = tolerance(charge.currency, book.rules.policies)
    if line.category in ("recurring", "one_time") and abs(difference) > allowed:
        impact = vendor_impact(rounded(difference, charge.currency))
        yield Finding(
            "VENDOR_AMOUNT_MISMATCH", subject(line), charge.currency, impact, evidence=of_vendor([line])
        )


def listed_price(book: Book, line: VendorLine) -> CostRule | None:
    """The cost list's row for a line's SKU and term on P's first day, in its currency."""
    charge = line.charge
    return book.rules.cost_of(charge.source, charge.sku_id, charge.term, charge.currency, book.period.start)


def _price(book: Book, line: VendorLine) -> Iterable[Finding]:
    charge, period = line.charge, book.period
    if line.category != "recurring":
        return
    if (charge.charge_period_start, charge.charge_period_end) != (period.start, period.end):
        return
    listed = listed_price(book, line)
    if listed is None or listed.unit_cost == charge.unit_cost:
        return
    difference = Fraction(charge.quantity) * (Fraction(charge.unit_cost) - Fraction(listed.unit_cost))
    impact = vendor_impact(rounded(difference, charge.currency))
    yield Finding("VENDOR_PRICE_CHANGE", subject(line), charge.currency, impact, evidence=of_vendor([line]))


def unmapped_records(
    landed: Iterable[VendorLine], snapshots: Iterable[Snapshot]
) -> dict[tuple[str, Subject], tuple[list[VendorLine], list[Snapshot]]]:
    """Group what no rule maps by the code and what it is about: the lines of the worklist
    and the seat counts.
    """
    found: dict[tuple[str, Subject], tuple[list[VendorLine], list[Snapshot]]] = {}
    for line in landed:
        charge = line.charge
        what = _what_is_unmapped(charge.source, charge.vendor_customer_id, charge.sku_id, line)
        if line.worklist and what:
            found.setdefault(what, ([], []))[0].append(line)
    for row in snapshots:
        what = _what_is_unmapped(row.count.source, row.count.vendor_customer_id, row.count.sku_id, row)
        if what:
            found.setdefault(what, ([], []))[1].append(row)
    return found


def _unmapped(book: Book, landed: list[VendorLine], snapshots: list[Snapshot]) -> Iterable[Finding]:
    for (code, about), (lines, counts) in unmapped_records(landed, snapshots).items():
        # Counted but never charged: one finding without a currency, priced at nothing.
        for currency in sorted({line.charge.currency for line in lines}):
            yield _at_cost(code, about, currency, [row for row in lines if row.charge.currency == currency])
        # Nothing is said from counts that failed a control.
        if not lines and not book.controls.failed(str(about.source), "license_counts"):
            yield Finding(code, about, None, evidence=of_vendor((), counts))


def _at_cost(code: str, about: Subject, currency: str, lines: list[VendorLine]) -> Finding:
    cost = rounded(sum((line.effective_cost for line in lines), ZERO), currency)
    return Finding(code, about, currency, priced_at_cost=cost, evidence=of_vendor(lines))


def _what_is_unmapped(source: str, customer: str, sku_id: str, row: Mapped) -> tuple[str, Subject] | None:
    if row.unmapped == "UNMAPPED_CUSTOMER":
        return row.unmapped, Subject(source=source, vendor_customer_id=customer)
    return (row.unmapped, Subject(source=source, sku_id=sku_id)) if row.unmapped else None


def is_not_metered(book: Book, line: VendorLine) -> bool:
    """Say whether a line is mapped usage counting in P, no duplicate, of a product that is not cost_plus."""
    if line.key is None or line.category != "usage" or not line.counts:
        return False
    return book.basis_of(line.key[1]) != "cost_plus"


def _not_metered(book: Book, lines: list[VendorLine]) -> Iterable[Finding]:
    # All usage that counts in P, also prepaid usage landed earlier: it is billed to nobody
    # in this month either.
    found: dict[tuple[tuple[str, str], str], list[VendorLine]] = defaultdict(list)
    for line in lines:
        if line.key and is_not_metered(book, line):
            found[line.key, line.charge.currency].append(line)
    for ((client_id, product_code), currency), usage in sorted(found.items(), key=lambda item: item[0]):
        yield _at_cost("USAGE_NOT_METERED", Subject(client_id, product_code), currency, usage)

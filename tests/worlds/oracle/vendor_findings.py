"""The vendor-side codes of contract §5, for lines and snapshots landed in P.

Belongs here: when a code is raised and for how much. Mapping and days come from ``vendor``, prices from
``keys``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from tests.worlds.oracle.findings import Finding, Subject, client_impact, vendor_impact
from tests.worlds.oracle.keys import ZERO, Book
from tests.worlds.oracle.money import minor_unit, rounded
from tests.worlds.oracle.periods import months_of
from tests.worlds.oracle.vendor import Snapshot, VendorLine

Group = tuple[str, str, str]
"""(source, vendor_customer_id, sku_id)."""


def vendor_findings(book: Book, lines: list[VendorLine], snapshots: list[Snapshot]) -> list[Finding]:
    """List the vendor-side exceptions of a period."""
    landed = [line for line in lines if line.landed_in_period]
    found: list[Finding] = []
    for line in landed:
        found.extend(line_findings(book, line))
    found.extend(_unmapped(landed, snapshots))
    found.extend(_not_metered(book, lines))
    found.extend(_quantities(book, lines, snapshots))
    return found


def line_findings(book: Book, line: VendorLine) -> list[Finding]:
    """List the exceptions of one vendor line landed in P; a duplicate has that one only."""
    charge = line.charge
    if line.duplicate:
        impact = vendor_impact(rounded(Fraction(charge.amount), charge.currency))
        return [Finding("DUPLICATE_VENDOR_CHARGE", _subject(line), charge.currency, impact)]
    return [*_late(book, line), *_amount(book, line), *_price(book, line)]


def _subject(line: VendorLine) -> Subject:
    charge = line.charge
    return Subject(
        client_id=line.client_id,
        product_code=line.sku.product_code if line.sku else None,
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
        and not line.duplicate
        and line.key is not None
        and line.charge.charge_period_start < book.period.start
    )


def _late(book: Book, line: VendorLine) -> Iterable[Finding]:
    if not is_late(book, line) or line.key is None:
        return
    key = book.open_key(line.key)
    end = min(line.charge.charge_period_end, book.period.start)
    due = ZERO
    for month in months_of(line.charge.charge_period_start, end):
        last_late_day = min(end, month.end) - timedelta(days=1)
        days = month.overlap(line.charge.charge_period_start, end)
        due += (book.price_on(key, last_late_day) or ZERO) * line.units * days / month.days
    # The impact is priced by the agreement, so it is in the key's currency, not the vendor's.
    yield Finding("LATE_CHARGE", _subject(line), key.currency, client_impact(rounded(due, key.currency)))


def _amount(book: Book, line: VendorLine) -> Iterable[Finding]:
    charge = line.charge
    difference = Fraction(charge.amount) - Fraction(charge.quantity) * Fraction(charge.unit_cost)
    tolerance = Fraction(book.rules.policies.rounding_tolerance) * minor_unit(charge.currency)
    if line.category in ("recurring", "one_time") and abs(difference) > tolerance:
        impact = vendor_impact(rounded(difference, charge.currency))
        yield Finding("VENDOR_AMOUNT_MISMATCH", _subject(line), charge.currency, impact)


def _price(book: Book, line: VendorLine) -> Iterable[Finding]:
    charge, period = line.charge, book.period
    if line.category != "recurring":
        return
    if (charge.charge_period_start, charge.charge_period_end) != (period.start, period.end):
        return
    listed = book.rules.cost_of(charge.source, charge.sku_id, charge.term, charge.currency, period.start)
    if listed is None or listed == charge.unit_cost:
        return
    difference = Fraction(charge.quantity) * (Fraction(charge.unit_cost) - Fraction(listed))
    impact = vendor_impact(rounded(difference, charge.currency))
    yield Finding("VENDOR_PRICE_CHANGE", _subject(line), charge.currency, impact)


def _unmapped(landed: list[VendorLine], snapshots: list[Snapshot]) -> Iterable[Finding]:
    costs: dict[tuple[str, Subject], dict[str, Fraction]] = {}
    for line in landed:
        charge = line.charge
        what = _what_is_unmapped(charge.source, charge.vendor_customer_id, charge.sku_id, line)
        if line.worklist and what:
            by_currency = costs.setdefault(what, {})
            by_currency[charge.currency] = by_currency.get(charge.currency, ZERO) + line.effective_cost
    for row in snapshots:
        what = _what_is_unmapped(row.count.source, row.count.vendor_customer_id, row.count.sku_id, row)
        if what:
            costs.setdefault(what, {})
    for (code, subject), by_currency in costs.items():
        # Counted but never charged: one finding without a currency, priced at nothing.
        for currency, cost in sorted(by_currency.items()):
            yield Finding(code, subject, currency, priced_at_cost=rounded(cost, currency))
        if not by_currency:
            yield Finding(code, subject, None)


def _what_is_unmapped(
    source: str, customer: str, sku_id: str, row: VendorLine | Snapshot
) -> tuple[str, Subject] | None:
    if row.client_id is None:
        return "UNMAPPED_CUSTOMER", Subject(source=source, vendor_customer_id=customer)
    if row.sku is None:
        return "UNMAPPED_SKU", Subject(source=source, sku_id=sku_id)
    return None


def is_not_metered(book: Book, line: VendorLine) -> bool:
    """Say whether a line is mapped usage counting in P, no duplicate, of a product that is not cost_plus."""
    if line.key is None or line.category != "usage" or not line.counts:
        return False
    return book.basis_of(line.key[1]) != "cost_plus"


def _not_metered(book: Book, lines: list[VendorLine]) -> Iterable[Finding]:
    # All that counts in P, prepaid usage landed earlier too: it is sold to nobody in this month either.
    costs: dict[tuple[tuple[str, str], str], Fraction] = defaultdict(Fraction)
    for line in lines:
        if line.key and is_not_metered(book, line):
            costs[line.key, line.charge.currency] += line.effective_cost
    for ((client_id, product_code), currency), cost in sorted(costs.items()):
        subject = Subject(client_id=client_id, product_code=product_code)
        yield Finding("USAGE_NOT_METERED", subject, currency, priced_at_cost=rounded(cost, currency))


def _quantities(book: Book, lines: list[VendorLine], snapshots: list[Snapshot]) -> Iterable[Finding]:
    billed: dict[Group, list[VendorLine]] = defaultdict(list)
    for line in lines:
        if line.category == "recurring" and not line.duplicate and line.overlap:
            billed[line.charge.source, line.charge.vendor_customer_id, line.charge.sku_id].append(line)
    counted: dict[Group, list[Snapshot]] = defaultdict(list)
    for row in snapshots:
        counted[row.count.source, row.count.vendor_customer_id, row.count.sku_id].append(row)
    for group, rows in sorted(counted.items()):
        last = [row for row in rows if row.is_last]
        own = billed.get(group, [])
        yield from _against_bill(book, group, last, own)
        yield from _unused(book, group, last, own)


def _counted_subject(book: Book, group: Group, last: list[Snapshot], own: list[VendorLine]) -> Subject:
    """Client and product as the latest line billed maps them, which knows its term; else as the last snapshot
    does.
    """
    ranked = sorted(own, key=lambda line: (line.covers(book.period.last_day), *_rank(line)), reverse=True)
    sources: list[VendorLine | Snapshot] = [*ranked[:1], *last]
    client = next((item.client_id for item in sources if item.client_id), None)
    product = next((item.sku.product_code for item in sources if item.sku), None)
    return Subject(client, product, source=group[0], vendor_customer_id=group[1], sku_id=group[2])


def _rank(line: VendorLine) -> tuple[date, str, str]:
    return line.charge.charge_period_start, line.charge.line_id, line.charge.invoice_id


def _against_bill(book: Book, group: Group, last: list[Snapshot], own: list[VendorLine]) -> Iterable[Finding]:
    if not own:
        return
    covering = [line for line in own if line.covers(book.period.last_day)]
    charged = sum((Fraction(line.charge.quantity) for line in covering), ZERO)
    difference = charged - sum((Fraction(row.count.entitled_quantity) for row in last), ZERO)
    if difference == 0:
        return
    cost, currency = _unit_cost(book, group, own)
    code = "VENDOR_QUANTITY_OVER" if difference > 0 else "VENDOR_QUANTITY_UNDER"
    name = "vendor_claim" if difference > 0 else "vendor_liability"
    # Every impact is at least 0: with a negative unit cost the direction turns, not the amount's sign.
    signed = rounded(difference * cost, currency)
    impact = vendor_impact(signed) if signed else ((name, ZERO),)
    yield Finding(code, _counted_subject(book, group, last, own), currency, impact)


def _unused(book: Book, group: Group, last: list[Snapshot], own: list[VendorLine]) -> Iterable[Finding]:
    assigned = [row.count.assigned_quantity for row in last if row.count.assigned_quantity is not None]
    # Rows of one date are summed; one without an assigned quantity leaves the sum unknown.
    if not last or len(assigned) < len(last):
        return
    entitled = sum((Fraction(row.count.entitled_quantity) for row in last), ZERO)
    difference = entitled - sum((Fraction(quantity) for quantity in assigned), ZERO)
    if difference > 0:
        cost, currency = _unit_cost(book, group, own)
        # Every impact is at least 0: where the vendor pays for the seats, nothing is stranded.
        stranded = (("stranded", max(rounded(difference * cost, currency), ZERO)),)
        yield Finding("UNUSED_LICENSES", _counted_subject(book, group, last, own), currency, stranded)


def _unit_cost(book: Book, group: Group, own: list[VendorLine]) -> tuple[Fraction, str | None]:
    """Unit cost per full month of a vendor's SKU, and its currency.

    Its currency is that of the line covering P's last day with the greatest (start, line_id),
    else of the greatest line with a day in P, else the alphabetically first the cost list has, else none.
    """
    source, _, sku_id = group
    period = book.period
    covering = [line for line in own if line.covers(period.last_day)]
    ranked = sorted(covering or own, key=_rank)
    listed = book.rules.listed_currencies(source, sku_id, period.start)
    currency = ranked[-1].charge.currency if ranked else (listed[0] if listed else None)
    if currency is None:
        return ZERO, None
    cost = book.rules.cost_of(source, sku_id, None, currency, period.start)
    if cost is not None:
        return Fraction(cost), currency
    if not covering:
        return ZERO, currency
    charge = ranked[-1].charge
    days = (charge.charge_period_end - charge.charge_period_start).days
    return Fraction(charge.unit_cost) * period.days / days, currency

"""From a key's records to its verdict, expected unit-days and variances (contract §4).

Belongs here: the decisions of section 4, one function each. The records are gathered in ``keys``.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.worlds.oracle.keys import ZERO, Book, Key, active_in, invoiced_in_period, overlap_of
from tests.worlds.oracle.money import rounded
from tests.worlds.oracle.periods import Period
from tests.worlds.oracle.records import InvoiceLine
from tests.worlds.oracle.vendor import Snapshot

_NEEDS = {
    "vendor_billed": ("vendor_charges", "vendor_invoices"),
    "cost_plus": ("vendor_charges", "vendor_invoices"),
    "entitled": ("license_counts",),
    "assigned": ("license_counts",),
    "agreement": ("agreements",),
}


def reconcile_key(book: Book, key: Key) -> None:
    """Fill in a key's verdict, unit-days and variances; ``exception`` is left to the findings."""
    if _unreconciled(book, key):
        key.verdict = "unreconciled"
    elif key.basis in ("entitled", "assigned") and _uncounted(book, key):
        key.verdict = "unreconcilable"
    if not key.compared:
        return
    if key.basis == "cost_plus":
        _cost_plus(book.period, key)
        return
    _unit_days(book.period, key)
    _volume(book, key)
    for line in key.invoice_lines:
        if overlap_of(line, book.period) == line.days:
            key.price_variances[line] = _price_variance(book, key, line)


def _unreconciled(book: Book, key: Key) -> bool:
    if book.controls.psa_failed():
        return True
    needs = _NEEDS[key.basis]
    # Literal: a dataset that no source of the MSP declares is missing for every key that needs it.
    if not book.rules.declares(needs[0]):
        return True
    # Literal: every source with sku_map rows for the product, whichever of them count_source names.
    sources = book.rules.sources_of(key.product_code)
    return any(book.controls.failed(source, dataset) for source in sources for dataset in needs)


def _uncounted(book: Book, key: Key) -> bool:
    rows = key.counting_snapshots()
    if len({row.count.source for row in rows}) > 1:
        return True
    if not rows:
        return not _absence_is_counted(book, key)
    return key.basis == "assigned" and any(row.count.assigned_quantity is None for row in rows)


def _absence_is_counted(book: Book, key: Key) -> bool:
    """Say whether every vendor customer of the client has a snapshot, so that an absent SKU means none."""
    # A source without a sku_map row for the product would not be counting it, also when count_source names
    # it.
    counting = book.rules.declares("license_counts")
    named = key.meter.count_source
    sources = [
        source
        for source in book.rules.sources_of(key.product_code)
        if source in counting and named in (None, source)
    ]
    customers = {
        (rule.scope[0], rule.scope[1])
        for rule in book.rules.customers
        if rule.client_id == key.client_id and rule.scope[0] in sources and rule.valid_on(book.period.start)
    }
    # "All of none" would call a client clean that nobody counts: at least one customer is needed.
    return bool(customers) and customers <= book.snapshot_customers


def _cost_plus(period: Period, key: Key) -> None:
    cost = sum((line.effective_cost for line in key.vendor_lines), ZERO)
    expected = rounded(cost * (1 + Fraction(key.meter.markup_pct) / 100), key.currency)
    key.volume_variance = expected - sum(
        (invoiced_in_period(line, period) for line in key.invoice_lines), ZERO
    )


def _unit_days(period: Period, key: Key) -> None:
    days, last = {
        "vendor_billed": _billed,
        "entitled": _counted,
        "assigned": _counted,
        "agreement": _agreed,
    }[key.basis](period, key)
    days, last = max(days, ZERO), max(last, ZERO)
    if days > 0:
        minimum = Fraction(key.meter.minimum_quantity)
        days, last = max(days, minimum * period.days), max(last, minimum)
    key.expected_unit_days, key.expected_quantity = days, last


def _billed(period: Period, key: Key) -> tuple[Fraction, Fraction]:
    lines = [
        line for line in key.vendor_lines if line.category == "recurring" and line.covers(period.last_day)
    ]
    return key.vendor_unit_days(), sum((line.units for line in lines), ZERO)


def _counted(period: Period, key: Key) -> tuple[Fraction, Fraction]:
    rows = key.counting_snapshots()
    days = sum((seats(row, key.basis) * row.days_held for row in rows), ZERO)
    return days, sum((seats(row, key.basis) for row in rows if row.is_last), ZERO)


def seats(row: Snapshot, basis: str) -> Fraction:
    """A snapshot row's seats in the product's units, entitled or assigned (none given counts 0)."""
    quantity = row.count.assigned_quantity if basis == "assigned" else row.count.entitled_quantity
    return Fraction(quantity or 0) * row.units_per


def _agreed(period: Period, key: Key) -> tuple[Fraction, Fraction]:
    days = sum(
        (Fraction(row.quantity) * period.overlap(row.effective_start, row.end) for row in key.agreements),
        ZERO,
    )
    return days, key.agreement_quantity(period)


def _volume(book: Book, key: Key) -> None:
    assert key.expected_unit_days is not None
    expected, invoiced = key.expected_unit_days, key.invoiced_unit_days(book.period)
    price, key.valued_at = _unit_price(book, key)
    if price is not None:
        key.volume_variance = rounded(price * (expected - invoiced) / book.period.days, key.currency)
        return
    recurring = [line for line in key.vendor_lines if line.category == "recurring"]
    same_currency = all(line.charge.currency == key.currency for line in recurring)
    if expected > invoiced == 0 and recurring and same_currency:
        key.valued_at = "cost"
        key.volume_variance = rounded(sum((line.effective_cost for line in recurring), ZERO), key.currency)


def _unit_price(book: Book, key: Key) -> tuple[Fraction | None, str]:
    price = book.last_price(key)
    if price is not None:
        return price, "agreement"
    price = book.list_price(key.product, key.currency)
    if price is not None:
        return price, "list"
    if key.invoice_lines:
        last = max(
            key.invoice_lines, key=lambda line: (line.service_period_start, line.invoice_line_id, line.source)
        )
        return Fraction(last.unit_price), "invoice"
    return None, "none"


def _price_variance(book: Book, key: Key, line: InvoiceLine) -> tuple[Fraction, Fraction]:
    price = _line_price(book, key, line)
    due = rounded(price * Fraction(line.quantity) * line.days / book.period.days, line.currency)
    return price, due - Fraction(line.amount)


def _line_price(book: Book, key: Key, line: InvoiceLine) -> Fraction:
    day: date = line.service_period_start
    named = [
        row
        for row in key.agreements
        if row.agreement_line_id == line.agreement_line_id and row.active_on(day)
    ]
    if named:
        # Ids are a PSA's own: where two of them use one, the line's own PSA is meant.
        return Fraction(max(named, key=lambda row: (row.source == line.source, row.source)).unit_price)
    price = book.price_on(key, day)
    if price is None:
        price = book.list_price(key.product, line.currency)
    return Fraction(line.unit_price) if price is None else price


def ended_before(key: Key, period: Period) -> bool:
    """Say whether none of the key's agreement lines is active in P and one ended on or before P's start."""
    active = any(active_in(row, period) for row in key.agreements)
    return not active and any(row.effective_start < row.end <= period.start for row in key.agreements)

"""From a key's records to its verdict, expected unit-days and variances (contract §4).

What belongs here: the decisions of §4, one function each. What does not: gathering the records (``keys``),
choosing a price (``prices``).
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.recompute import prices
from mbr_pipeline.recompute.keys import ZERO, Book, Key, LinePrice, active_in, overlap_of
from mbr_pipeline.recompute.money import rounded
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.records import InvoiceLine
from mbr_pipeline.recompute.vendor import Snapshot

_NEEDS = {
    "vendor_billed": ("vendor_charges", "vendor_invoices"),
    "cost_plus": ("vendor_charges", "vendor_invoices"),
    "entitled": ("license_counts",),
    "assigned": ("license_counts",),
    "agreement": ("agreements",),
}


def reconcile_key(book: Book, key: Key) -> None:
    """Fill in a key's verdict, unit-days and variances; ``exception`` is left to the findings."""
    key.map_first = _map_first(book, key)
    if key.map_first or _unreconciled(book, key):
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
            key.line_prices[line.id] = _line_price(book, key, line)


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


def _map_first(book: Book, key: Key) -> str | None:
    """The rule file of which a row must be written before a key without vendor records can be compared."""
    if key.basis == "agreement" or key.vendor_lines or key.snapshots:
        return None
    days = book.period.start, book.period.end
    able = {source for dataset in _NEEDS[key.basis] for source in book.rules.declares(dataset)}
    sources = book.rules.sources_naming(key.product_code, *days) & able
    if not sources:
        return "sku_map"
    is_known = sources & book.rules.sources_knowing(key.client_id, *days)
    # Literal: a client unknown to a vendor is a fact where that vendor has no customer without a rule.
    return "client_map" if not is_known and sources & book.unmapped_customers_of else None


def _uncounted(book: Book, key: Key) -> bool:
    rows = key.counting_snapshots()
    if len({row.count.source for row in rows}) > 1:
        return True
    if not rows:
        return not _absence_is_counted(book, key)
    return key.basis == "assigned" and any(row.count.assigned_quantity is None for row in rows)


def _absence_is_counted(book: Book, key: Key) -> bool:
    """Say whether every vendor customer of the client has a snapshot, so that an absent SKU means none."""
    # A source without a sku_map row for the product would not be counting it, also
    # when count_source names it.
    counting = book.rules.declares("license_counts")
    named = key.meter.count_source
    sources = [
        source
        for source in book.rules.sources_of(key.product_code)
        if source in counting and named in (None, source)
    ]
    mapped = book.rules.customers_of(key.client_id, book.period.start)
    customers = {scope for scope in mapped if scope[0] in sources}
    # "All of none" would pass a client that nobody counts: at least one customer is needed.
    return bool(customers) and customers <= book.snapshot_customers


def _cost_plus(period: Period, key: Key) -> None:
    key.volume_value = key.cost * (1 + Fraction(key.meter.markup_pct) / 100)
    key.volume_variance = rounded(key.volume_value, key.currency) - key.invoiced_amount(period)


def _unit_days(period: Period, key: Key) -> None:
    counted = {"vendor_billed": _billed, "entitled": _counted, "assigned": _counted, "agreement": _agreed}
    key.counted_unit_days, key.counted_quantity = counted[key.basis](period, key)
    days, last = max(key.counted_unit_days, ZERO), max(key.counted_quantity, ZERO)
    if days > 0:
        minimum = Fraction(key.meter.minimum_quantity)
        days, last = max(days, minimum * period.days), max(last, minimum)
    key.expected_unit_days, key.expected_quantity = days, last


def _billed(period: Period, key: Key) -> tuple[Fraction, Fraction]:
    covering = (line.units for line in key.recurring if line.covers(period.last_day))
    return key.vendor_unit_days(), sum(covering, ZERO)


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
    key.price = (
        prices.agreed(key.agreements, key.currency, book.period.end)
        or prices.listed(key.product, key.currency)
        or prices.charged(key.invoice_lines)
    )
    key.valued_at = key.price.valued_at if key.price else "none"
    if key.price:
        key.volume_value = key.price.unit_price * (expected - invoiced) / book.period.days
    elif expected > invoiced == 0 and key.recurring and _all_in(key):
        key.valued_at = "cost"
        key.volume_value = sum((line.effective_cost for line in key.recurring), ZERO)
    key.volume_variance = rounded(key.volume_value, key.currency)


def _all_in(key: Key) -> bool:
    return all(line.charge.currency == key.currency for line in key.recurring)


def _line_price(book: Book, key: Key, line: InvoiceLine) -> LinePrice:
    price = prices.of_line(line, key.agreements, key.product)
    value = price.unit_price * Fraction(line.quantity) * line.days / book.period.days
    due = rounded(value, line.currency)
    return LinePrice(price, value, due, due - Fraction(line.amount))


def ended_before(key: Key, period: Period) -> bool:
    """Say whether none of the key's agreement lines is active in P and one ended on or before P's start."""
    active = any(active_in(row, period) for row in key.agreements)
    return not active and any(row.effective_start < row.end <= period.start for row in key.agreements)

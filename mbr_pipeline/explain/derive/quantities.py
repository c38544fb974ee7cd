"""The quantities of a key, each with the records it is the sum of: what is expected, invoiced
and agreed (contract §4).

What belongs here: the tables that show them and what is said below. What does not: what their difference is
worth (``volume``), and the sums themselves, which are the second engine's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from connectors.counted import plural
from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Part
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.recompute.keys import Key, overlap_of
from mbr_pipeline.recompute.money import places_of
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.records import Agreement
from mbr_pipeline.recompute.reconcile import seats
from mbr_pipeline.recompute.vendor import Snapshot, VendorLine


def expected(case: Case, key: Key) -> tuple[Part, ...]:
    """What the basis counts, then the minimum and the floor of zero."""
    if key.expected_unit_days is None or key.expected_quantity is None:
        return (Part("Expected", lines=(f"nothing of it is compared: {key.verdict}",)),)
    shown = {"vendor_billed": _billed, "entitled": _seats, "assigned": _seats, "agreement": _agreed}
    counted, unit_days = key.counted_unit_days, key.expected_unit_days
    lines = [f"{plain(counted)} is below zero: it counts as 0"] if counted < 0 else []
    if 0 < counted < unit_days:
        minimum = key.meter.minimum_quantity
        lines.append(
            f"minimum {plain(minimum)} × {case.period.days} days = {plain(unit_days)} raises"
            f" {plain(counted)} to it"
        )
    lines.append(
        f"U_exp = {plain(unit_days)} unit-days; expected quantity on {case.period.last_day}:"
        f" {plain(key.expected_quantity)}"
    )
    return (*shown[key.basis](case, key), Part("Expected", lines=tuple(lines)))


def invoiced(key: Key, period: Period) -> Part:
    """What the client invoice lines charge."""
    rows = tuple(
        (
            line.record_id,
            line.invoice_line_id,
            plain(line.quantity),
            plain(line.unit_price),
            money(line.amount, places_of(line.currency)),
            line.currency,
            span(line.service_period_start, line.service_period_end),
            str(overlap_of(line, period)),
            plain(Fraction(line.quantity) * overlap_of(line, period)),
        )
        for line in key.invoice_lines
    )
    columns = (
        "record",
        "line",
        "quantity",
        "unit_price",
        "amount",
        "currency",
        "service period",
        "days in P",
        "unit-days",
    )
    total = (
        f"U_inv = {plain(key.invoiced_unit_days(period))} unit-days; invoiced quantity on {period.last_day}:"
        f" {plain(key.invoiced_quantity(period))}"
    )
    return Part("Client invoice lines with days in P", columns, rows, (total,))


def agreement_lines(key: Key, period: Period) -> Part:
    """The key's agreement lines that are ever in force, with their days in P."""
    rows = tuple(
        (
            line.record_id,
            line.agreement_line_id,
            plain(line.quantity),
            plain(line.unit_price),
            line.currency,
            span(line.effective_start, line.effective_end),
            str(agreement_days(line, period)),
        )
        for line in key.agreements
        if line.effective_start < line.end
    )
    columns = ("record", "line", "quantity", "unit_price", "currency", "in force", "days in P")
    return Part("Agreement lines of the key", columns, rows, () if rows else ("none",))


def agreement_days(line: Agreement, period: Period) -> int:
    """Days of an agreement line in P."""
    return period.overlap(line.effective_start, line.end)


def mapping(case: Case, mapped: Iterable[VendorLine | Snapshot]) -> Part:
    """The rows of client_map and sku_map that the records were mapped by."""
    rows = set()
    for item in mapped:
        if item.client:
            source, customer = item.client.scope
            where = case.rule("client_map", item.client.line)
            rows.add((f"customer {customer} of {source}", f"client {item.client.client_id}", where))
        if item.sku:
            source, sku_id, term = item.sku.scope
            what = f"SKU {sku_id} of {source}" + (f", term {term}" if term else "")
            product = f"product {item.sku.product_code}, units_per {plain(item.sku.units_per)}"
            rows.add((what, product, case.rule("sku_map", item.sku.line)))
    return Part("Mapped by", ("what", "is", "rule"), tuple(sorted(rows)))


def span(start: object, end: object) -> str:
    """Write a half-open interval."""
    return f"{start} to {end}" if end else f"{start}, open"


def _billed(case: Case, key: Key) -> tuple[Part, ...]:
    rows = tuple(
        (
            line.charge.record_id,
            line.charge.vendor_customer_id,
            line.charge.sku_id,
            plain(line.charge.quantity),
            plain(line.charge.unit_cost),
            plain(line.charge.amount),
            span(line.charge.charge_period_start, line.charge.charge_period_end),
            plain(line.units_per),
            str(line.overlap),
            plain(line.units * line.overlap),
        )
        for line in key.recurring
    )
    columns = (
        "record",
        "customer",
        "SKU",
        "quantity",
        "unit_cost",
        "amount",
        "charge period",
        "units_per",
        "days in P",
        "unit-days",
    )
    total = _total(key.vendor_unit_days(), key.recurring)
    part = Part("Recurring vendor lines that count in P", columns, rows, total)
    return (mapping(case, key.recurring), part) if rows else (part,)


def _seats(case: Case, key: Key) -> tuple[Part, ...]:
    counts = key.counting_snapshots()
    rows = tuple(
        (
            row.count.record_id,
            row.count.vendor_customer_id,
            row.count.sku_id,
            str(row.count.as_of_date),
            plain(row.count.entitled_quantity),
            "" if row.count.assigned_quantity is None else plain(row.count.assigned_quantity),
            span(row.held_from, row.held_to),
            plain(row.units_per),
            str(row.days_held),
            plain(seats(row, key.basis) * row.days_held),
        )
        for row in counts
    )
    columns = (
        "record",
        "customer",
        "SKU",
        "as of",
        "entitled",
        "assigned",
        "holds",
        "units_per",
        "days held",
        "unit-days",
    )
    note = f"{key.basis} × units_per × days held; a date on which the SKU is absent counts 0"
    lines = (note, *_total(key.counted_unit_days, counts))
    part = Part("Seat counts dated in P", columns, rows, lines)
    return (mapping(case, counts), part) if rows else (part,)


def _agreed(case: Case, key: Key) -> tuple[Part, ...]:
    days = [(line, agreement_days(line, case.period)) for line in key.agreements]
    terms = " + ".join(f"{plain(line.quantity)} × {plural(count, 'day')}" for line, count in days if count)
    total = f"Σ quantity × days in P = {terms or 'nothing'} = {plain(key.counted_unit_days)} unit-days"
    return (Part("Agreed", lines=(total,)),)


def _total(unit_days: Fraction, rows: Sequence[object]) -> tuple[str, ...]:
    return (f"Σ = {plain(unit_days)} unit-days" if rows else "none: 0 unit-days",)

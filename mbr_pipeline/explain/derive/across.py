"""Codes that compare what one source bills with what another counts (contract §5.3, across sources).

What belongs here: the lines and counts of a key, and what a unit of their difference costs. What does not: a
source's bill against its own counts (``counted``).
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits
from mbr_pipeline.explain.derive.quantities import mapping, span
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.finding import Condition
from mbr_pipeline.recompute.keys import ZERO, Key
from mbr_pipeline.recompute.money import places_of, rounded
from mbr_pipeline.recompute.vendor import Snapshot, VendorLine

_WHEN = {
    "VENDOR_QUANTITY_OVER": "billed on P's last day by sources that do not count it > counted by one other",
    "VENDOR_QUANTITY_UNDER": "billed on P's last day by sources that do not count it < counted by one other",
}


def across(finding: Finding, case: Case) -> Derivation:
    """Show the difference between what is billed and what another source counts, in units of the product."""
    key, last_day = case.key(finding), case.period.last_day
    lines = [line for line in key.recurring if line.covers(last_day)]
    counts = key.counting_snapshots()
    billed = sum((line.units for line in lines), ZERO)
    entitled = sum((_units(row) for row in counts if row.is_last), ZERO)
    conditions = [
        Condition("VENDOR_QUANTITY_OVER", billed > entitled),
        Condition("VENDOR_QUANTITY_UNDER", billed < entitled),
    ]
    parts = (
        mapping(case, [*lines, *counts]),
        _billed(lines, billed, f"billed on {last_day}"),
        _counted(counts, entitled),
        Part("Value", lines=_value(case, key, lines, abs(billed - entitled))),
        first_that_fits(conditions, _WHEN, f"billed {plain(billed)}, counted {plain(entitled)}"),
    )
    priced = priced_line(lines)
    currency = priced.charge.currency if priced else key.currency
    found = case.found(finding, list(_WHEN))
    clears = f"bills and counts that agree on {plain(entitled)} or {plain(billed)}: land them and run again"
    return concluded(found, currency, parts, clears)


def priced_line(lines: list[VendorLine]) -> VendorLine | None:
    """The line whose cost a unit of the product has: the latest that costs something."""
    costly = [line for line in lines if line.charge.unit_cost > 0]
    return max(costly, key=_rank, default=None)


def _rank(line: VendorLine) -> tuple[object, ...]:
    charge = line.charge
    return charge.charge_period_start, charge.source, charge.invoice_id, charge.line_id


def _units(row: Snapshot) -> Fraction:
    return Fraction(row.count.entitled_quantity) * row.units_per


def _value(case: Case, key: Key, lines: list[VendorLine], difference: Fraction) -> tuple[str, ...]:
    line, days = priced_line(lines), case.period.days
    if line is None:
        return (f"difference {plain(difference)}: no line has a unit cost above 0, so it is worth nothing",)
    charge = line.charge
    cost = Fraction(charge.unit_cost) * days / line.charge_days / line.units_per
    places = places_of(charge.currency)
    amount = money(rounded(difference * cost, charge.currency), places)
    return (
        (
            "cost of a unit: unit_cost × D / days of its charge period / units_per ="
            f" {plain(charge.unit_cost)} × {days} / {line.charge_days} / {plain(line.units_per)} ="
            f" {plain(cost)} {charge.currency} ({charge.record_id})"
        ),
        f"{plain(difference)} × {plain(cost)} = {plain(difference * cost)}",
        f"rounded half-up to {places} places: {amount} {charge.currency}",
    )


def _billed(lines: list[VendorLine], billed: Fraction, total: str) -> Part:
    rows = tuple(
        (
            line.charge.record_id,
            line.charge.vendor_customer_id,
            line.charge.sku_id,
            plain(line.charge.quantity),
            plain(line.units_per),
            plain(line.units),
            plain(line.charge.unit_cost),
            line.charge.currency,
            span(line.charge.charge_period_start, line.charge.charge_period_end),
        )
        for line in lines
    )
    columns = (
        "record",
        "customer",
        "SKU",
        "quantity",
        "units_per",
        "units",
        "unit_cost",
        "currency",
        "charge period",
    )
    return Part(
        "Recurring vendor lines that cover the last day", columns, rows, (f"{total}: {plain(billed)}",)
    )


def _counted(counts: list[Snapshot], entitled: Fraction) -> Part:
    rows = tuple(
        (
            row.count.record_id,
            row.count.vendor_customer_id,
            row.count.sku_id,
            str(row.count.as_of_date),
            plain(row.count.entitled_quantity),
            plain(row.units_per),
            plain(_units(row)),
            "yes" if row.is_last else "no",
        )
        for row in counts
    )
    columns = (
        "record",
        "customer",
        "SKU",
        "as of",
        "entitled",
        "units_per",
        "units",
        "last date of the customer",
    )
    total = f"on each customer's last snapshot date in P: {plain(entitled)}"
    return Part("Seat counts of the key in P", columns, rows, (total,))

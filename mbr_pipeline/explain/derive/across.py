"""Codes that compare what one source bills with what another counts (contract §5.3, across sources).

What belongs here: words over what the engine compares. What does not: comparing (``recompute``), and a
source's bill against its own counts (``counted``).
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits
from mbr_pipeline.explain.derive.quantities import mapping, span
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.across import counted_elsewhere
from mbr_pipeline.recompute.findings.unit_cost import UnitCost
from mbr_pipeline.recompute.money import places_of, rounded
from mbr_pipeline.recompute.reconcile import seats
from mbr_pipeline.recompute.vendor import Snapshot, VendorLine

_WHEN = {
    "VENDOR_QUANTITY_OVER": "billed on P's last day by sources that do not count it > counted by one other",
    "VENDOR_QUANTITY_UNDER": "billed on P's last day by sources that do not count it < counted by one other",
}
_NOTHING = "no bill that covers the last day is counted by exactly one other source"
_LAND = "land them and run again"


def across(finding: Finding, case: Case) -> Derivation:
    """Show the difference between what is billed and what another source counts, in units of the product."""
    compared = counted_elsewhere(case.book, case.key(finding))
    if compared is None:
        about = f"{finding.client_id} {finding.product_code}"
        return concluded(None, None, (Part("Nothing to compare", lines=(f"{about}: {_NOTHING}",)),), _LAND)
    billed, entitled = compared.billed, compared.entitled
    parts = (
        mapping(case, [*compared.lines, *compared.counts]),
        _billed(compared.lines, billed, f"billed on {case.period.last_day}"),
        _counted(compared.counts, entitled),
        Part("Value", lines=_value(case, compared.unit_cost, abs(billed - entitled))),
        first_that_fits(compared.conditions(), _WHEN, f"billed {plain(billed)}, counted {plain(entitled)}"),
    )
    found = case.found(finding, list(_WHEN))
    clears = f"bills and counts that agree on {plain(entitled)} or {plain(billed)}: {_LAND}"
    return concluded(found, compared.unit_cost.currency, parts, clears)


def _value(case: Case, unit: UnitCost, difference: Fraction) -> tuple[str, ...]:
    line, days, cost = unit.line, case.period.days, unit.value
    if line is None:
        return (f"difference {plain(difference)}: no line has a unit cost above 0, so it is worth nothing",)
    charge = line.charge
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
            plain(seats(row, "entitled")),
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

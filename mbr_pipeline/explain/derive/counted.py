"""Codes that compare a vendor's bill with its own licence count, and seats with their use
(contract §5.3, vendor side). A bill against another source's counts is ``across``.
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits, the_one
from mbr_pipeline.explain.derive.across import across
from mbr_pipeline.explain.derive.quantities import span
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.counts import CountedSku, counted_skus, units_of, unused_cost
from mbr_pipeline.recompute.findings.unit_cost import UnitCost
from mbr_pipeline.recompute.money import places_of, rounded

_WHEN = {
    "VENDOR_QUANTITY_OVER": "counted and billed in P, billed on P's last day > entitled",
    "VENDOR_QUANTITY_UNDER": "counted and billed in P, billed on P's last day < entitled",
    "UNUSED_LICENSES": "entitled > assigned on the last snapshot date",
}


def counted(finding: Finding, case: Case) -> Derivation:
    """Show a difference between bill, entitled and assigned quantity of one customer's SKU, or of a key."""
    if finding.vendor_customer_id is None:
        return across(finding, case)
    about = (finding.source, finding.vendor_customer_id, finding.sku_id)
    skus = counted_skus(case.book, case.workings.lines, case.workings.snapshots)
    sku = the_one((s for s in skus if s.group == about), f"seat count of SKU {finding.sku_id}")
    is_unused = finding.exception_code == "UNUSED_LICENSES"
    conditions = [c for c in sku.conditions() if (c.code == "UNUSED_LICENSES") is is_unused]
    entitled, billed = plain(sku.entitled), plain(sku.billed_quantity)
    assigned = _or_none(sku.assigned)
    difference = plain(sku.unused if is_unused else abs(sku.overbilled))
    terms = f"{entitled} − {assigned}" if is_unused else f"{billed} − {entitled}"
    found = case.found(finding, [condition.code for condition in conditions])
    unit = unused_cost(case.book, sku) if is_unused else sku.unit_cost
    why = _why(case, sku, unit)
    value = abs(sku.unused if is_unused else sku.overbilled) * unit.value
    cost, currency = plain(unit.value), unit.currency
    places = places_of(currency)
    amount = money(rounded(value, currency), places)
    steps = (
        f"difference: abs({terms}) = {difference}",
        f"unit cost {cost} {currency or '(no currency)'}: {why}",
        f"{difference} × {cost} = {plain(value)}",
        f"rounded half-up to {places} places: {amount} {currency or ''}".rstrip(),
    )
    figures = f"billed {billed}, entitled {entitled}, assigned {assigned}"
    parts = (
        _counts(sku),
        _billed(sku),
        Part("Value", lines=steps),
        first_that_fits(conditions, _WHEN, figures),
    )
    return concluded(found, currency, parts, _clears(is_unused, difference, entitled, finding.source or ""))


def _why(case: Case, sku: CountedSku, unit: UnitCost) -> str:
    period = case.period
    if unit.listed:
        return f"listed on {period.start} ({case.rule('cost_list', unit.listed.line)})"
    if unit.line is None:
        return f"neither listed nor billed at a cost above 0 on {period.last_day}: 0"
    charge = unit.line.charge
    terms = f"{plain(charge.unit_cost)} × {period.days} / {unit.line.charge_days}"
    if unit is sku.unit_cost:
        return f"unit_cost × D / days of its charge period = {terms} ({charge.record_id})"
    return (
        "units_per × unit_cost × D / days of its charge period / units_per of the key's line ="
        f" {plain(units_of(sku))} × {terms} / {plain(unit.line.units_per)} ({charge.record_id})"
    )


def _counts(sku: CountedSku) -> Part:
    rows = tuple(
        (
            row.count.record_id,
            str(row.count.as_of_date),
            plain(row.count.entitled_quantity),
            "" if row.count.assigned_quantity is None else plain(row.count.assigned_quantity),
            "yes" if row.is_last else "no",
        )
        for row in sku.counts
    )
    quantities = f"entitled {plain(sku.entitled)}, assigned {_or_none(sku.assigned)}"
    absent = "" if sku.last else " (the SKU is absent there: 0)"
    columns = ("record", "as of", "entitled", "assigned", "last date of the customer")
    last = f"on the customer's last snapshot date in P: {quantities}{absent}"
    return Part("Seat counts of the customer's SKU in P", columns, rows, (last,))


def _billed(sku: CountedSku) -> Part:
    rows = tuple(
        (
            line.charge.record_id,
            line.charge.invoice_id,
            line.charge.line_id,
            plain(line.charge.quantity),
            plain(line.charge.unit_cost),
            plain(line.charge.amount),
            line.charge.currency,
            span(line.charge.charge_period_start, line.charge.charge_period_end),
            "yes" if line.covers(sku.last_day) else "no",
        )
        for line in sku.billed
    )
    columns = (
        "record",
        "bill",
        "line",
        "quantity",
        "unit_cost",
        "amount",
        "currency",
        "charge period",
        "covers the last day",
    )
    total = f"billed on {sku.last_day}: {plain(sku.billed_quantity)}"
    return Part("Recurring vendor lines of it with days in P", columns, rows, (total,))


def _or_none(quantity: Fraction | None) -> str:
    return "unknown" if quantity is None else plain(quantity)


def _clears(is_unused: bool, difference: str, entitled: str, source: str) -> str:
    if is_unused:
        return f"assign the {difference} licences, or give them back at renewal, and land the next count"
    return f"a bill of {source} for {entitled} on the last day, or a corrected count: land it and run again"

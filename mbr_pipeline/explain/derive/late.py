"""LATE_CHARGE: days before P that a vendor bills only now, valued at the prices then
in force (contract §5).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits
from mbr_pipeline.explain.derive.quantities import agreement_lines, mapping, span
from mbr_pipeline.explain.derive.rules_of_key import rules
from mbr_pipeline.explain.derive.vendor_line import named_line
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.finding import Condition
from mbr_pipeline.recompute.findings.vendor import LateMonth, is_late, late_months
from mbr_pipeline.recompute.money import places_of, rounded
from mbr_pipeline.recompute.vendor import VendorLine

_WHEN = {"LATE_CHARGE": "recurring, landed in P, mapped, no duplicate, starts before P"}


def late(finding: Finding, case: Case) -> Derivation:
    """Show what the client was not billed for the days before P."""
    key, line = case.key(finding), named_line(finding, case)
    months = late_months(case.book, key, line)
    per_unit = sum((month.value for month in months), Fraction(0))
    value, places = per_unit * line.units, places_of(key.currency)
    starts = f"it starts {line.charge.charge_period_start}, P {case.period.start}"
    sums = (
        f"Σ price × late days / days of the month = {plain(per_unit)} {key.currency} a unit",
        (
            f"{plain(per_unit)} × {plain(line.charge.quantity)} × {plain(line.units_per)} (quantity ×"
            f" units_per) = {plain(value)}"
        ),
        (f"rounded half-up to {places} places: {money(rounded(value, key.currency), places)} {key.currency}"),
    )
    parts = (
        rules(case, key),
        mapping(case, [line]),
        _line(line),
        agreement_lines(key, case.period),
        _months(months),
        Part("Value of the late days", lines=sums),
        first_that_fits([Condition("LATE_CHARGE", is_late(case.book, line))], _WHEN, starts),
    )
    clears = "settle it with the client once; it stays with this month unless the vendor corrects the bill"
    return concluded(case.found(finding, ("LATE_CHARGE",)), key.currency, parts, clears)


def _months(months: Sequence[LateMonth]) -> Part:
    rows = tuple(
        (
            m.month.text,
            str(m.days),
            str(m.month.days),
            str(m.last_day),
            f"{m.price.agreement_line_id} ({m.price.record_id})" if m.price else "none",
            plain(m.price.unit_price) if m.price else "0",
            plain(m.value),
        )
        for m in months
    )
    columns = (
        "month",
        "late days",
        "its days",
        "last late day",
        "agreement line in force then",
        "price",
        "price × late days / its days",
    )
    return Part(
        "Months concerned", columns, rows, () if rows else ("no day before P: its charge period is empty",)
    )


def _line(line: VendorLine) -> Part:
    charge = line.charge
    columns = (
        "record",
        "bill",
        "line",
        "customer",
        "SKU",
        "quantity",
        "unit_cost",
        "amount",
        "currency",
        "charge period",
    )
    row = (
        charge.record_id,
        charge.invoice_id,
        charge.line_id,
        charge.vendor_customer_id,
        charge.sku_id,
        plain(charge.quantity),
        plain(charge.unit_cost),
        plain(charge.amount),
        charge.currency,
        span(charge.charge_period_start, charge.charge_period_end),
    )
    return Part("The vendor line", columns, (row,))

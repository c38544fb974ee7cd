"""Codes of the basis cost_plus: effective cost with its markup against what is invoiced (contract §4, §5)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits
from mbr_pipeline.explain.derive.quantities import mapping, span
from mbr_pipeline.explain.derive.rules_of_key import rules
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.client import volume_conditions
from mbr_pipeline.recompute.findings.finding import VOLUME_CODES
from mbr_pipeline.recompute.keys import Key, currencies, invoiced_in_period, overlap_of
from mbr_pipeline.recompute.money import places_of, rounded
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.vendor import VendorLine

_OF_UNITS = "the product is counted in units"
_WHEN = {
    **dict.fromkeys(VOLUME_CODES, _OF_UNITS),
    "CURRENCY_MISMATCH": "its lines, or its vendor lines, are in another currency",
    "COST_PLUS_UNDERBILLED": "basis cost_plus, variance > 0",
    "COST_PLUS_OVERBILLED": "basis cost_plus, variance < 0",
}


def cost_plus(finding: Finding, case: Case) -> Derivation:
    """Show the variance of a key that is billed at cost plus a markup."""
    key, period = case.key(finding), case.period
    places, markup = places_of(key.currency), plain(key.meter.markup_pct)
    charged, value = money(key.invoiced_amount(period), places), plain(key.volume_value)
    wanted = money(rounded(key.volume_value, key.currency), places)
    amount = money(key.volume_variance, places)
    known = {*currencies(key, period), *(line.charge.currency for line in key.vendor_lines)}
    figures = f"variance {amount}; currencies {', '.join(sorted(known)) or 'none'}"
    expected = (
        f"Σ effective cost = {plain(key.cost)}; markup_pct {markup}",
        f"{plain(key.cost)} × (1 + {markup} / 100) = {value}",
        f"rounded half-up to {places} places: {wanted} {key.currency}",
    )
    parts = (
        rules(case, key),
        mapping(case, key.vendor_lines),
        costs(key.vendor_lines),
        Part("Expected", lines=expected),
        invoiced_amounts(key, period),
        first_that_fits(volume_conditions(key, period), _WHEN, figures),
        Part(
            "Volume variance: expected amount − invoiced amounts",
            lines=(f"{wanted} − {charged} = {amount} {key.currency}",),
        ),
    )
    clears = f"invoice lines of this product that come to {wanted} {key.currency} in P, or another markup_pct"
    return concluded(case.found(finding, VOLUME_CODES), key.currency, parts, clears)


def costs(lines: Sequence[VendorLine], title: str = "Vendor lines that count in P") -> Part:
    """Show vendor lines with their effective cost and its sum by currency."""
    rows = tuple(
        (
            line.charge.record_id,
            line.charge.vendor_customer_id,
            line.charge.sku_id,
            line.charge.charge_category,
            plain(line.charge.quantity),
            plain(line.charge.amount),
            line.charge.currency,
            span(line.charge.charge_period_start, line.charge.charge_period_end),
            f"{line.counted_days} of {line.charge_days}" if line.charge_days else "on one day",
            plain(line.effective_cost),
        )
        for line in lines
    )
    columns = (
        "record",
        "customer",
        "SKU",
        "category",
        "quantity",
        "amount",
        "currency",
        "charge period",
        "days counted",
        "effective cost",
    )
    sums: dict[str, Fraction] = {}
    for line in lines:
        sums[line.charge.currency] = sums.get(line.charge.currency, Fraction(0)) + line.effective_cost
    told = tuple(f"Σ effective cost = {plain(sums[currency])} {currency}" for currency in sorted(sums))
    return Part(title, columns, rows, told or ("none: cost 0",))


def invoiced_amounts(key: Key, period: Period) -> Part:
    """Show what is invoiced in P: the amount, or the share of its days."""
    rows = tuple(
        (
            line.record_id,
            line.invoice_line_id,
            money(line.amount, places_of(line.currency)),
            line.currency,
            span(line.service_period_start, line.service_period_end),
            "all of it"
            if overlap_of(line, period) == line.days
            else f"{overlap_of(line, period)} of {line.days}",
            money(invoiced_in_period(line, period), places_of(line.currency)),
        )
        for line in key.invoice_lines
    )
    columns = ("record", "line", "amount", "currency", "service period", "days in P", "invoiced amount in P")
    amount = money(key.invoiced_amount(period), places_of(key.currency))
    total = f"Σ invoiced amounts in P = {amount} {key.currency}" if rows else "none: invoiced amount 0"
    return Part("Client invoice lines with days in P", columns, rows, (total,))

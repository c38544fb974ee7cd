"""Codes of single vendor lines: repeated, misadded, repriced (contract §5.3, vendor side)."""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits, the_one
from mbr_pipeline.explain.derive.quantities import span
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.client import tolerance
from mbr_pipeline.recompute.findings.finding import Condition
from mbr_pipeline.recompute.findings.finding import Finding as Found
from mbr_pipeline.recompute.findings.vendor import listed_price, overstatement
from mbr_pipeline.recompute.money import places_of, rounded
from mbr_pipeline.recompute.reading.records import VendorCharge
from mbr_pipeline.recompute.vendor import VendorLine

_WHEN = {
    "DUPLICATE_VENDOR_CHARGE": (
        "landed in P, equal to another line of the source in every detail, and that one comes first"
    ),
    "VENDOR_AMOUNT_MISMATCH": "recurring or one_time, abs(amount − quantity × unit_cost) > tolerance",
    "VENDOR_PRICE_CHANGE": (
        "recurring, charge period exactly P, unit_cost ≠ the price listed on P's first day"
    ),
}


def duplicate(finding: Finding, case: Case) -> Derivation:
    """Show the line and the one it repeats; the whole amount is at stake."""
    line = named_line(finding, case)
    charge, found = line.charge, case.found(finding, ("DUPLICATE_VENDOR_CHARGE",))
    first = line.repeats or charge
    rows = tuple(
        (name, mine, theirs) for (name, mine), (_, theirs) in zip(_told(charge), _told(first), strict=True)
    )
    places = places_of(charge.currency)
    steps = (
        "earlier is by landed period, bill and line; equal are all of the columns from vendor_customer_id on",
        (
            f"round(amount) = round({plain(charge.amount)}) to {places} places ="
            f" {_money(Fraction(charge.amount), charge.currency)} {charge.currency}"
        ),
    )
    title = "The vendor line and the one that comes first"
    parts = (
        Part(title, ("column", "this line", "the first"), rows, steps),
        _raised("DUPLICATE_VENDOR_CHARGE", found),
    )
    clears = (
        f"a credit or corrected bill of {charge.source} without the line, landed in place of this one, or"
        " proof of a second charge"
    )
    return concluded(found, charge.currency, parts, clears)


def amount_mismatch(finding: Finding, case: Case) -> Derivation:
    """Compare the amount with quantity × unit cost."""
    line = named_line(finding, case)
    charge, found = line.charge, case.found(finding, ("VENDOR_AMOUNT_MISMATCH",))
    over, places = overstatement(line), places_of(charge.currency)
    product = plain(Fraction(charge.amount) - over)
    allowed = money(tolerance(charge.currency, case.policies), places)
    steps = (
        f"quantity × unit_cost = {plain(charge.quantity)} × {plain(charge.unit_cost)} = {product}",
        f"amount − that = {plain(charge.amount)} − {product} = {plain(over)}",
        f"rounded half-up to {places} places: {_money(over, charge.currency)} {charge.currency}",
    )
    figures = f"{charge.charge_category}; difference {plain(over)}, tolerance {allowed}"
    parts = (_line(charge), Part("Amount", lines=steps), _raised("VENDOR_AMOUNT_MISMATCH", found, figures))
    clears = (
        f"a corrected bill of {charge.source} with amount {product} {charge.currency}, landed in place of"
        " this one"
    )
    return concluded(found, charge.currency, parts, clears)


def price_change(finding: Finding, case: Case) -> Derivation:
    """Compare the unit cost with the cost list."""
    line, period = named_line(finding, case), case.period
    charge, found = line.charge, case.found(finding, ("VENDOR_PRICE_CHANGE",))
    rule = listed_price(case.book, line)
    price = rule.unit_cost if rule else 0
    difference = Fraction(charge.unit_cost) - Fraction(price)
    value = Fraction(charge.quantity) * difference
    listed = f"{plain(price)} {charge.currency}" if rule else "nothing"
    steps = [
        f"unit_cost − listed = {plain(charge.unit_cost)} − {plain(price)} = {plain(difference)}",
        f"{plain(charge.quantity)} × {plain(difference)} = {plain(value)}",
        (
            f"rounded half-up to {places_of(charge.currency)} places: {_money(value, charge.currency)}"
            f" {charge.currency}"
        ),
    ]
    if rule:
        term = f"term {rule.scope[2]}" if rule.scope[2] else "any term"
        where = case.rule("cost_list", rule.line)
        steps.insert(0, f"listed on {period.start} for the SKU, {term}: {listed} ({where})")
    parts = (_line(charge), Part("Price", lines=tuple(steps)), _raised("VENDOR_PRICE_CHANGE", found))
    clears = (
        f"a corrected bill at {listed}, or {plain(charge.unit_cost)} {charge.currency} in cost_list.csv from"
        f" {period.start} on"
    )
    return concluded(found, charge.currency, parts, clears)


def named_line(finding: Finding, case: Case) -> VendorLine:
    """Return the vendor line that a finding names."""
    named = (finding.source, finding.invoice_id, finding.line_id)
    lines = (
        line
        for line in case.workings.lines
        if (line.charge.source, line.charge.invoice_id, line.charge.line_id) == named
    )
    return the_one(lines, f"vendor line {finding.line_id} of bill {finding.invoice_id}")


def _raised(code: str, found: Found | None, *figures: str) -> Part:
    return first_that_fits([Condition(code, found is not None)], _WHEN, *figures)


def _money(value: Fraction, currency: str) -> str:
    return money(rounded(value, currency), places_of(currency))


def _line(charge: VendorCharge) -> Part:
    return Part("The vendor line", ("column", "as landed"), _told(charge))


def _told(charge: VendorCharge) -> tuple[tuple[str, str], ...]:
    values = {
        "record": charge.record_id,
        "landed_period": charge.landed,
        "bill": charge.invoice_id,
        "line": charge.line_id,
        "vendor_customer_id": charge.vendor_customer_id,
        "sku_id": charge.sku_id,
        "subscription_id": charge.subscription_id or "",
        "charge_category": charge.charge_category,
        "charge_type": charge.charge_type or "",
        "term": charge.term or "",
        "quantity": plain(charge.quantity),
        "unit_cost": plain(charge.unit_cost),
        "amount": plain(charge.amount),
        "currency": charge.currency,
        "charge period": span(charge.charge_period_start, charge.charge_period_end),
    }
    return tuple(values.items())

"""Codes of single vendor lines: repeated, misadded, repriced (contract §5.3, vendor side)."""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.derivation import Derivation, Part, by_sign, first_that_fits, the_one
from mbr_pipeline.explain.derive.sides import span
from mbr_pipeline.explain.exact import half_up, money, plain
from mbr_pipeline.explain.in_period import LineInPeriod, listed_cost, place
from mbr_pipeline.explain.records import Facts, Finding, VendorLine


def duplicate(finding: Finding, facts: Facts) -> Derivation:
    """Show the line and the one it repeats; the whole amount is at stake."""
    placed = _named(finding, facts)
    line, places = placed.line, facts.period.places(placed.line.currency)
    amount = half_up(line.amount, places)
    first = placed.repeats
    when = "landed in P, equal to another line of the source in every detail, and that one comes first"
    code, why = first_that_fits(
        [("DUPLICATE_VENDOR_CHARGE", when, first is not None and placed.is_landed_here)]
    )
    rows = tuple(
        (name, mine, theirs)
        for (name, mine), (_, theirs) in zip(_told(line), _told(first or line), strict=True)
    )
    steps = (
        "earlier is by landed period, bill and line; equal are all of the columns from vendor_customer_id on",
        (
            f"round(amount) = round({plain(line.amount)}) to {places} places = {money(amount, places)}"
            f" {line.currency}"
        ),
    )
    return Derivation(
        code=code,
        currency=line.currency,
        places=places,
        impacts=by_sign(amount, "vendor_claim", "vendor_liability"),
        parts=(
            Part(
                "The vendor line and the one that comes first",
                ("column", "this line", "the first"),
                rows,
                steps,
            ),
            why,
        ),
        clears=(
            f"a credit or corrected bill of {line.source} without the line, landed in place of this one, or"
            " proof of a second charge"
        ),
    )


def amount_mismatch(finding: Finding, facts: Facts) -> Derivation:
    """Hold the amount against quantity × unit cost."""
    placed = _named(finding, facts)
    line, places = placed.line, facts.period.places(placed.line.currency)
    product = Fraction(line.quantity) * Fraction(line.unit_cost)
    over = Fraction(line.amount) - product
    tolerance = Fraction(facts.period.rounding_tolerance, 10**places)
    amount = half_up(over, places)
    applies = (
        line.charge_category in ("recurring", "one_time") and placed.is_landed_here and placed.repeats is None
    )
    when = "recurring or one_time, abs(amount − quantity × unit_cost) > tolerance"
    figures = f"{line.charge_category}; difference {plain(over)}, tolerance {money(tolerance, places)}"
    code, why = first_that_fits(
        [("VENDOR_AMOUNT_MISMATCH", when, applies and abs(over) > tolerance)], figures
    )
    steps = (
        f"quantity × unit_cost = {plain(line.quantity)} × {plain(line.unit_cost)} = {plain(product)}",
        f"amount − that = {plain(line.amount)} − {plain(product)} = {plain(over)}",
        f"rounded half-up to {places} places: {money(amount, places)} {line.currency}",
    )
    return Derivation(
        code=code,
        currency=line.currency,
        places=places,
        impacts=by_sign(amount, "vendor_claim", "vendor_liability"),
        parts=(_line(line), Part("Amount", lines=steps), why),
        clears=(
            f"a corrected bill of {line.source} with amount {plain(product)} {line.currency}, landed in place"
            " of this one"
        ),
    )


def price_change(finding: Finding, facts: Facts) -> Derivation:
    """Hold the unit cost against the cost list."""
    placed = _named(finding, facts)
    line, period = placed.line, facts.period
    places = period.places(line.currency)
    rule = listed_cost(facts.cost_rules, line.source, line.sku_id, line.term, line.currency, period.start)
    difference = Fraction(line.unit_cost) - Fraction(rule.unit_cost) if rule else Fraction(0)
    value = Fraction(line.quantity) * difference
    amount = half_up(value, places)
    is_whole = (line.charge_period_start, line.charge_period_end) == (period.start, period.end)
    applies = (
        line.charge_category == "recurring" and is_whole and placed.is_landed_here and placed.repeats is None
    )
    listed = f"{plain(rule.unit_cost)} {rule.currency}" if rule else "nothing"
    when = "recurring, charge period exactly P, unit_cost ≠ the price listed on P's first day"
    code, why = first_that_fits([("VENDOR_PRICE_CHANGE", when, applies and difference != 0)])
    steps = [
        (
            f"unit_cost − listed = {plain(line.unit_cost)} − {plain(rule.unit_cost) if rule else 0} ="
            f" {plain(difference)}"
        ),
        f"{plain(line.quantity)} × {plain(difference)} = {plain(value)}",
        f"rounded half-up to {places} places: {money(amount, places)} {line.currency}",
    ]
    if rule:
        term = f"term {rule.term}" if rule.term else "any term"
        steps.insert(
            0,
            f"listed on {period.start} for the SKU, {term}: {listed} ({period.rule('cost_list', rule.line)})",
        )
    return Derivation(
        code=code,
        currency=line.currency,
        places=places,
        impacts=by_sign(amount, "vendor_claim", "vendor_liability"),
        parts=(_line(line), Part("Price", lines=tuple(steps)), why),
        clears=(
            f"a corrected bill at {listed}, or {plain(line.unit_cost)} {line.currency} in cost_list.csv from"
            f" {period.start} on"
        ),
    )


def _named(finding: Finding, facts: Facts) -> LineInPeriod:
    named = (finding.source, finding.invoice_id, finding.line_id)
    lines = (p for p in place(facts) if (p.line.source, p.line.invoice_id, p.line.line_id) == named)
    return the_one(lines, f"vendor line {finding.line_id} of bill {finding.invoice_id}")


def _line(line: VendorLine) -> Part:
    return Part("The vendor line", ("column", "as landed"), _told(line))


def _told(line: VendorLine) -> tuple[tuple[str, str], ...]:
    values = {
        "record": line.record_id,
        "landed_period": line.landed_period,
        "bill": line.invoice_id,
        "line": line.line_id,
        "vendor_customer_id": line.vendor_customer_id,
        "sku_id": line.sku_id,
        "subscription_id": line.subscription_id or "",
        "charge_category": line.charge_category,
        "charge_type": line.charge_type or "",
        "term": line.term or "",
        "quantity": plain(line.quantity),
        "unit_cost": plain(line.unit_cost),
        "amount": plain(line.amount),
        "currency": line.currency,
        "charge period": span(line.charge_period_start, line.charge_period_end),
    }
    return tuple(values.items())

"""Codes that hold a vendor's bill against its own licence count, and seats against their use (contract §5.3,
vendor side).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.explain.derivation import Derivation, Part, by_sign, first_that_fits
from mbr_pipeline.explain.derive.sides import span
from mbr_pipeline.explain.exact import half_up, money, plain
from mbr_pipeline.explain.in_period import HeldCount, LineInPeriod, hold, listed_cost, place
from mbr_pipeline.explain.records import Facts, Finding, PeriodFacts


@dataclass(frozen=True)
class UnitCost:
    """What one licence costs for the month, why, and in which currency."""

    value: Fraction
    currency: str | None
    reason: str


def counted(finding: Finding, facts: Facts) -> Derivation:
    """Derive a difference between bill, entitled and assigned quantity of one customer's SKU."""
    period = facts.period
    about = (finding.source, finding.vendor_customer_id, finding.sku_id)
    held = [h for h in hold(facts) if (h.count.source, h.count.vendor_customer_id, h.count.sku_id) == about]
    billed = [
        p
        for p in place(facts)
        if (p.line.source, p.line.vendor_customer_id, p.line.sku_id) == about
        and p.line.charge_category == "recurring"
        and p.days
        and p.repeats is None
    ]
    last = [h.count for h in held if h.is_last]
    entitled = sum((Fraction(c.entitled_quantity) for c in last), Fraction(0))
    known = [Fraction(c.assigned_quantity) for c in last if c.assigned_quantity is not None]
    assigned = sum(known, Fraction(0)) if last and len(known) == len(last) else None
    quantity = sum((Fraction(p.line.quantity) for p in billed if p.covers_last_day), Fraction(0))
    unit = _unit_cost(finding, facts, billed)
    places = period.places(unit.currency)

    unused = finding.exception_code == "UNUSED_LICENSES"
    difference = entitled - (assigned or 0) if unused else abs(quantity - entitled)
    value = difference * unit.value
    amount = half_up(value, places)
    both = bool(billed) and bool(held)
    tests = [
        (
            "VENDOR_QUANTITY_OVER",
            "counted and billed in P, billed on P's last day > entitled",
            both and quantity > entitled,
        ),
        (
            "VENDOR_QUANTITY_UNDER",
            "counted and billed in P, billed on P's last day < entitled",
            both and quantity < entitled,
        ),
    ]
    if unused:
        is_unused = assigned is not None and entitled > assigned
        tests = [("UNUSED_LICENSES", "entitled > assigned on the last snapshot date", is_unused)]
    figures = f"billed {plain(quantity)}, entitled {plain(entitled)}, assigned {_or_none(assigned)}"
    code, why = first_that_fits(tests, figures)
    terms = (
        f"{plain(entitled)} − {_or_none(assigned)}" if unused else f"{plain(quantity)} − {plain(entitled)}"
    )
    steps = (
        f"difference: abs({terms}) = {plain(difference)}",
        f"unit cost {plain(unit.value)} {unit.currency or '(no currency)'}: {unit.reason}",
        f"{plain(difference)} × {plain(unit.value)} = {plain(value)}",
        f"rounded half-up to {places} places: {money(amount, places)} {unit.currency or ''}".rstrip(),
    )
    return Derivation(
        code=code,
        currency=unit.currency,
        places=places,
        impacts=_impacts(finding.exception_code, amount),
        parts=(
            _counts(held, entitled, assigned),
            _billed(billed, quantity, period),
            Part("Value", lines=steps),
            why,
        ),
        clears=_clears(finding.exception_code, plain(difference), plain(entitled), finding.source or ""),
    )


def _unit_cost(finding: Finding, facts: Facts, billed: list[LineInPeriod]) -> UnitCost:
    source, sku_id, period = finding.source or "", finding.sku_id or "", facts.period
    latest = max(
        billed,
        key=lambda p: (p.covers_last_day, p.line.charge_period_start, p.line.line_id, p.line.invoice_id),
        default=None,
    )
    listed = {
        r.currency
        for r in facts.cost_rules
        if listed_cost([r], source, sku_id, None, r.currency, period.start)
    }
    currency = latest.line.currency if latest else min(listed, default=None)
    rule = listed_cost(facts.cost_rules, source, sku_id, None, currency, period.start)
    if rule:
        return UnitCost(
            Fraction(rule.unit_cost),
            currency,
            f"listed on {period.start} ({period.rule('cost_list', rule.line)})",
        )
    if latest and latest.covers_last_day:
        line, days = latest.line, latest.charge_days
        reason = (
            f"unit_cost × D / days of its charge period = {plain(line.unit_cost)} × {period.days} / {days}"
            f" ({line.record_id})"
        )
        return UnitCost(Fraction(line.unit_cost) * period.days / days, currency, reason)
    return UnitCost(Fraction(0), currency, f"neither listed nor billed on {period.last_day}: 0")


def _impacts(code: str, amount: Decimal) -> dict[str, Decimal]:
    if code == "UNUSED_LICENSES":
        return {"stranded": amount} if amount > 0 else {}
    # a unit cost below zero turns the direction
    columns = ("vendor_claim", "vendor_liability")
    return by_sign(amount, *(columns if code == "VENDOR_QUANTITY_OVER" else columns[::-1]))


def _counts(held: list[HeldCount], entitled: Fraction, assigned: Fraction | None) -> Part:
    rows = tuple(
        (
            h.count.record_id,
            str(h.count.as_of_date),
            plain(h.count.entitled_quantity),
            "" if h.count.assigned_quantity is None else plain(h.count.assigned_quantity),
            "yes" if h.is_last else "no",
        )
        for h in held
    )
    last = (
        f"on the customer's last snapshot date in P: entitled {plain(entitled)}, assigned"
        f" {_or_none(assigned)}"
    )
    absent = "" if any(h.is_last for h in held) else " (the SKU is absent there: 0)"
    columns = ("record", "as of", "entitled", "assigned", "last date of the customer")
    return Part("Seat counts of the customer's SKU in P", columns, rows, (last + absent,))


def _billed(lines: list[LineInPeriod], quantity: Fraction, period: PeriodFacts) -> Part:
    rows = tuple(
        (
            p.line.record_id,
            p.line.invoice_id,
            p.line.line_id,
            plain(p.line.quantity),
            plain(p.line.unit_cost),
            plain(p.line.amount),
            p.line.currency,
            span(p.line.charge_period_start, p.line.charge_period_end),
            "yes" if p.covers_last_day else "no",
        )
        for p in lines
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
    return Part(
        "Recurring vendor lines of it with days in P",
        columns,
        rows,
        (f"billed on {period.last_day}: {plain(quantity)}",),
    )


def _or_none(quantity: Fraction | None) -> str:
    return "unknown" if quantity is None else plain(quantity)


def _clears(code: str, difference: str, entitled: str, source: str) -> str:
    if code == "UNUSED_LICENSES":
        return f"assign the {difference} licences, or give them back at renewal, and land the next count"
    return f"a bill of {source} for {entitled} on the last day, or a corrected count: land it and run again"

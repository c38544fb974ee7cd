"""Unit-days of the legs of a key: what is expected, what is invoiced, what is agreed, each with the records
it is the sum of (contract §4).

What belongs here: sums of quantity × days and the tables that show them. What their difference is worth is
``volume``'s part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mbr_pipeline.explain.client_product import Key
from mbr_pipeline.explain.derivation import Part
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.in_period import HeldCount, LineInPeriod
from mbr_pipeline.explain.records import PeriodFacts


@dataclass(frozen=True)
class Leg:
    """Unit-days in P and quantity on P's last day, with the parts that show how they come about."""

    unit_days: Fraction
    last_day: Fraction
    parts: tuple[Part, ...]


def expected(key: Key) -> Leg:
    """What the basis counts, then the minimum and the floor of zero."""
    counted = {"vendor_billed": _billed, "entitled": _seats, "assigned": _seats, "agreement": _agreed}[
        key.basis
    ](key)
    minimum = Fraction(key.facts.metering.minimum_quantity) if key.facts.metering else Fraction(0)
    lines = []
    unit_days, last_day = counted.unit_days, counted.last_day
    if unit_days <= 0:
        lines += [f"{plain(unit_days)} is below zero: it counts as 0"] if unit_days < 0 else []
        unit_days, last_day = Fraction(0), max(last_day, Fraction(0))
    else:
        least = minimum * key.period.days
        if least > unit_days:
            lines.append(
                f"minimum {plain(minimum)} × {key.period.days} days = {plain(least)} raises"
                f" {plain(unit_days)} to it"
            )
        unit_days, last_day = max(unit_days, least), max(last_day, minimum, Fraction(0))
    lines.append(
        f"U_exp = {plain(unit_days)} unit-days; expected quantity on {key.period.last_day}: {plain(last_day)}"
    )
    return Leg(unit_days, last_day, (*counted.parts, Part("Expected", lines=tuple(lines))))


def invoiced(key: Key) -> Leg:
    """What the client invoice lines charge."""
    unit_days = sum((Fraction(i.line.quantity) * i.days for i in key.invoiced), Fraction(0))
    last_day = sum((Fraction(i.line.quantity) for i in key.invoiced if i.covers_last_day), Fraction(0))
    rows = tuple(
        (
            i.line.record_id,
            i.line.invoice_line_id,
            plain(i.line.quantity),
            plain(i.line.unit_price),
            money(i.line.amount, key.period.places(i.line.currency)),
            i.line.currency,
            span(i.line.service_period_start, i.line.service_period_end),
            str(i.days),
            plain(Fraction(i.line.quantity) * i.days),
        )
        for i in key.invoiced
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
        f"U_inv = {plain(unit_days)} unit-days; invoiced quantity on {key.period.last_day}: {plain(last_day)}"
    )
    return Leg(unit_days, last_day, (Part("Client invoice lines with days in P", columns, rows, (total,)),))


def agreement_lines(key: Key) -> Part:
    """The key's agreement lines, with their days in P."""
    rows = tuple(
        (
            a.record_id,
            a.agreement_line_id,
            plain(a.quantity),
            plain(a.unit_price),
            a.currency,
            span(a.effective_start, a.effective_end),
            str(key.agreement_days(a)),
        )
        for a in key.in_force
    )
    columns = ("record", "line", "quantity", "unit_price", "currency", "in force", "days in P")
    return Part("Agreement lines of the key", columns, rows, () if rows else ("none",))


def mapping(period: PeriodFacts, placed: Iterable[LineInPeriod | HeldCount]) -> Part:
    """The rows of client_map and sku_map that the records were mapped by."""
    rows = set()
    for item in placed:
        if item.client:
            what = f"customer {item.client.vendor_customer_id} of {item.client.source}"
            rows.add((what, f"client {item.client.client_id}", period.rule("client_map", item.client.line)))
        if item.sku:
            term = f", term {item.sku.term}" if item.sku.term else ""
            product = f"product {item.sku.product_code}, units_per {plain(item.sku.units_per)}"
            rows.add(
                (
                    f"SKU {item.sku.sku_id} of {item.sku.source}{term}",
                    product,
                    period.rule("sku_map", item.sku.line),
                )
            )
    return Part("Mapped by", ("what", "is", "rule"), tuple(sorted(rows)))


def span(start: object, end: object) -> str:
    """Write a half-open interval."""
    return f"{start} to {end}" if end else f"{start}, open"


def _billed(key: Key) -> Leg:
    lines = key.recurring
    unit_days = sum((p.units * p.days for p in lines), Fraction(0))
    last_day = sum((p.units for p in lines if p.covers_last_day), Fraction(0))
    rows = tuple(
        (
            p.line.record_id,
            p.line.vendor_customer_id,
            p.line.sku_id,
            plain(p.line.quantity),
            plain(p.line.unit_cost),
            plain(p.line.amount),
            span(p.line.charge_period_start, p.line.charge_period_end),
            plain(p.units_per),
            str(p.days),
            plain(p.units * p.days),
        )
        for p in lines
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
    part = Part("Recurring vendor lines that count in P", columns, rows, _total(unit_days, lines))
    return Leg(unit_days, last_day, ((mapping(key.period, lines), part) if lines else (part,)))


def _seats(key: Key) -> Leg:
    used = key.counts
    quantities = [
        Fraction((h.count.assigned_quantity if key.basis == "assigned" else h.count.entitled_quantity) or 0)
        for h in used
    ]
    units = [quantity * held.units_per for quantity, held in zip(quantities, used, strict=True)]
    unit_days = sum((u * held.days for u, held in zip(units, used, strict=True)), Fraction(0))
    last_day = sum((u for u, held in zip(units, used, strict=True) if held.is_last), Fraction(0))
    rows = tuple(
        (
            h.count.record_id,
            h.count.vendor_customer_id,
            h.count.sku_id,
            str(h.count.as_of_date),
            plain(h.count.entitled_quantity),
            "" if h.count.assigned_quantity is None else plain(h.count.assigned_quantity),
            span(h.held_from, h.held_to),
            plain(h.units_per),
            str(h.days),
            plain(u * h.days),
        )
        for h, u in zip(used, units, strict=True)
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
    part = Part("Seat counts dated in P", columns, rows, (note, *_total(unit_days, used)))
    return Leg(unit_days, last_day, ((mapping(key.period, used), part) if used else (part,)))


def _agreed(key: Key) -> Leg:
    unit_days = sum((Fraction(a.quantity) * key.agreement_days(a) for a in key.in_force), Fraction(0))
    last = key.period.last_day
    on_last_day = [
        a
        for a in key.active
        if a.effective_start <= last and (a.effective_end is None or last < a.effective_end)
    ]
    terms = " + ".join(f"{plain(a.quantity)} × {key.agreement_days(a)} days" for a in key.active)
    line = f"Σ quantity × days in P = {terms or 'nothing'} = {plain(unit_days)} unit-days"
    return Leg(
        unit_days,
        sum((Fraction(a.quantity) for a in on_last_day), Fraction(0)),
        (Part("Agreed", lines=(line,)),),
    )


def _total(unit_days: Fraction, rows: Sequence[object]) -> tuple[str, ...]:
    return (f"Σ = {plain(unit_days)} unit-days" if rows else "none: 0 unit-days",)

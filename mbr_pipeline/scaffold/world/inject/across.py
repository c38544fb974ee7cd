"""Faults between what one source bills and another counts (contract §5.3, the quantity codes across sources).

What belongs here: a key billed by a distributor and counted by the maker, who do not know each other's
customers and SKUs. What does not: a vendor's bill against its own counts (``vendor``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.scaffold.world.arithmetic import day_of, last_day, round_places
from mbr_pipeline.scaffold.world.inject.site import InjectionSite, Subject
from mbr_pipeline.scaffold.world.model import Size, Value
from mbr_pipeline.scaffold.world.parties import map_row

CLAIM, LIABILITY = "vendor_claim", "vendor_liability"


def _counted(site: InjectionSite, subject: Subject, units_per: Value = None) -> Subject:
    """The subject as the counting source knows it."""
    other = replace(
        subject, source="huntress", customer_id=f"{subject.customer_id}-c", sku_id=f"{subject.sku_id}-c"
    )
    site.book.rules["client_map"].append(map_row(other.source, other.customer_id, other.client_id))
    row: dict[str, Value] = {"source": other.source, "sku_id": other.sku_id}
    site.book.rules["sku_map"].append({**row, "product_code": other.product_code, "units_per": units_per})
    return other


def _answer(site: InjectionSite, code: str, subject: Subject, impact: tuple[str, Decimal] | None) -> None:
    site.key_answer(code, subject, impact, source=subject.source)


def quantity_over(site: InjectionSite, size: Size) -> None:
    """More billed than counted: one seat, seats of a part of the month, or packs that are counted no more."""
    if size == "minor":
        subject = site.healthy()
        site.snapshot(_counted(site, subject), day_of(site.period, 5), subject.quantity - 1)
        impact = subject.cost
    elif size == "typical":
        subject, day = site.subject(), day_of(site.period, site.rng.randint(8, 22))
        part = _added(site, subject, 3, day)
        counted = _counted(site, subject)
        site.snapshot(counted, site.first, subject.quantity + 3)
        site.snapshot(counted, last_day(site.period), subject.quantity)
        impact = site.money(3 * Fraction(part) * site.days / (site.end - day).days)
    else:
        subject = _packs_no_longer_counted(site)
        impact = subject.cost * subject.quantity
    _answer(site, "VENDOR_QUANTITY_OVER", subject, (CLAIM, impact))


def _added(site: InjectionSite, subject: Subject, quantity: int, day: date, free: bool = False) -> Decimal:
    """Bill and invoice the subject, and more of it from a day on; the unit cost of those is returned."""
    days = (site.end - day).days
    unit_cost = Decimal(0) if free else round_places(Fraction(subject.cost) * days / site.days, 10)
    site.vendor(subject)
    site.vendor(subject, quantity, day, charge_type="add", unit_cost=unit_cost)
    site.agreement(subject, quantity=Decimal(subject.quantity + quantity))
    site.invoice(subject)
    amount = site.money(Fraction(subject.price) * quantity * days / site.days)
    site.invoice(subject, quantity, service_period_start=day, amount=amount)
    return unit_cost


def _packs_no_longer_counted(site: InjectionSite) -> Subject:
    subject = site.subject()
    site.book.rules["sku_map"][-1]["units_per"] = Decimal(5)
    seats = subject.quantity * 5
    site.vendor(subject)
    site.agreement(subject, quantity=Decimal(seats))
    site.invoice(subject, seats)
    counted, day = _counted(site, subject), day_of(site.period, 6)
    own = site.subject(counted.source, client_id=subject.client_id)
    other = replace(own, customer_id=counted.customer_id)
    site.vendor(other)
    site.agreement(other)
    site.invoice(other)
    site.snapshot(counted, day, seats)
    for date_of_count in (day, last_day(site.period)):
        site.snapshot(other, date_of_count, other.quantity)
    return subject


def quantity_under(site: InjectionSite, size: Size) -> None:
    """More counted than billed: one seat, some beside a free line that says nothing about the cost, or seats
    that nobody has a cost of.
    """
    if size == "minor":
        subject = site.healthy()
        site.snapshot(_counted(site, subject), day_of(site.period, 5), subject.quantity + 1)
        _answer(site, "VENDOR_QUANTITY_UNDER", subject, (LIABILITY, subject.cost))
    elif size == "typical":
        subject = site.subject()
        _added(site, subject, 2, day_of(site.period, 11), free=True)
        site.snapshot(_counted(site, subject), last_day(site.period), subject.quantity + 6)
        _answer(site, "VENDOR_QUANTITY_UNDER", subject, (LIABILITY, subject.cost * 4))
    else:
        subject = site.subject()
        site.vendor(subject, unit_cost=Decimal(0))
        site.agreement(subject)
        site.invoice(subject)
        site.snapshot(_counted(site, subject), day_of(site.period, 5), subject.quantity * 3)
        _answer(site, "VENDOR_QUANTITY_UNDER", subject, None)


def unused(site: InjectionSite, size: Size) -> None:
    """Seats that one source counts as idle and another bills: as many as it counts, or two for each."""
    subject = site.subject()
    idle = {"minor": 1, "typical": 5, "gross": subject.quantity}[size]
    each = 2 if size == "typical" else 1
    billed = replace(subject, quantity=subject.quantity * each)
    site.vendor(billed)
    site.agreement(billed)
    site.invoice(billed)
    counted = _counted(site, subject, Decimal(each))
    site.snapshot(counted, site.first, subject.quantity, subject.quantity)
    site.snapshot(counted, day_of(site.period, 21), subject.quantity, subject.quantity - idle)
    site.key_answer(
        "UNUSED_LICENSES",
        subject,
        ("stranded", subject.cost * idle * each),
        source=counted.source,
        vendor_customer_id=counted.customer_id,
        sku_id=counted.sku_id,
    )

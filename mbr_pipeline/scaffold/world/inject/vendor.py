"""Vendor-side faults (contract §5.3): wrong, late, doubled, unknown or unused on the vendor's bill.

The client side of the key stays correct wherever the contract allows it, so that the vendor finding is the
only one. Invoice totals are tied out afterwards, so a changed line never breaks a control total by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.scaffold.world.arithmetic import (
    add_months,
    day_of,
    days_in,
    last_day,
    minor_unit,
    next_period,
    period_start,
    round_money,
    round_places,
)
from mbr_pipeline.scaffold.world.inject import across, mapping
from mbr_pipeline.scaffold.world.inject.site import InjectionSite, Subject, by_sign
from mbr_pipeline.scaffold.world.model import Size

CLAIM, LIABILITY = "vendor_claim", "vendor_liability"


def duplicate(site: InjectionSite, size: Size) -> None:
    """A line billed twice on one invoice; a refund given twice on two; a prepaid year billed again
    in a later period.
    """
    if size == "gross":
        _duplicate_year(site)
        return
    if size == "minor":
        subject = site.healthy()
        line, amount = site.vendor(subject)
    else:
        subject = site.subject()
        site.vendor(subject, subject.quantity + 5)
        site.vendor(subject, -5, charge_type="refund")
        line, amount = site.vendor(subject, -5, charge_type="refund", batch="/Z")
        site.agreement(subject)
        site.invoice(subject)
    site.line_answer("DUPLICATE_VENDOR_CHARGE", subject, line, by_sign(site.money(amount), CLAIM, LIABILITY))


def _duplicate_year(site: InjectionSite) -> None:
    subject = site.subject()
    earliest = site.workspace.periods[0]
    start = period_start(earliest)
    end = add_months(start, 12)
    yearly = subject.cost * 11
    site.vendor(subject, None, start, end, period=earliest, unit_cost=yearly)
    line, amount = site.vendor(subject, None, start, end, batch="/Z", unit_cost=yearly)
    for period in site.workspace.periods:
        site.agreement(subject, period)
    paid = subject.price * 12 * subject.quantity
    site.invoice(
        subject, None, earliest, service_period_start=start, service_period_end=end, amount=site.money(paid)
    )
    site.line_answer("DUPLICATE_VENDOR_CHARGE", subject, line, (CLAIM, amount))


def late(site: InjectionSite, size: Size) -> None:
    """Recurring days before the period: of last month only, reaching into the period, or of two
    months at two prices.
    """
    last = next_period(site.period, -1)
    if size == "gross":
        _late_two_months(site)
        return
    number = site.rng.randint(8, 25)
    late_days = days_in(last) - number + 1
    if size == "minor":
        subject, quantity = site.healthy(), 1
        line, _ = site.vendor(subject, quantity, day_of(last, number), site.first, charge_type="catch-up")
    else:
        subject = site.subject()
        quantity = subject.quantity
        line, _ = site.vendor(subject, quantity, day_of(last, number), site.end, charge_type="catch-up")
        site.agreement(subject)
        site.invoice(subject)
    impact = site.money(Fraction(subject.price) * quantity * late_days / days_in(last))
    site.line_answer("LATE_CHARGE", subject, line, ("client_recoverable", impact))


def _late_two_months(site: InjectionSite) -> None:
    subject = site.subject()
    last, before = next_period(site.period, -1), next_period(site.period, -2)
    number = site.rng.randint(3, 20)
    line, _ = site.vendor(subject, None, day_of(before, number), site.first, charge_type="catch-up")
    site.vendor(subject)
    earlier_price = subject.price * 2
    site.agreement(subject, suffix="-old", unit_price=earlier_price, effective_end=period_start(last))
    site.agreement(subject, suffix="-new", effective_start=period_start(last))
    site.invoice(subject)
    share = Fraction(days_in(before) - number + 1, days_in(before))
    impact = site.money((Fraction(earlier_price) * share + Fraction(subject.price)) * subject.quantity)
    site.line_answer("LATE_CHARGE", subject, line, ("client_recoverable", impact))


def amount_mismatch(site: InjectionSite, size: Size) -> None:
    """The vendor's amount is not its quantity times its unit cost: a little more, less, or a
    one-time fee far off.
    """
    if size == "gross":
        subject = site.healthy()
        line, _ = site.vendor(
            subject, 2, charge_category="one_time", charge_type="setup", amount=subject.cost * 7
        )
        off = subject.cost * 5
    else:
        subject = site.subject()
        off = minor_unit(site.currency) * (2 if size == "minor" else -50)
        line, _ = site.vendor(subject, amount=site.money(subject.cost * subject.quantity) + off)
        site.agreement(subject)
        site.invoice(subject)
    site.line_answer("VENDOR_AMOUNT_MISMATCH", subject, line, by_sign(off, CLAIM, LIABILITY))


def price_change(site: InjectionSite, size: Size) -> None:
    """A unit cost other than agreed; when gross, the blank-term price agrees and only the
    exact term's does not.
    """
    subject = site.subject()
    charged = {
        "minor": subject.cost + minor_unit(site.currency),
        "typical": round_money(Fraction(subject.cost) * 9 / 10, subject.currency),
        "gross": round_money(Fraction(subject.cost) * 5 / 2, subject.currency),
    }[size]
    term = "P1Y" if size == "gross" else None
    if term:
        site.cost_list(subject, charged)
    site.cost_list(subject, subject.cost, term)
    line, _ = site.vendor(subject, unit_cost=charged, term=term)
    site.agreement(subject)
    site.invoice(subject)
    difference = site.money((charged - subject.cost) * subject.quantity)
    site.line_answer("VENDOR_PRICE_CHANGE", subject, line, by_sign(difference, CLAIM, LIABILITY))


def _quantity_answer(site: InjectionSite, code: str, subject: Subject, column: str, impact: Decimal) -> None:
    site.key_answer(
        code,
        subject,
        (column, impact),
        source=subject.source,
        vendor_customer_id=subject.customer_id,
        sku_id=subject.sku_id,
    )


def quantity_over(site: InjectionSite, size: Size) -> None:
    """More billed than provisioned at the end: by a part-month line, by an added one, or by all of
    it, no longer counted. In every other site another source counts.
    """
    if site.is_other:
        across.quantity_over(site, size)
        return
    subject = site.subject()
    day = day_of(site.period, site.rng.randint(8, 22))
    days = (site.end - day).days
    if size == "minor":
        cost = round_places(Fraction(subject.cost) * days / site.days, 10)
        site.vendor(subject, None, day, unit_cost=cost, charge_type="new")
        site.agreement(subject, effective_start=day)
        _invoice_part(site, subject, subject.quantity, day)
        site.snapshot(subject, day, subject.quantity - 1)
        impact = site.money(Fraction(cost) * site.days / days)
    elif size == "typical":
        site.cost_list(subject, subject.cost)
        site.vendor(subject)
        site.vendor(subject, 3, day, charge_type="add")
        site.agreement(subject, quantity=Decimal(subject.quantity + 3))
        site.invoice(subject)
        _invoice_part(site, subject, 3, day)
        site.snapshot(subject, site.first, subject.quantity + 3)
        site.snapshot(subject, last_day(site.period), subject.quantity)
        impact = site.money(subject.cost * 3)
    else:
        _healthy_lines(site, subject)
        other = replace(site.subject(client_id=subject.client_id), customer_id=subject.customer_id)
        _healthy_lines(site, other)
        site.snapshot(subject, day, subject.quantity)
        site.snapshot(other, day, other.quantity)
        site.snapshot(other, last_day(site.period), other.quantity)
        impact = site.money(subject.cost * subject.quantity)
    _quantity_answer(site, "VENDOR_QUANTITY_OVER", subject, CLAIM, impact)


def _invoice_part(site: InjectionSite, subject: Subject, quantity: int, day: date) -> None:
    amount = site.money(Fraction(subject.price) * quantity * (site.end - day).days / site.days)
    site.invoice(subject, quantity, service_period_start=day, amount=amount)


def _healthy_lines(site: InjectionSite, subject: Subject) -> None:
    site.vendor(subject)
    site.agreement(subject)
    site.invoice(subject)


def quantity_under(site: InjectionSite, size: Size) -> None:
    """More provisioned at the end than billed; an earlier snapshot may still agree, and a free line say
    nothing about the cost. In every other site another source counts.
    """
    if site.is_other:
        across.quantity_under(site, size)
        return
    subject = site.healthy()
    if size == "gross":
        site.vendor(subject, 0, day_of(site.period, 9), charge_type="trial", unit_cost=Decimal(0))
    more = {"minor": 1, "typical": 4, "gross": subject.quantity * 3}[size]
    held = subject.quantity + more
    site.snapshot(subject, day_of(site.period, 4), subject.quantity if size == "typical" else held)
    site.snapshot(subject, day_of(site.period, 25), held, held if size == "gross" else None)
    _quantity_answer(site, "VENDOR_QUANTITY_UNDER", subject, LIABILITY, site.money(subject.cost * more))


def unused(site: InjectionSite, size: Size) -> None:
    """Seats paid and not assigned at the last snapshot; when gross, none is assigned any more. In every other
    site another source bills them.
    """
    if site.is_other:
        across.unused(site, size)
        return
    subject = site.healthy()
    idle = {"minor": 1, "typical": 5, "gross": subject.quantity}[size]
    if size == "typical":
        site.cost_list(subject, subject.cost)
    site.snapshot(subject, site.first, subject.quantity, subject.quantity)
    site.snapshot(subject, day_of(site.period, 21), subject.quantity, subject.quantity - idle)
    _quantity_answer(site, "UNUSED_LICENSES", subject, "stranded", site.money(subject.cost * idle))


VENDOR_CODES: dict[str, Callable[[InjectionSite, Size], None]] = {
    "DUPLICATE_VENDOR_CHARGE": duplicate,
    "UNMAPPED_CUSTOMER": mapping.unmapped_customer,
    "UNMAPPED_SKU": mapping.unmapped_sku,
    "UNMAPPED_PRODUCT": mapping.unmapped_product,
    "USAGE_NOT_METERED": mapping.usage_not_metered,
    "LATE_CHARGE": late,
    "VENDOR_AMOUNT_MISMATCH": amount_mismatch,
    "VENDOR_PRICE_CHANGE": price_change,
    "VENDOR_QUANTITY_OVER": quantity_over,
    "VENDOR_QUANTITY_UNDER": quantity_under,
    "UNUSED_LICENSES": unused,
}
"""Vendor-side injections by code."""

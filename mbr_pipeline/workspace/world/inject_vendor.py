"""Vendor-side faults (contract §5, second table): wrong, late, doubled, unknown or unused on the vendor's bill.

The victim's client side stays healthy wherever the contract lets it, so the vendor finding is the only one. Invoice totals are
tied out afterwards, so a changed line never breaks a control total by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .arithmetic import (
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
from .model import Size
from .scene import Scene, Victim, by_sign

CLAIM, LIABILITY, AT_COST = "vendor_claim", "vendor_liability", "priced_at_cost"


def duplicate(scene: Scene, size: Size) -> None:
    """A line billed twice on one invoice; a refund given twice on two; a prepaid year billed again in a later period."""
    if size == "gross":
        _duplicate_year(scene)
        return
    if size == "minor":
        victim = scene.healthy()
        line, amount = scene.vendor(victim)
    else:
        victim = scene.victim()
        scene.vendor(victim, victim.quantity + 5)
        scene.vendor(victim, -5, charge_type="refund")
        line, amount = scene.vendor(victim, -5, charge_type="refund", batch="/Z")
        scene.agreement(victim)
        scene.invoice(victim)
    scene.line_answer("DUPLICATE_VENDOR_CHARGE", victim, line, by_sign(scene.money(amount), CLAIM, LIABILITY))


def _duplicate_year(scene: Scene) -> None:
    victim = scene.victim()
    earliest = scene.workspace.periods[0]
    start = period_start(earliest)
    end = add_months(start, 12)
    yearly = victim.cost * 11
    scene.vendor(victim, None, start, end, period=earliest, unit_cost=yearly)
    line, amount = scene.vendor(victim, None, start, end, batch="/Z", unit_cost=yearly)
    for period in scene.workspace.periods:
        scene.agreement(victim, period)
    paid = victim.price * 12 * victim.quantity
    scene.invoice(
        victim, None, earliest, service_period_start=start, service_period_end=end, amount=scene.money(paid)
    )  # fmt: skip
    scene.line_answer("DUPLICATE_VENDOR_CHARGE", victim, line, (CLAIM, amount))


def _usage(scene: Scene, victim: Victim, share: Fraction, number: int = 0) -> Decimal:
    """Land a usage line of eleven decimals that costs a share of the victim's month, in arrears; return its amount."""
    amount = round_places(Fraction(victim.cost) * victim.quantity * share * Fraction(1234567, 1234568), 11)
    last = next_period(scene.period, -1)
    scene.vendor(
        victim, 1, day_of(last, 10 + number), day_of(last, 20), charge_category="usage", charge_type="Usage", amount=amount
    )  # fmt: skip
    return amount


def unmapped_customer(scene: Scene, size: Size) -> None:
    """Charges for a customer that no rule maps: one line, also usage, also several lines and a snapshot."""
    known = scene.healthy()
    ghost = replace(known, customer_id=f"ghost-{scene.index}")
    _, total = scene.vendor(ghost, 2)
    if size != "minor":
        total += _usage(scene, ghost, Fraction(1, 3))
    if size == "gross":
        total += scene.vendor(ghost, 90, charge_type="new")[1]
        scene.snapshot(ghost, day_of(scene.period, 7), 92)
    scene.answer(
        "UNMAPPED_CUSTOMER", (AT_COST, scene.money(total)), source=ghost.source, vendor_customer_id=ghost.customer_id
    )


def unmapped_sku(scene: Scene, size: Size) -> None:
    """Charges of a SKU that no rule maps, for a mapped customer."""
    known = scene.healthy()
    strange = replace(known, sku_id=f"strange-{scene.index}")
    _, total = scene.vendor(strange, 1 if size == "minor" else 12)
    if size != "minor":
        total += _usage(scene, strange, Fraction(1, 7))
    if size == "gross":
        total += scene.vendor(strange, 70, charge_type="new")[1]
        scene.snapshot(strange, day_of(scene.period, 7), 82, 82)
    scene.answer("UNMAPPED_SKU", (AT_COST, scene.money(total)), source=strange.source, sku_id=strange.sku_id)


def usage_not_metered(scene: Scene, size: Size) -> None:
    """Usage lines on a product that is billed by seats; the larger, the more of them."""
    victim = scene.healthy()
    shares = {"minor": (Fraction(1, 50),), "typical": (Fraction(1, 3), Fraction(1, 7)), "gross": (Fraction(3, 2),)}[
        size
    ]
    total = sum((_usage(scene, victim, share, number) for number, share in enumerate(shares)), Decimal(0))
    scene.key_answer("USAGE_NOT_METERED", victim, (AT_COST, scene.money(total)))


def late(scene: Scene, size: Size) -> None:
    """Recurring days before the period: of last month only, reaching into the period, or of two months at two prices."""
    last = next_period(scene.period, -1)
    if size == "gross":
        _late_two_months(scene)
        return
    number = scene.rng.randint(8, 25)
    late_days = days_in(last) - number + 1
    if size == "minor":
        victim, quantity = scene.healthy(), 1
        line, _ = scene.vendor(victim, quantity, day_of(last, number), scene.first, charge_type="catch-up")
    else:
        victim = scene.victim()
        quantity = victim.quantity
        line, _ = scene.vendor(victim, quantity, day_of(last, number), scene.end, charge_type="catch-up")
        scene.agreement(victim)
        scene.invoice(victim)
    impact = scene.money(Fraction(victim.price) * quantity * late_days / days_in(last))
    scene.line_answer("LATE_CHARGE", victim, line, ("client_recoverable", impact))


def _late_two_months(scene: Scene) -> None:
    victim = scene.victim()
    last, before = next_period(scene.period, -1), next_period(scene.period, -2)
    number = scene.rng.randint(3, 20)
    line, _ = scene.vendor(victim, None, day_of(before, number), scene.first, charge_type="catch-up")
    scene.vendor(victim)
    earlier_price = victim.price * 2
    scene.agreement(victim, suffix="-old", unit_price=earlier_price, effective_end=period_start(last))
    scene.agreement(victim, suffix="-new", effective_start=period_start(last))
    scene.invoice(victim)
    share = Fraction(days_in(before) - number + 1, days_in(before))
    impact = scene.money((Fraction(earlier_price) * share + Fraction(victim.price)) * victim.quantity)
    scene.line_answer("LATE_CHARGE", victim, line, ("client_recoverable", impact))


def amount_mismatch(scene: Scene, size: Size) -> None:
    """The vendor's amount is not its quantity times its unit cost: a little more, less, or a one-time fee far off."""
    if size == "gross":
        victim = scene.healthy()
        line, _ = scene.vendor(
            victim, 2, charge_category="one_time", charge_type="setup", amount=victim.cost * 7
        )  # fmt: skip
        off = victim.cost * 5
    else:
        victim = scene.victim()
        off = minor_unit(scene.currency) * (2 if size == "minor" else -50)
        line, _ = scene.vendor(victim, amount=scene.money(victim.cost * victim.quantity) + off)
        scene.agreement(victim)
        scene.invoice(victim)
    scene.line_answer("VENDOR_AMOUNT_MISMATCH", victim, line, by_sign(off, CLAIM, LIABILITY))


def price_change(scene: Scene, size: Size) -> None:
    """A unit cost other than agreed; when gross, the blank-term price agrees and only the exact term's does not."""
    victim = scene.victim()
    charged = {
        "minor": victim.cost + minor_unit(scene.currency),
        "typical": round_money(Fraction(victim.cost) * 9 / 10, victim.currency),
        "gross": round_money(Fraction(victim.cost) * 5 / 2, victim.currency),
    }[size]
    term = "P1Y" if size == "gross" else None
    if term:
        scene.cost_list(victim, charged)
    scene.cost_list(victim, victim.cost, term)
    line, _ = scene.vendor(victim, unit_cost=charged, term=term)
    scene.agreement(victim)
    scene.invoice(victim)
    difference = scene.money((charged - victim.cost) * victim.quantity)
    scene.line_answer("VENDOR_PRICE_CHANGE", victim, line, by_sign(difference, CLAIM, LIABILITY))


def _quantity_answer(scene: Scene, code: str, victim: Victim, column: str, impact: Decimal) -> None:
    scene.key_answer(
        code,
        victim,
        (column, impact),
        source=victim.source,
        vendor_customer_id=victim.customer_id,
        sku_id=victim.sku_id,
    )


def quantity_over(scene: Scene, size: Size) -> None:
    """More billed than provisioned at the end: by a part-month line, by an added one, or by all of it, no longer counted."""
    victim = scene.victim()
    day = day_of(scene.period, scene.rng.randint(8, 22))
    days = (scene.end - day).days
    if size == "minor":
        cost = round_places(Fraction(victim.cost) * days / scene.days, 10)
        scene.vendor(victim, None, day, unit_cost=cost, charge_type="new")
        scene.agreement(victim, effective_start=day)
        _invoice_part(scene, victim, victim.quantity, day)
        scene.snapshot(victim, day, victim.quantity - 1)
        impact = scene.money(Fraction(cost) * scene.days / days)
    elif size == "typical":
        scene.cost_list(victim, victim.cost)
        scene.vendor(victim)
        scene.vendor(victim, 3, day, charge_type="add")
        scene.agreement(victim, quantity=Decimal(victim.quantity + 3))
        scene.invoice(victim)
        _invoice_part(scene, victim, 3, day)
        scene.snapshot(victim, scene.first, victim.quantity + 3)
        scene.snapshot(victim, last_day(scene.period), victim.quantity)
        impact = scene.money(victim.cost * 3)
    else:
        _healthy_lines(scene, victim)
        other = replace(scene.victim(client_id=victim.client_id), customer_id=victim.customer_id)
        _healthy_lines(scene, other)
        scene.snapshot(victim, day, victim.quantity)
        scene.snapshot(other, day, other.quantity)
        scene.snapshot(other, last_day(scene.period), other.quantity)
        impact = scene.money(victim.cost * victim.quantity)
    _quantity_answer(scene, "VENDOR_QUANTITY_OVER", victim, CLAIM, impact)


def _invoice_part(scene: Scene, victim: Victim, quantity: int, day: date) -> None:
    amount = scene.money(Fraction(victim.price) * quantity * (scene.end - day).days / scene.days)
    scene.invoice(victim, quantity, service_period_start=day, amount=amount)


def _healthy_lines(scene: Scene, victim: Victim) -> None:
    scene.vendor(victim)
    scene.agreement(victim)
    scene.invoice(victim)


def quantity_under(scene: Scene, size: Size) -> None:
    """More provisioned at the end than billed; an earlier snapshot may still agree."""
    victim = scene.healthy()
    more = {"minor": 1, "typical": 4, "gross": victim.quantity * 3}[size]
    held = victim.quantity + more
    scene.snapshot(victim, day_of(scene.period, 4), victim.quantity if size == "typical" else held)
    scene.snapshot(victim, day_of(scene.period, 25), held, held if size == "gross" else None)
    _quantity_answer(scene, "VENDOR_QUANTITY_UNDER", victim, LIABILITY, scene.money(victim.cost * more))


def unused(scene: Scene, size: Size) -> None:
    """Seats paid and not assigned at the last snapshot; when gross, none is assigned any more."""
    victim = scene.healthy()
    idle = {"minor": 1, "typical": 5, "gross": victim.quantity}[size]
    if size == "typical":
        scene.cost_list(victim, victim.cost)
    scene.snapshot(victim, scene.first, victim.quantity, victim.quantity)
    scene.snapshot(victim, day_of(scene.period, 21), victim.quantity, victim.quantity - idle)
    _quantity_answer(scene, "UNUSED_LICENSES", victim, "stranded", scene.money(victim.cost * idle))


VENDOR_CODES: dict[str, Callable[[Scene, Size], None]] = {
    "DUPLICATE_VENDOR_CHARGE": duplicate,
    "UNMAPPED_CUSTOMER": unmapped_customer,
    "UNMAPPED_SKU": unmapped_sku,
    "USAGE_NOT_METERED": usage_not_metered,
    "LATE_CHARGE": late,
    "VENDOR_AMOUNT_MISMATCH": amount_mismatch,
    "VENDOR_PRICE_CHANGE": price_change,
    "VENDOR_QUANTITY_OVER": quantity_over,
    "VENDOR_QUANTITY_UNDER": quantity_under,
    "UNUSED_LICENSES": unused,
}
"""Vendor-side injections by code."""

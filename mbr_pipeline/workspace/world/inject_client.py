"""Client-side faults (contract §5, first table): each breaks one fresh key and states what must be found.

Impacts are worked out here from the victim's own numbers with the contract's formulas; nothing reads the product. Faults of
the vendor's bill are in ``inject_vendor``.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from .arithmetic import day_of, minor_unit, next_period, period_start, round_money, round_places
from .model import Size
from .scene import Scene, Victim, by_sign

RECOVER, REFUND = "client_recoverable", "client_refund"


def _off(victim: Victim, size: Size) -> int:
    """How many units a quantity fault is wrong by: one, about a fifth, 60 %."""
    return {"minor": 1, "typical": victim.quantity // 5, "gross": victim.quantity * 6 // 10}[size]


def underbilled(scene: Scene, size: Size) -> None:
    """Fewer units invoiced than the vendor billed, all month long."""
    victim = scene.victim()
    missing = _off(victim, size)
    scene.vendor(victim)
    scene.agreement(victim)
    scene.invoice(victim, victim.quantity - missing)
    scene.key_answer("UNDERBILLED_QUANTITY", victim, (RECOVER, scene.money(victim.price * missing)))


def overbilled(scene: Scene, size: Size) -> None:
    """More units invoiced than the vendor billed, all month long."""
    victim = scene.victim()
    extra = _off(victim, size)
    scene.vendor(victim)
    scene.agreement(victim)
    scene.invoice(victim, victim.quantity + extra)
    scene.key_answer("OVERBILLED_QUANTITY", victim, (REFUND, scene.money(victim.price * extra)))


def not_prorated(scene: Scene, size: Size) -> None:
    """The vendor prorated a change of quantity; the client pays the new quantity for the whole month."""
    victim = scene.victim()
    change = _off(victim, size) * scene.rng.choice((1, -1))
    number = scene.rng.randint(5, 24)
    day = day_of(scene.period, number)
    scene.vendor(victim)
    scene.vendor(victim, -victim.quantity, day, charge_type="change")
    scene.vendor(victim, victim.quantity + change, day, charge_type="change")
    scene.agreement(victim)
    scene.invoice(victim, victim.quantity + change)
    variance = scene.money(Fraction(victim.price) * -change * (number - 1) / scene.days)
    scene.key_answer("MID_PERIOD_CHANGE_NOT_PRORATED", victim, by_sign(variance, RECOVER, REFUND))


def billed_not_provided(scene: Scene, size: Size) -> None:
    """Invoiced, but neither the vendor nor a count knows of it; in the gross case the vendor cancelled it whole."""
    victim = scene.victim()
    quantity = {"minor": 1, "typical": victim.quantity, "gross": victim.quantity * 10}[size]
    if size == "gross":
        scene.vendor(victim, charge_type="cycleCharge")
        scene.vendor(victim, -victim.quantity, charge_type="cancel")
    scene.agreement(victim)
    scene.invoice(victim, quantity)
    scene.key_answer("BILLED_NOT_PROVIDED", victim, (REFUND, scene.money(victim.price * quantity)))


def agreement_not_invoiced(scene: Scene, size: Size) -> None:
    """Provided and agreed, never invoiced; the agreement may end within the period and its last price still counts."""
    victim = scene.victim()
    quantity = {"minor": 1, "typical": victim.quantity, "gross": victim.quantity * 10}[size]
    scene.vendor(victim, quantity)
    scene.agreement(victim, effective_end=day_of(scene.period, 12) if size == "typical" else None)
    scene.key_answer("AGREEMENT_NOT_INVOICED", victim, (RECOVER, scene.money(victim.price * quantity)))


def agreement_ended(scene: Scene, size: Size) -> None:
    """Still provided after the agreement ended: on the period's first day, months ago, or after a change of price."""
    victim = scene.victim()
    ended = scene.first if size == "minor" else period_start(next_period(scene.period, -3))
    scene.vendor(victim)
    if size != "gross":
        scene.agreement(victim, effective_end=ended)
    else:
        changed = period_start(next_period(scene.period, -5))
        scene.agreement(victim, suffix="-old", unit_price=victim.price * 2, effective_end=changed)
        scene.agreement(victim, suffix="-new", effective_start=changed, effective_end=ended)
    scene.key_answer("AGREEMENT_ENDED", victim, (RECOVER, scene.money(victim.price * victim.quantity)))


def unbilled(scene: Scene, size: Size) -> None:
    """Provided without any agreement: at list price, at list price for an existing client, or at cost without a price."""
    victim = scene.healthy() if size == "typical" else scene.victim()
    if size == "typical":
        victim = scene.victim(client_id=victim.client_id)
    _, cost = scene.vendor(victim)
    if size == "gross":
        scene.key_answer("UNBILLED_PRODUCT", victim, (RECOVER, scene.money(cost)))
        return
    scene.product(victim).update({"default_unit_price": victim.price, "currency": victim.currency})
    scene.key_answer("UNBILLED_PRODUCT", victim, (RECOVER, scene.money(victim.price * victim.quantity)))


def currency_mismatch(scene: Scene, size: Size) -> None:
    """Agreement against invoice line, two invoice lines, or a cost-plus vendor line in another currency."""
    other = "USD" if scene.currency != "USD" else "EUR"
    if size == "gross":
        victim = scene.victim("microsoft")
        scene.metering(victim, "cost_plus", markup_pct=Decimal(20))
        scene.vendor(victim, charge_category="usage")
        scene.vendor(
            victim, charge_category="usage", currency=other, subscription_id="elsewhere", amount=Decimal("7.25")
        )
        scene.invoice(victim)
    else:
        victim = scene.victim()
        scene.vendor(victim)
        scene.agreement(victim)
        if size == "typical":
            scene.invoice(victim)
        scene.invoice(victim, 1, currency=other, unit_price=Decimal(20), amount=Decimal(20))
    scene.key_answer("CURRENCY_MISMATCH", victim)


def _cost_plus(scene: Scene, size: Size, direction: int) -> None:
    victim = scene.victim("microsoft")
    markup = Decimal(scene.rng.choice(("12.5", "20", "33.333")))
    scene.metering(victim, "cost_plus", markup_pct=markup)
    last = next_period(scene.period, -1)
    spans = ((scene.first, scene.end), (day_of(last, 9), day_of(last, 21)), (day_of(last, 25), day_of(scene.period, 4)))
    total = Decimal(0)
    for number, (start, end) in enumerate(spans):
        amount = round_places(victim.cost * Decimal(scene.rng.randint(10**9, 10**10)) / 10**9, 11)
        scene.vendor(
            victim, 3, start, end, charge_category="usage", subscription_id=f"meter-{number}", amount=amount
        )  # fmt: skip
        total += amount
    expected = scene.money(Fraction(total) * Fraction(100 + markup) / 100)
    off = {
        "minor": minor_unit(scene.currency),
        "typical": scene.money(Fraction(expected) / 20),
        "gross": scene.money(Fraction(expected) * 6 / 10),
    }[size]
    invoiced = expected - direction * off
    scene.invoice(victim, 1, unit_price=invoiced, amount=invoiced)
    code, column = ("COST_PLUS_UNDERBILLED", RECOVER) if direction > 0 else ("COST_PLUS_OVERBILLED", REFUND)
    scene.key_answer(code, victim, (column, off))
    scene.below_cost(victim, invoiced, total)


def cost_plus_under(scene: Scene, size: Size) -> None:
    """Consumption invoiced below cost plus markup; when gross, below cost as well."""
    _cost_plus(scene, size, 1)


def cost_plus_over(scene: Scene, size: Size) -> None:
    """Consumption invoiced above cost plus markup."""
    _cost_plus(scene, size, -1)


def price_mismatch(scene: Scene, size: Size) -> None:
    """An invoice line at another price than its agreement line's; when gross, that agreement line is an older one by name."""
    victim = scene.victim()
    factor = {"minor": Fraction(99, 100), "typical": Fraction(6, 5), "gross": Fraction(2, 5)}[size]
    wrong = round_money(Fraction(victim.price) * factor, victim.currency)
    scene.vendor(victim)
    named = scene.agreement(victim)
    if size == "gross":
        scene.agreement(victim, suffix="-late", unit_price=wrong, effective_start=scene.first)
    line = scene.invoice(victim, unit_price=wrong, agreement_line_id=named if size == "gross" else None)
    invoiced = scene.money(wrong * victim.quantity)
    variance = scene.money(victim.price * victim.quantity) - invoiced
    scene.key_answer("INVOICE_PRICE_MISMATCH", victim, by_sign(variance, RECOVER, REFUND), line_id=line)
    scene.below_cost(victim, invoiced, victim.cost * victim.quantity)


def _wrong_amount(scene: Scene, code: str, off: Decimal) -> None:
    victim = scene.victim()
    scene.vendor(victim)
    scene.agreement(victim)
    right = scene.money(victim.price * victim.quantity)
    line = scene.invoice(victim, amount=right - off)
    scene.key_answer(code, victim, by_sign(off, RECOVER, REFUND), line_id=line)


def amount_mismatch(scene: Scene, size: Size) -> None:
    """Price and quantity are right, the amount is not: just beyond the tolerance, or by far."""
    units = {"minor": 2, "typical": -500, "gross": 600}[size]
    _wrong_amount(scene, "INVOICE_AMOUNT_MISMATCH", units * minor_unit(scene.currency))


def rounding(scene: Scene, size: Size) -> None:
    """One minor unit out, in either direction: within the tolerance, auto-cleared, but in the bridge."""
    _wrong_amount(scene, "ROUNDING", minor_unit(scene.currency) * (-1 if size == "typical" else 1))


def _sold_at(scene: Scene, ratio: Fraction) -> Victim:
    """A key that agrees on all legs, at a price that is a ratio of its cost."""
    victim = scene.victim()
    price = round_places(Fraction(victim.cost) * ratio, 10)
    scene.vendor(victim)
    scene.agreement(victim, unit_price=price)
    scene.invoice(victim, unit_price=price)
    return victim


def sold_below_cost(scene: Scene, size: Size) -> None:
    """Everything agrees, but the price is under the vendor's."""
    ratio = {"minor": Fraction(99, 100), "typical": Fraction(4, 5), "gross": Fraction(1, 10)}[size]
    victim = _sold_at(scene, ratio)
    scene.key_answer("SOLD_BELOW_COST", victim)


def margin_below_floor(scene: Scene, size: Size) -> None:
    """Everything agrees and is above cost, but under the product's margin floor; when gross, exactly at cost."""
    ratio = {"minor": Fraction(124, 100), "typical": Fraction(11, 10), "gross": Fraction(1)}[size]
    victim = _sold_at(scene, ratio)
    scene.metering(victim, "vendor_billed", margin_floor_pct=Decimal(20))
    scene.key_answer("MARGIN_BELOW_FLOOR", victim)


CLIENT_CODES: dict[str, Callable[[Scene, Size], None]] = {
    "CURRENCY_MISMATCH": currency_mismatch,
    "COST_PLUS_UNDERBILLED": cost_plus_under,
    "COST_PLUS_OVERBILLED": cost_plus_over,
    "BILLED_NOT_PROVIDED": billed_not_provided,
    "AGREEMENT_NOT_INVOICED": agreement_not_invoiced,
    "AGREEMENT_ENDED": agreement_ended,
    "UNBILLED_PRODUCT": unbilled,
    "MID_PERIOD_CHANGE_NOT_PRORATED": not_prorated,
    "UNDERBILLED_QUANTITY": underbilled,
    "OVERBILLED_QUANTITY": overbilled,
    "INVOICE_PRICE_MISMATCH": price_mismatch,
    "INVOICE_AMOUNT_MISMATCH": amount_mismatch,
    "ROUNDING": rounding,
    "SOLD_BELOW_COST": sold_below_cost,
    "MARGIN_BELOW_FLOOR": margin_below_floor,
}
"""Client-side injections by code."""

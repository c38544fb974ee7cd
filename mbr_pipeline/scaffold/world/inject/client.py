"""Client-side faults (contract §5.2): each breaks one fresh key and states what must be found.

Impacts are computed here from the numbers of the injected key with the contract's formulas; nothing calls MBR
itself. Faults of the vendor's bill are in ``vendor``.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.scaffold.world.arithmetic import (
    day_of,
    minor_unit,
    next_period,
    period_start,
    round_money,
    round_places,
)
from mbr_pipeline.scaffold.world.inject.site import InjectionSite, Subject, by_sign
from mbr_pipeline.scaffold.world.model import Size

RECOVER, REFUND = "client_recoverable", "client_refund"


def _off(subject: Subject, size: Size) -> int:
    """How many units a quantity fault is wrong by: one, about a fifth, 60 %."""
    return {"minor": 1, "typical": subject.quantity // 5, "gross": subject.quantity * 6 // 10}[size]


def underbilled(site: InjectionSite, size: Size) -> None:
    """Fewer units invoiced than the vendor billed, all month long."""
    subject = site.subject()
    missing = _off(subject, size)
    site.vendor(subject)
    site.agreement(subject)
    site.invoice(subject, subject.quantity - missing)
    site.key_answer("UNDERBILLED_QUANTITY", subject, (RECOVER, site.money(subject.price * missing)))


def overbilled(site: InjectionSite, size: Size) -> None:
    """More units invoiced than the vendor billed, all month long."""
    subject = site.subject()
    extra = _off(subject, size)
    site.vendor(subject)
    site.agreement(subject)
    site.invoice(subject, subject.quantity + extra)
    site.key_answer("OVERBILLED_QUANTITY", subject, (REFUND, site.money(subject.price * extra)))


def not_prorated(site: InjectionSite, size: Size) -> None:
    """The vendor prorated a change of quantity; the client pays the new quantity for the whole month."""
    subject = site.subject()
    change = _off(subject, size) * site.rng.choice((1, -1))
    number = site.rng.randint(5, 24)
    day = day_of(site.period, number)
    site.vendor(subject)
    site.vendor(subject, -subject.quantity, day, charge_type="change")
    site.vendor(subject, subject.quantity + change, day, charge_type="change")
    site.agreement(subject)
    site.invoice(subject, subject.quantity + change)
    variance = site.money(Fraction(subject.price) * -change * (number - 1) / site.days)
    site.key_answer("MID_PERIOD_CHANGE_NOT_PRORATED", subject, by_sign(variance, RECOVER, REFUND))


def billed_not_provided(site: InjectionSite, size: Size) -> None:
    """Invoiced, but neither the vendor nor a count knows of it; in the gross case the
    vendor cancelled it whole.
    """
    subject = site.subject()
    quantity = {"minor": 1, "typical": subject.quantity, "gross": subject.quantity * 10}[size]
    if size == "gross":
        site.vendor(subject, charge_type="cycleCharge")
        site.vendor(subject, -subject.quantity, charge_type="cancel")
    site.agreement(subject)
    site.invoice(subject, quantity)
    site.key_answer("BILLED_NOT_PROVIDED", subject, (REFUND, site.money(subject.price * quantity)))


def agreement_not_invoiced(site: InjectionSite, size: Size) -> None:
    """Provided and agreed, never invoiced; the agreement may end within the period and its
    last price still counts.
    """
    subject = site.subject()
    quantity = {"minor": 1, "typical": subject.quantity, "gross": subject.quantity * 10}[size]
    site.vendor(subject, quantity)
    site.agreement(subject, effective_end=day_of(site.period, 12) if size == "typical" else None)
    site.key_answer("AGREEMENT_NOT_INVOICED", subject, (RECOVER, site.money(subject.price * quantity)))


def agreement_ended(site: InjectionSite, size: Size) -> None:
    """Still provided after the agreement ended: on the period's first day, months ago, or after
    a change of price.
    """
    subject = site.subject()
    ended = site.first if size == "minor" else period_start(next_period(site.period, -3))
    site.vendor(subject)
    if size != "gross":
        site.agreement(subject, effective_end=ended)
    else:
        changed = period_start(next_period(site.period, -5))
        site.agreement(subject, suffix="-old", unit_price=subject.price * 2, effective_end=changed)
        site.agreement(subject, suffix="-new", effective_start=changed, effective_end=ended)
    site.key_answer("AGREEMENT_ENDED", subject, (RECOVER, site.money(subject.price * subject.quantity)))


def unbilled(site: InjectionSite, size: Size) -> None:
    """Provided without any agreement: at list price, at list price for an existing client, or at
    cost without a price.
    """
    subject = site.healthy() if size == "typical" else site.subject()
    if size == "typical":
        subject = site.subject(client_id=subject.client_id)
    _, cost = site.vendor(subject)
    if size == "gross":
        site.key_answer("UNBILLED_PRODUCT", subject, (RECOVER, site.money(cost)))
        return
    site.product(subject).update({"default_unit_price": subject.price, "currency": subject.currency})
    site.key_answer("UNBILLED_PRODUCT", subject, (RECOVER, site.money(subject.price * subject.quantity)))


def currency_mismatch(site: InjectionSite, size: Size) -> None:
    """Agreement against invoice line, two invoice lines, or a cost-plus vendor line in another currency."""
    other = "USD" if site.currency != "USD" else "EUR"
    if size == "gross":
        subject = site.subject("microsoft")
        site.metering(subject, "cost_plus", markup_pct=Decimal(20))
        site.vendor(subject, charge_category="usage")
        site.vendor(
            subject,
            charge_category="usage",
            currency=other,
            subscription_id="elsewhere",
            amount=Decimal("7.25"),
        )
        site.invoice(subject)
    else:
        subject = site.subject()
        site.vendor(subject)
        site.agreement(subject)
        if size == "typical":
            site.invoice(subject)
        site.invoice(subject, 1, currency=other, unit_price=Decimal(20), amount=Decimal(20))
    site.key_answer("CURRENCY_MISMATCH", subject)


def _cost_plus(site: InjectionSite, size: Size, direction: int) -> None:
    subject = site.subject("microsoft")
    markup = Decimal(site.rng.choice(("12.5", "20", "33.333")))
    site.metering(subject, "cost_plus", markup_pct=markup)
    last = next_period(site.period, -1)
    spans = (
        (site.first, site.end),
        (day_of(last, 9), day_of(last, 21)),
        (day_of(last, 25), day_of(site.period, 4)),
    )
    total = Decimal(0)
    for number, (start, end) in enumerate(spans):
        amount = round_places(subject.cost * Decimal(site.rng.randint(10**9, 10**10)) / 10**9, 11)
        site.vendor(
            subject, 3, start, end, charge_category="usage", subscription_id=f"meter-{number}", amount=amount
        )
        total += amount
    expected = site.money(Fraction(total) * Fraction(100 + markup) / 100)
    off = {
        "minor": minor_unit(site.currency),
        "typical": site.money(Fraction(expected) / 20),
        "gross": site.money(Fraction(expected) * 6 / 10),
    }[size]
    invoiced = expected - direction * off
    site.invoice(subject, 1, unit_price=invoiced, amount=invoiced)
    code, column = ("COST_PLUS_UNDERBILLED", RECOVER) if direction > 0 else ("COST_PLUS_OVERBILLED", REFUND)
    site.key_answer(code, subject, (column, off))
    site.below_cost(subject, invoiced, total)


def cost_plus_under(site: InjectionSite, size: Size) -> None:
    """Consumption invoiced below cost plus markup; when gross, below cost as well."""
    _cost_plus(site, size, 1)


def cost_plus_over(site: InjectionSite, size: Size) -> None:
    """Consumption invoiced above cost plus markup."""
    _cost_plus(site, size, -1)


def price_mismatch(site: InjectionSite, size: Size) -> None:
    """An invoice line at another price than its agreement line's; when gross, that agreement line is an older
    one by name.
    """
    subject = site.subject()
    factor = {"minor": Fraction(99, 100), "typical": Fraction(6, 5), "gross": Fraction(2, 5)}[size]
    wrong = round_money(Fraction(subject.price) * factor, subject.currency)
    site.vendor(subject)
    named = site.agreement(subject)
    if size == "gross":
        site.agreement(subject, suffix="-late", unit_price=wrong, effective_start=site.first)
    line = site.invoice(subject, unit_price=wrong, agreement_line_id=named if size == "gross" else None)
    invoiced = site.money(wrong * subject.quantity)
    variance = site.money(subject.price * subject.quantity) - invoiced
    site.key_answer("INVOICE_PRICE_MISMATCH", subject, by_sign(variance, RECOVER, REFUND), line_id=line)
    site.below_cost(subject, invoiced, subject.cost * subject.quantity)


def _wrong_amount(site: InjectionSite, code: str, off: Decimal) -> None:
    subject = site.subject()
    site.vendor(subject)
    site.agreement(subject)
    right = site.money(subject.price * subject.quantity)
    line = site.invoice(subject, amount=right - off)
    site.key_answer(code, subject, by_sign(off, RECOVER, REFUND), line_id=line)


def amount_mismatch(site: InjectionSite, size: Size) -> None:
    """Price and quantity are right, the amount is not: just beyond the tolerance, or by far."""
    units = {"minor": 2, "typical": -500, "gross": 600}[size]
    _wrong_amount(site, "INVOICE_AMOUNT_MISMATCH", units * minor_unit(site.currency))


def rounding(site: InjectionSite, size: Size) -> None:
    """One minor unit off, in either direction: within the tolerance, auto-cleared, but in the bridge."""
    _wrong_amount(site, "ROUNDING", minor_unit(site.currency) * (-1 if size == "typical" else 1))


def _sold_at(site: InjectionSite, ratio: Fraction) -> Subject:
    """A key that agrees throughout, at a price that is a ratio of its cost."""
    subject = site.subject()
    price = round_places(Fraction(subject.cost) * ratio, 10)
    site.vendor(subject)
    site.agreement(subject, unit_price=price)
    site.invoice(subject, unit_price=price)
    return subject


def sold_below_cost(site: InjectionSite, size: Size) -> None:
    """Everything agrees, but the price is under the vendor's."""
    ratio = {"minor": Fraction(99, 100), "typical": Fraction(4, 5), "gross": Fraction(1, 10)}[size]
    subject = _sold_at(site, ratio)
    site.key_answer("SOLD_BELOW_COST", subject)


def margin_below_floor(site: InjectionSite, size: Size) -> None:
    """Everything agrees and is above cost, but under the product's margin floor; when
    gross, exactly at cost.
    """
    ratio = {"minor": Fraction(124, 100), "typical": Fraction(11, 10), "gross": Fraction(1)}[size]
    subject = _sold_at(site, ratio)
    site.metering(subject, "vendor_billed", margin_floor_pct=Decimal(20))
    site.key_answer("MARGIN_BELOW_FLOOR", subject)


CLIENT_CODES: dict[str, Callable[[InjectionSite, Size], None]] = {
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

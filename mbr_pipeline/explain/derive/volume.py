"""Volume codes of unit bases: expected against invoiced unit-days, valued at one price (contract §4 volume
variance, §5).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.explain.client_product import Key
from mbr_pipeline.explain.derivation import Derivation, Part, by_sign, first_that_fits
from mbr_pipeline.explain.derive.sides import Leg, agreement_lines, expected, invoiced
from mbr_pipeline.explain.exact import half_up, money, plain
from mbr_pipeline.explain.records import Facts, Finding


def volume(finding: Finding, facts: Facts) -> Derivation:
    """Derive the volume finding of a key whose basis counts units."""
    key = Key(facts, finding.client_id or "", finding.product_code or "")
    wanted, charged = expected(key), invoiced(key)
    amount, valuation = _variance(key, wanted.unit_days, charged.unit_days)
    code, why = first_that_fits(_tests(key, wanted, charged), _figures(key, wanted, charged))
    return Derivation(
        code=code,
        currency=key.currency,
        places=key.places,
        impacts=by_sign(amount, "client_recoverable", "client_refund"),
        parts=(
            Part("Rules", lines=key.describe()),
            *wanted.parts,
            *charged.parts,
            agreement_lines(key),
            why,
            Part("Volume variance", lines=valuation),
        ),
        clears=_clears(finding.exception_code, wanted, charged),
    )


def _variance(key: Key, wanted: Fraction, charged: Fraction) -> tuple[Decimal, tuple[str, ...]]:
    """Return round(pp* × (U_exp − U_inv) / D), or what stands in for it without a price, and the steps in
    words.
    """
    difference = wanted - charged
    steps = [f"U_exp − U_inv = {plain(wanted)} − {plain(charged)} = {plain(difference)} unit-days"]
    price = key.volume_price()
    if price and price.unit_price is not None:
        value = Fraction(price.unit_price) * difference / key.period.days
        amount = half_up(value, key.places)
        steps += [
            (
                f"pp* = {plain(price.unit_price)} {key.currency} a full month, valued_at {price.valued_at}:"
                f" {price.reason}"
            ),
            f"{plain(price.unit_price)} × {plain(difference)} / {key.period.days} = {plain(value)}",
            f"rounded half-up to {key.places} places: {money(amount, key.places)} {key.currency}",
        ]
        return amount, tuple(steps)
    recurring = key.recurring
    at_cost = (
        difference > 0
        and charged == 0
        and recurring
        and {p.line.currency for p in recurring} == {key.currency}
    )
    if not at_cost:
        return Decimal(0), (*steps, "valued_at none: no price is known, so the volume variance is 0")
    cost = sum((p.cost for p in recurring), Fraction(0))
    amount = half_up(cost, key.places)
    terms = " + ".join(plain(p.cost) for p in recurring[:5]) + (" + …" if len(recurring) > 5 else "")
    return amount, (
        *steps,
        (
            "valued_at cost: no price is known, U_inv = 0, and all recurring vendor lines are in the key's"
            " currency"
        ),
        f"Σ effective cost of the recurring vendor lines = {terms} = {plain(cost)}",
        f"rounded half-up to {key.places} places: {money(amount, key.places)} {key.currency}",
    )


def _tests(key: Key, wanted: Leg, charged: Leg) -> list[tuple[str, str, bool]]:
    u_exp, u_inv = wanted.unit_days, charged.unit_days
    differs, unbilled = u_exp != u_inv, u_exp > 0 and not key.invoiced
    not_provided = u_exp == 0 and u_inv > 0 and key.is_vendor_backed
    same_at_the_end = differs and wanted.last_day == charged.last_day
    return [
        ("CURRENCY_MISMATCH", "its lines are in more than one currency", key.is_mismatched),
        ("BILLED_NOT_PROVIDED", "U_exp = 0, U_inv > 0, product vendor-backed", not_provided),
        (
            "AGREEMENT_NOT_INVOICED",
            "U_exp > 0, no invoice line, an agreement line active in P",
            unbilled and bool(key.active),
        ),
        (
            "AGREEMENT_ENDED",
            "U_exp > 0, no invoice line, none active in P, one ended by P's start",
            unbilled and bool(key.ended),
        ),
        ("UNBILLED_PRODUCT", "U_exp > 0, no invoice line, otherwise", unbilled),
        (
            "MID_PERIOD_CHANGE_NOT_PRORATED",
            "U_exp ≠ U_inv, equal quantities on the last day",
            same_at_the_end,
        ),
        ("UNDERBILLED_QUANTITY", "U_exp > U_inv", u_exp > u_inv),
        ("OVERBILLED_QUANTITY", "U_exp < U_inv", u_exp < u_inv),
    ]


def _figures(key: Key, wanted: Leg, charged: Leg) -> str:
    return (
        f"U_exp {plain(wanted.unit_days)}, U_inv {plain(charged.unit_days)}; last day"
        f" {plain(wanted.last_day)} expected, {plain(charged.last_day)} invoiced; invoice lines"
        f" {len(key.invoiced)}; agreement lines {len(key.active)} active in P, {len(key.ended)} ended by its"
        f" start; product {'' if key.is_vendor_backed else 'not '}vendor-backed; currencies"
        f" {', '.join(sorted(key.own_currencies)) or 'none'}"
    )


def _clears(code: str, wanted: Leg, charged: Leg) -> str:
    days = f"{plain(wanted.unit_days)} unit-days (last day: {plain(wanted.last_day)})"
    invoice = f"invoice lines of this product that charge {days} instead of {plain(charged.unit_days)}"
    return {
        "BILLED_NOT_PROVIDED": (
            f"take {plain(charged.unit_days)} unit-days off the invoice, or land or map the supply that is"
            " missing"
        ),
        "AGREEMENT_NOT_INVOICED": (
            f"an invoice line under the active agreement for {days}, or a supply that is cancelled at the"
            " vendor"
        ),
        "AGREEMENT_ENDED": (
            f"a renewed agreement line and an invoice line for {days}, or a supply that is cancelled at the"
            " vendor"
        ),
        "UNBILLED_PRODUCT": (
            f"an agreement line and an invoice line for {days}, or a supply that is cancelled or mapped"
            " elsewhere"
        ),
    }.get(code, f"{invoice}, or a bill, count or rule that is corrected to what was invoiced")

"""Volume codes of unit bases: expected against invoiced unit-days, valued at one price; and keys in several
currencies (contract §4.7 volume variance, §5).
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits
from mbr_pipeline.explain.derive.cost_plus import costs
from mbr_pipeline.explain.derive.quantities import agreement_lines, expected, invoiced
from mbr_pipeline.explain.derive.rules_of_key import rules, volume_price
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.client import volume_conditions
from mbr_pipeline.recompute.findings.finding import VOLUME_CODES
from mbr_pipeline.recompute.keys import Key, active_in, currencies
from mbr_pipeline.recompute.money import places_of, rounded
from mbr_pipeline.recompute.periods import Period

_WHEN = {
    "CURRENCY_MISMATCH": "its lines are in more than one currency",
    "BILLED_NOT_PROVIDED": "U_exp = 0, U_inv > 0, product vendor-backed",
    "AGREEMENT_NOT_INVOICED": "U_exp > 0, no invoice line, an agreement line active in P",
    "AGREEMENT_ENDED": "U_exp > 0, no invoice line, none active in P, one ended by P's start",
    "UNBILLED_PRODUCT": "U_exp > 0, no invoice line, otherwise",
    "MID_PERIOD_CHANGE_NOT_PRORATED": "U_exp ≠ U_inv, equal quantities on the last day",
    "UNDERBILLED_QUANTITY": "U_exp > U_inv",
    "OVERBILLED_QUANTITY": "U_exp < U_inv",
    "COST_PLUS_UNDERBILLED": "basis cost_plus, variance > 0",
    "COST_PLUS_OVERBILLED": "basis cost_plus, variance < 0",
}
_MISMATCH = {"CURRENCY_MISMATCH": "more than one currency, or at cost_plus another than the vendor lines'"}
_SHOWN_TERMS = 5


def volume(finding: Finding, case: Case) -> Derivation:
    """Show how the volume finding of a key comes about whose basis counts units."""
    key, period = case.key(finding), case.period
    parts = (
        rules(case, key),
        *expected(case, key),
        invoiced(key, period),
        agreement_lines(key, period),
        first_that_fits(volume_conditions(key, period), _WHEN, _figures(key, period)),
        Part("Volume variance", lines=_variance(case, key)),
    )
    found = case.found(finding, VOLUME_CODES)
    return concluded(found, key.currency, parts, _clears(finding.exception_code, key, period))


def currency_mismatch(finding: Finding, case: Case) -> Derivation:
    """Show the currencies of all lines that determine the key's."""
    key, period = case.key(finding), case.period
    vendors = {line.charge.currency for line in key.vendor_lines} if key.basis == "cost_plus" else set()
    own = ", ".join(sorted(currencies(key, period))) or "none"
    told = f"currencies of invoice lines and active agreement lines: {own}"
    if vendors:
        told += f"; vendor lines at cost_plus: {', '.join(sorted(vendors))} against the key's {key.currency}"
    mismatch, *_ = volume_conditions(key, period)
    parts = (
        rules(case, key),
        invoiced(key, period),
        agreement_lines(key, period),
        *((costs(key.vendor_lines),) if vendors else ()),
        first_that_fits([mismatch], _MISMATCH, told),
    )
    clears = (
        f"one currency, {key.currency} or another, on all of these lines in the PSA (at cost_plus also on"
        " the vendor's)"
    )
    return concluded(case.found(finding, ("CURRENCY_MISMATCH",)), key.currency, parts, clears)


def _variance(case: Case, key: Key) -> tuple[str, ...]:
    """The volume variance step by step, or what replaces it without a price."""
    if key.expected_unit_days is None:
        return ("nothing of the key is compared: the volume variance is 0",)
    wanted, charged, places = (
        key.expected_unit_days,
        key.invoiced_unit_days(case.period),
        places_of(key.currency),
    )
    difference = wanted - charged
    amount = money(rounded(key.volume_value, key.currency), places)
    rounding = f"rounded half-up to {places} places: {amount} {key.currency}"
    steps = [f"U_exp − U_inv = {plain(wanted)} − {plain(charged)} = {plain(difference)} unit-days"]
    if key.price:
        price = plain(key.price.unit_price)
        reason = volume_price(case, key.price)
        steps += [
            f"pp* = {price} {key.currency} a full month, valued_at {key.valued_at}: {reason}",
            f"{price} × {plain(difference)} / {case.period.days} = {plain(key.volume_value)}",
            rounding,
        ]
    elif key.valued_at == "cost":
        terms = " + ".join(plain(line.effective_cost) for line in key.recurring[:_SHOWN_TERMS])
        more = " + …" if len(key.recurring) > _SHOWN_TERMS else ""
        steps += [
            (
                "valued_at cost: no price is known, U_inv = 0, and all recurring vendor lines are in the"
                " key's currency"
            ),
            f"Σ effective cost of the recurring vendor lines = {terms}{more} = {plain(key.volume_value)}",
            rounding,
        ]
    else:
        steps.append("valued_at none: no price is known, so the volume variance is 0")
    return tuple(steps)


def _figures(key: Key, period: Period) -> str:
    active = sum(active_in(row, period) for row in key.agreements)
    ended = sum(row.effective_start < row.end <= period.start for row in key.agreements)
    return (
        f"U_exp {_or_none(key.expected_unit_days)}, U_inv {plain(key.invoiced_unit_days(period))}; last day"
        f" {_or_none(key.expected_quantity)} expected, {plain(key.invoiced_quantity(period))} invoiced;"
        f" invoice lines {len(key.invoice_lines)}; agreement lines {active} active in P, {ended} ended by"
        f" its start; product {'' if key.vendor_backed else 'not '}vendor-backed; currencies"
        f" {', '.join(sorted(currencies(key, period))) or 'none'}"
    )


def _or_none(value: Fraction | None) -> str:
    return "none" if value is None else plain(value)


def _clears(code: str, key: Key, period: Period) -> str:
    charged = plain(key.invoiced_unit_days(period))
    days = f"{_or_none(key.expected_unit_days)} unit-days (last day: {_or_none(key.expected_quantity)})"
    invoice = f"invoice lines of this product that charge {days} instead of {charged}"
    return {
        "BILLED_NOT_PROVIDED": (
            f"take {charged} unit-days off the invoice, or land or map the supply that is missing"
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

"""The client-side codes of contract §5: at most one volume code per key, one price code per invoice
line.

Belongs here: when a code is raised and for how much. The variances come from ``reconcile``.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from tests.worlds.oracle.findings import Finding, Subject, client_impact
from tests.worlds.oracle.keys import ZERO, Key, active_in, invoiced_in_period
from tests.worlds.oracle.money import minor_unit, rounded
from tests.worlds.oracle.periods import Period
from tests.worlds.oracle.reconcile import ended_before
from tests.worlds.oracle.rules import Policies


def client_findings(key: Key, period: Period, policies: Policies) -> list[Finding]:
    """List a key's client-side exceptions in the contract's order."""
    subject = Subject(client_id=key.client_id, product_code=key.product_code)
    if key.mismatch:
        # Literal: "no other" finding, so this one stands on an unreconciled or unreconcilable key as well.
        return [Finding("CURRENCY_MISMATCH", subject, key.currency)]
    if not key.compared:
        return []
    code = _volume_code(key, period)
    found = []
    if code:
        impact = client_impact(key.volume_variance)
        found.append(Finding(code, subject, key.currency, impact, valued_at=key.valued_at))
    found.extend(_line_findings(key, policies))
    found.extend(_margin_findings(key, period, subject))
    return found


def _volume_code(key: Key, period: Period) -> str | None:
    if key.basis == "cost_plus":
        if key.volume_variance == 0:
            return None
        return "COST_PLUS_UNDERBILLED" if key.volume_variance > 0 else "COST_PLUS_OVERBILLED"
    assert key.expected_unit_days is not None
    expected, invoiced = key.expected_unit_days, key.invoiced_unit_days(period)
    if expected == 0 and invoiced > 0 and key.vendor_backed:
        return "BILLED_NOT_PROVIDED"
    if expected > 0 and not key.invoice_lines:
        if any(active_in(row, period) for row in key.agreements):
            return "AGREEMENT_NOT_INVOICED"
        return "AGREEMENT_ENDED" if ended_before(key, period) else "UNBILLED_PRODUCT"
    if expected == invoiced:
        return None
    if key.expected_quantity == key.invoiced_quantity(period):
        return "MID_PERIOD_CHANGE_NOT_PRORATED"
    return "UNDERBILLED_QUANTITY" if expected > invoiced else "OVERBILLED_QUANTITY"


def _line_findings(key: Key, policies: Policies) -> Iterable[Finding]:
    for line, (price, variance) in key.price_variances.items():
        if variance == 0:
            continue
        tolerance = Fraction(policies.rounding_tolerance) * minor_unit(line.currency)
        if Fraction(line.unit_price) != price:
            code = "INVOICE_PRICE_MISMATCH"
        else:
            code = "INVOICE_AMOUNT_MISMATCH" if abs(variance) > tolerance else "ROUNDING"
        subject = Subject(
            client_id=key.client_id,
            product_code=key.product_code,
            source=line.source,
            line_id=line.invoice_line_id,
            invoice_id=line.invoice_id,
        )
        yield Finding(code, subject, line.currency, client_impact(variance))


def _margin_findings(key: Key, period: Period, subject: Subject) -> Iterable[Finding]:
    invoiced = sum((invoiced_in_period(line, period) for line in key.invoice_lines), ZERO)
    # Without a counted vendor line there is no cost to be in the same currency as.
    if invoiced <= 0 or key.effective_cost is None or not key.vendor_lines:
        return
    cost = rounded(key.effective_cost, key.currency)
    floor = key.meter.margin_floor_pct
    if invoiced < cost:
        yield Finding("SOLD_BELOW_COST", subject, key.currency)
    elif floor is not None and (invoiced - cost) * 100 < Fraction(floor) * invoiced:
        yield Finding("MARGIN_BELOW_FLOOR", subject, key.currency)

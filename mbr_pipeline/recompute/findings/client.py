"""The client-side codes: at most one volume code per key, one price code per invoice line (contract §5).

What belongs here: when a code is raised and for how much. Every code's condition is listed
with whether it holds, the first that does is raised; ``explain`` shows the same list. What
does not: the variances (``reconcile``).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from mbr_pipeline.recompute.findings.evidence import of_key
from mbr_pipeline.recompute.findings.finding import (
    Condition,
    Finding,
    Subject,
    client_impact,
    first_that_holds,
)
from mbr_pipeline.recompute.keys import Key, LinePrice, active_in
from mbr_pipeline.recompute.money import minor_unit, rounded
from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.policies import Policies
from mbr_pipeline.recompute.reading.records import InvoiceLine
from mbr_pipeline.recompute.reconcile import ended_before


def client_findings(key: Key, period: Period, policies: Policies) -> list[Finding]:
    """List a key's client-side exceptions in the page's order."""
    # Literal: a mismatch leaves "no other" finding, so it is also raised on a key that is not reconciled.
    if not (key.mismatch or key.compared):
        return []
    found = []
    subject = Subject(client_id=key.client_id, product_code=key.product_code)
    code = first_that_holds(volume_conditions(key, period))
    if code:
        impact = () if key.mismatch else client_impact(key.volume_variance)
        valued_at = None if key.mismatch else key.valued_at
        found.append(
            Finding(code, subject, key.currency, impact, valued_at=valued_at, evidence=of_key(key, period))
        )
    if key.mismatch:
        return found
    for line in key.invoice_lines:
        if line.id in key.line_prices:
            found.extend(_line_finding(key, line, policies))
    margin = first_that_holds(margin_conditions(key, period))
    if margin:
        found.append(Finding(margin, subject, key.currency, evidence=of_key(key, period)))
    return found


def volume_conditions(key: Key, period: Period) -> list[Condition]:
    """The conditions of the codes of which a key gets at most one, in the page's order.

    A key that is not compared meets none of them but the mismatch of its currencies.
    """
    mismatch = Condition("CURRENCY_MISMATCH", key.mismatch)
    if key.basis == "cost_plus":
        variance = key.volume_variance
        return [
            mismatch,
            Condition("COST_PLUS_UNDERBILLED", variance > 0),
            Condition("COST_PLUS_OVERBILLED", variance < 0),
        ]
    expected, invoiced = key.expected_unit_days, key.invoiced_unit_days(period)
    if expected is None:
        return [mismatch]
    unbilled = expected > 0 and not key.invoice_lines
    is_active = any(active_in(row, period) for row in key.agreements)
    is_same_at_the_end = key.expected_quantity == key.invoiced_quantity(period)
    not_provided = expected == 0 and invoiced > 0 and key.vendor_backed
    return [
        mismatch,
        Condition("BILLED_NOT_PROVIDED", not_provided),
        Condition("AGREEMENT_NOT_INVOICED", unbilled and is_active),
        Condition("AGREEMENT_ENDED", unbilled and ended_before(key, period)),
        Condition("UNBILLED_PRODUCT", unbilled),
        Condition("MID_PERIOD_CHANGE_NOT_PRORATED", expected != invoiced and is_same_at_the_end),
        Condition("UNDERBILLED_QUANTITY", expected > invoiced),
        Condition("OVERBILLED_QUANTITY", expected < invoiced),
    ]


def line_conditions(line: InvoiceLine, priced: LinePrice | None, policies: Policies) -> list[Condition]:
    """The conditions of the codes of which an invoice line gets at most one; none holds for a line without
    ``priced``, one that reaches outside P or is of a key that is not compared by units.
    """
    off = priced is not None and priced.variance != 0
    other = priced is not None and Fraction(line.unit_price) != priced.price.unit_price
    far = priced is not None and abs(priced.variance) > tolerance(line.currency, policies)
    return [
        Condition("INVOICE_PRICE_MISMATCH", off and other),
        Condition("INVOICE_AMOUNT_MISMATCH", off and far),
        Condition("ROUNDING", off),
    ]


def tolerance(currency: str, policies: Policies) -> Fraction:
    """The rounding tolerance in a currency's own unit."""
    return Fraction(policies.rounding_tolerance) * minor_unit(currency)


def _line_finding(key: Key, line: InvoiceLine, policies: Policies) -> Iterable[Finding]:
    priced = key.line_prices[line.id]
    code = first_that_holds(line_conditions(line, priced, policies))
    if code:
        subject = Subject(
            client_id=key.client_id,
            product_code=key.product_code,
            source=line.source,
            line_id=line.invoice_line_id,
            invoice_id=line.invoice_id,
        )
        yield Finding(
            code, subject, line.currency, client_impact(priced.variance), evidence=(line.record_id,)
        )


def margin_conditions(key: Key, period: Period) -> list[Condition]:
    """The conditions of the margin's codes, of which a compared key gets at most one."""
    invoiced = key.invoiced_amount(period)
    # Without a counted vendor line there is no cost to be in the same currency as.
    comparable = key.compared and invoiced > 0 and bool(key.vendor_lines) and key.effective_cost is not None
    cost = rounded(key.cost, key.currency)
    floor = key.meter.margin_floor_pct
    is_thin = floor is not None and (invoiced - cost) * 100 < Fraction(floor) * invoiced
    return [
        Condition("SOLD_BELOW_COST", comparable and invoiced < cost),
        Condition("MARGIN_BELOW_FLOOR", comparable and is_thin),
    ]

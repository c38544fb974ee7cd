"""What no rule bills to anybody: unmapped customers and SKUs, usage nobody meters, priced at cost (contract
§5.3, vendor side).
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.client_product import Key
from mbr_pipeline.explain.derivation import Derivation, Part, first_that_fits
from mbr_pipeline.explain.derive.cost_plus import costs
from mbr_pipeline.explain.derive.sides import mapping
from mbr_pipeline.explain.exact import half_up, money, plain
from mbr_pipeline.explain.in_period import RECONCILED, HeldCount, LineInPeriod, hold, place
from mbr_pipeline.explain.records import Facts, Finding


def unmapped(finding: Finding, facts: Facts) -> Derivation:
    """List what a customer or SKU without a rule brings in, of the finding's currency, and add up its
    effective cost.
    """
    by_customer = finding.vendor_customer_id is not None
    about = f"customer {finding.vendor_customer_id}" if by_customer else f"SKU {finding.sku_id}"
    rule_file = "client_map" if by_customer else "sku_map"
    lines = [
        p
        for p in place(facts)
        if p.is_landed_here
        and p.line.charge_category in RECONCILED
        and p.repeats is None
        and not p.is_future
        and p.line.currency == finding.currency
        and _lacks(finding, p, p.line.source, p.line.vendor_customer_id, p.line.sku_id)
    ]
    counts = [
        h
        for h in hold(facts)
        if _lacks(finding, h, h.count.source, h.count.vendor_customer_id, h.count.sku_id)
    ]
    if finding.currency is not None:
        counts = []  # they have no currency; alone they make a finding of their own
    places = facts.period.places(finding.currency)
    cost = sum((p.cost for p in lines), Fraction(0))
    amount = half_up(cost, places)
    when = f"recurring or usage lines landed in P, or seat counts, on whose days no {rule_file} row holds"
    code = "UNMAPPED_CUSTOMER" if by_customer else "UNMAPPED_SKU"
    found, why = first_that_fits(
        [(code, when, bool(lines or counts))], f"{len(lines)} vendor lines, {len(counts)} seat counts"
    )
    parts = [costs(lines, "Vendor lines landed in P without the rule")] if lines else []
    if counts:
        parts.append(_counts(counts))
    return Derivation(
        code=found,
        currency=finding.currency,
        places=places,
        impacts={"priced_at_cost": amount} if amount else {},
        parts=(*parts, _priced(cost, places, finding.currency), why),
        clears=(
            f"a row in rules/{finding.msp_id}/{rule_file}.csv for {finding.source}, {about}, then run the"
            " month again"
        ),
    )


def unmetered(finding: Finding, facts: Facts) -> Derivation:
    """List the usage lines of a key that no basis counts, of the finding's currency, and add up their
    effective cost.
    """
    key = Key(facts, finding.client_id or "", finding.product_code or "")
    usage = [p for p in key.counted if p.line.charge_category == "usage"]
    lines = [p for p in usage if p.line.currency == finding.currency]
    places = key.period.places(finding.currency)
    cost = sum((p.cost for p in lines), Fraction(0))
    amount = half_up(cost, places)
    is_found = bool(lines) and key.basis != "cost_plus"
    when = "usage lines count in P on a product whose basis is not cost_plus"
    code, why = first_that_fits(
        [("USAGE_NOT_METERED", when, is_found)], f"{len(lines)} usage lines; basis {key.basis}"
    )
    return Derivation(
        code=code,
        currency=finding.currency,
        places=places,
        impacts={"priced_at_cost": amount} if amount else {},
        parts=(
            Part("Rules", lines=(f"basis {key.basis}: {key.basis_reason}",)),
            mapping(key.period, lines),
            costs(lines, "Usage lines that count in P"),
            _priced(cost, places, finding.currency),
            why,
        ),
        clears=(
            f"basis cost_plus for {key.product_code} in rules/{finding.msp_id}/metering.csv, or its SKUs"
            " mapped to such a product"
        ),
    )


def _lacks(finding: Finding, item: LineInPeriod | HeldCount, source: str, customer: str, sku_id: str) -> bool:
    if source != finding.source:
        return False
    if finding.vendor_customer_id is not None:
        return customer == finding.vendor_customer_id and item.client is None
    return sku_id == finding.sku_id and item.client is not None and item.sku is None


def _counts(held: list[HeldCount]) -> Part:
    rows = tuple(
        (
            h.count.record_id,
            h.count.vendor_customer_id,
            h.count.sku_id,
            str(h.count.as_of_date),
            plain(h.count.entitled_quantity),
        )
        for h in held
    )
    return Part(
        "Seat counts dated in P without the rule",
        ("record", "customer", "SKU", "as of", "entitled"),
        rows,
        ("they have no cost",),
    )


def _priced(cost: Fraction, places: int, currency: str | None) -> Part:
    rounded = money(half_up(cost, places), places)
    return Part(
        "Priced at cost",
        lines=(f"{plain(cost)} rounded half-up to {places} places: {rounded} {currency or ''}".rstrip(),),
    )

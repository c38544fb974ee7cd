"""Codes of a key's margin: what is invoiced against what it costs (contract §5). They carry no
money of their own.
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.derivation import Derivation, Part, concluded, first_that_fits
from mbr_pipeline.explain.derive.cost_plus import costs, invoiced_amounts
from mbr_pipeline.explain.derive.quantities import mapping
from mbr_pipeline.explain.derive.rules_of_key import rules
from mbr_pipeline.explain.exact import money, plain
from mbr_pipeline.explain.records import Finding
from mbr_pipeline.recompute.findings.client import margin_conditions
from mbr_pipeline.recompute.findings.finding import MARGIN_CODES
from mbr_pipeline.recompute.money import places_of, rounded

_WHEN = {
    "SOLD_BELOW_COST": "invoiced > 0, cost in its currency, invoiced < cost",
    "MARGIN_BELOW_FLOOR": "likewise, (invoiced − cost) × 100 < margin_floor_pct × invoiced",
}


def margin(finding: Finding, case: Case) -> Derivation:
    """Show the margin of a key and compare it with cost and floor."""
    key, period = case.key(finding), case.period
    places, currency = places_of(key.currency), key.currency
    charged, cost = key.invoiced_amount(period), rounded(key.cost, currency)
    floor = None if key.meter.margin_floor_pct is None else Fraction(key.meter.margin_floor_pct)
    texts = money(charged, places), money(cost, places)
    lines = [
        f"cost: {plain(key.cost)} rounded half-up to {places} places = {texts[1]} {currency}",
        f"margin: {texts[0]} − {texts[1]} = {money(charged - cost, places)} {currency}",
    ]
    if floor is not None:
        lines += [
            f"margin_floor_pct {plain(floor)}: {case.rule('metering', key.meter.line)}",
            (
                f"(invoiced − cost) × 100 = {plain((charged - cost) * 100)}; {plain(floor)} × invoiced ="
                f" {plain(floor * charged)}"
            ),
        ]
    found = case.found(finding, MARGIN_CODES)
    clears = f"an invoice of at least {texts[1]} {currency}, or a corrected vendor bill or mapping"
    if found and found.code == "MARGIN_BELOW_FLOOR" and floor is not None:
        least = cost / (1 - floor / 100) if floor < 100 else None
        more = f"an invoice of at least {plain(least)} {currency}, or " if least is not None else ""
        clears = f"{more}a lower cost or margin_floor_pct"
    parts = (
        rules(case, key),
        mapping(case, key.vendor_lines),
        costs(key.vendor_lines),
        invoiced_amounts(key, period),
        Part("Margin", lines=tuple(lines)),
        first_that_fits(margin_conditions(key, period), _WHEN),
    )
    return concluded(found, currency, parts, clears)

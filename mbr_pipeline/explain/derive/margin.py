"""Codes of a key's margin: what is invoiced against what it costs (contract §5). They carry no money of their
own.
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.explain.client_product import Key
from mbr_pipeline.explain.derivation import Derivation, Part, first_that_fits
from mbr_pipeline.explain.derive.cost_plus import costs, invoiced_amounts
from mbr_pipeline.explain.derive.sides import mapping
from mbr_pipeline.explain.exact import half_up, money, plain
from mbr_pipeline.explain.records import Facts, Finding


def margin(finding: Finding, facts: Facts) -> Derivation:
    """Derive the margin of a key and hold it against cost and floor."""
    key = Key(facts, finding.client_id or "", finding.product_code or "")
    charged = key.invoiced_amount
    cost = Fraction(half_up(key.cost, key.places))
    listed = facts.metering.margin_floor_pct if facts.metering else None
    floor = None if listed is None else Fraction(listed)
    comparable = (
        charged > 0 and {p.line.currency for p in key.counted} == {key.currency} and not key.is_mismatched
    )
    texts = money(charged, key.places), money(cost, key.places)
    below_floor = floor is not None and (charged - cost) * 100 < floor * charged
    code, why = first_that_fits(
        [
            (
                "SOLD_BELOW_COST",
                "invoiced > 0, cost in its currency, invoiced < cost",
                comparable and charged < cost,
            ),
            (
                "MARGIN_BELOW_FLOOR",
                "likewise, (invoiced − cost) × 100 < margin_floor_pct × invoiced",
                comparable and below_floor,
            ),
        ]
    )
    lines = [
        f"cost: {plain(key.cost)} rounded half-up to {key.places} places = {texts[1]} {key.currency}",
        f"margin: {texts[0]} − {texts[1]} = {money(charged - cost, key.places)} {key.currency}",
    ]
    if floor is not None and facts.metering:
        lines += [
            f"margin_floor_pct {plain(floor)}: {key.period.rule('metering', facts.metering.line)}",
            (
                f"(invoiced − cost) × 100 = {plain((charged - cost) * 100)}; {plain(floor)} × invoiced ="
                f" {plain(floor * charged)}"
            ),
        ]
    clears = f"an invoice of at least {texts[1]} {key.currency}, or a corrected vendor bill or mapping"
    if code == "MARGIN_BELOW_FLOOR" and floor is not None:
        least = cost / (1 - floor / 100) if floor < 100 else None
        more = f"an invoice of at least {plain(least)} {key.currency}, or " if least is not None else ""
        clears = f"{more}a lower cost or margin_floor_pct"
    return Derivation(
        code=code,
        currency=key.currency,
        places=key.places,
        impacts={},
        parts=(
            Part("Rules", lines=key.describe()),
            mapping(key.period, key.counted),
            costs(key.counted),
            invoiced_amounts(key),
            Part("Margin", lines=tuple(lines)),
            why,
        ),
        clears=clears,
    )

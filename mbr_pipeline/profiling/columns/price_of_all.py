"""A price of an agreement that is of all units, not of one.

What belongs here: what the rows of one product show. What does not: quantity × price = amount (``money``).
"""

from __future__ import annotations

from fractions import Fraction

from connectors.mapped.words import TODO
from mbr_pipeline.profiling.columns.numbers import Numbers
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample

_LEAST_ROWS = 3


def price_of_all(proposal: Proposal, sample: Sample, numbers: Numbers) -> None:
    """Ask whether a price is of all units, where it grows with them in the rows of the same product."""
    product, price, many = (
        heading_of(proposal.columns.get(name)) for name in ("product_code", "unit_price", "quantity")
    )
    if not product or price not in numbers.columns or many not in numbers.columns:
        return
    found: dict[str, list[tuple[Fraction, Fraction]]] = {}
    for row, money, units in zip(sample.rows, numbers.columns[price], numbers.columns[many], strict=True):
        if money and units:
            found.setdefault(row.get(product, ""), []).append((Fraction(money), Fraction(units)))
    grown = [
        rows
        for rows in found.values()
        if len(rows) >= _LEAST_ROWS and len({m for m, _ in rows}) > 1 and len({m / u for m, u in rows}) == 1
    ]
    if grown:
        why = f"“{price}” grows with “{many}” in the rows of one “{product}”: is it of all units?"
        proposal.put("unit_price", TODO, why, ({"heading": price, "divided_by": many}, price))

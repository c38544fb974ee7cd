"""Money told by arithmetic over the rows: that of all units, that before tax, that less a discount.

What belongs here: what the numbers of rows say of each other. What does not: names of money
(``words.money_names``), and what is proposed of it (``columns.money``).
"""

from __future__ import annotations

from fractions import Fraction

from mbr_pipeline.mapping_help.text_folding import word_set
from mbr_pipeline.profiling.headings import folded
from mbr_pipeline.profiling.numbers import Column, Numbers
from mbr_pipeline.profiling.sample import Sample

_FEWEST_ROWS = 6
_WHOLE = Fraction(1, 2)
_TAX = word_set("tax taxes vat gst mwst ust steuer tva iva btw impuesto impuestos imposta")


def grows_with(numbers: Numbers, money: str, many: str) -> bool:
    """Whether a few prices of a unit make the money of all rows, which has many values: it is of all units,
    whatever the product is.
    """
    rows = [
        (Fraction(each), Fraction(units))
        for each, units in zip(numbers.columns[money], numbers.columns[many], strict=True)
        if each and units and units > 0
    ]
    places = max((-each.as_tuple().exponent for each in numbers.columns[money] if each), default=2)  # type: ignore[operator]
    half = Fraction(1, 2 * 10 ** max(places, 2))
    prices = 0
    reached: Fraction | None = None
    for least, most in sorted(((each - half) / units, (each + half) / units) for each, units in rows):
        if reached is None or least > reached:
            prices, reached = prices + 1, most
        else:
            reached = min(reached, most)
    values = len({each for each, _ in rows})
    return len(rows) >= _FEWEST_ROWS and prices * 3 <= len(rows) and prices * 2 < values


def is_before_tax(numbers: Numbers, amount: str) -> bool:
    """Whether it makes another column together with one of tax in every row, and in some row there is tax."""
    for tax in (h for h in numbers.columns if _TAX & set(folded(h).split()) and any(numbers.columns[h])):
        for gross in numbers.columns:
            if gross not in (tax, amount) and all(
                (net or 0) + (more or 0) == (whole or 0)
                for net, more, whole in zip(
                    numbers.columns[amount], numbers.columns[tax], numbers.columns[gross], strict=True
                )
            ):
                return True
    return False


def is_less_percents(numbers: Numbers, quantity: str, price: str, amount: str) -> bool:
    """Whether quantity × price is the amount in most rows, and more by a whole percentage in the others."""
    others = numbers.misses(quantity, price, amount)
    if not others or len(others) * 3 > len(numbers.columns[amount]):
        return False
    for at in others:
        many, each, money = (numbers.columns[h][at] for h in (quantity, price, amount))
        if not many or not each or money is None:
            return False
        whole = Fraction(many) * Fraction(each)
        percent = round(100 * (1 - Fraction(money) / whole))
        cents = abs(whole * (100 - percent) / 100 - Fraction(money)) * 100
        if not 0 < percent <= 100 or cents > _WHOLE:
            return False
    return True


def are_credit_notes(sample: Sample, invoice: str | None, money: Column) -> bool:
    """Whether no invoice has money of both signs: what is below zero is then a whole document."""
    signs: dict[str, set[bool]] = {}
    for row, amount in zip(sample.rows, money, strict=True):
        if amount:
            signs.setdefault(row.get(invoice or "", ""), set()).add(amount < 0)
    return bool(invoice) and all(len(found) == 1 for found in signs.values())

"""Which columns are quantity, price and amount: those for which quantity × price = amount on the rows.

What belongs here: reading numbers of a sample and testing what they add up to. What does not: names
(``words.money_names``), and what is proposed of it (``columns.money``). A relation that fails in one row does
not hold; all numbers are exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from connectors.mapped.values import NumberStyle
from mbr_pipeline.profiling.headings import folded, score
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.styles import number_styles
from mbr_pipeline.profiling.words.roles import is_discount

_MOST_COLUMNS = 40
"""A file of many numbers: more candidates than these are not combined."""

Column = list[Decimal | None]


class _Columns(dict[str, Column]):
    """Columns by heading; one that a person chose, of other texts than numbers, has none in any row."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def __missing__(self, heading: str) -> Column:
        return [None] * self._rows


@dataclass(frozen=True)
class Triple:
    """Three headings for which quantity × price = amount in every row; ``is_unsigned`` if only without the
    sign of some amounts.
    """

    quantity: str
    price: str
    amount: str
    is_unsigned: bool = False


class Numbers:
    """The columns of a sample that hold numbers, read in one style."""

    def __init__(self, sample: Sample, style: NumberStyle, headings: Sequence[str]) -> None:
        """Reads the columns whose filled cells are all numbers, and of which one is not zero."""
        self.style = style
        self.columns: dict[str, Column] = _Columns(len(sample.rows))
        for heading in headings:
            texts = [row.get(heading, "") for row in sample.rows]
            read = [style.read(text) if text else None for text in texts]
            if any(read) and not any(
                text and number is None for text, number in zip(texts, read, strict=True)
            ):
                self.columns[heading] = read

    def named(self, *names: str) -> list[str]:
        """Return the numeric headings that have one of these names, those of the first list first."""
        found = [
            (-points, heading)
            for heading in self.columns
            if (points := max(score(heading, listed)[0] for listed in names))
            and not self.counts_rows(heading)
            and folded(heading).split()[-1] not in _IDS
        ]
        return [heading for _, heading in sorted(found, key=lambda pair: pair[0])]

    def counts_rows(self, heading: str) -> bool:
        """Whether every row says how many rows there are, without decimals, as money has them."""
        column = self.columns[heading]
        is_count = len(column) > _FEW_ROWS and set(column) == {Decimal(len(column))}
        return is_count and all(number is not None and number.as_tuple().exponent == 0 for number in column)

    def is_complete(self, heading: str) -> bool:
        """Whether every row has a number there."""
        return all(number is not None for number in self.columns[heading])

    def same(self, one: str, other: str) -> bool:
        """Whether two columns have the same number in every row."""
        return self.columns[one] == self.columns[other]

    def total(self, heading: str) -> Decimal:
        """Return the sum of a column."""
        return sum((number for number in self.columns[heading] if number), Decimal(0))

    def triples(
        self, quantities: Sequence[str], prices: Sequence[str], amounts: Sequence[str]
    ) -> list[Triple]:
        """Return all combinations in which the product is the amount in every row that has it."""
        return [
            found
            for quantity in quantities[:_MOST_COLUMNS]
            for price in prices[:_MOST_COLUMNS]
            for amount in amounts[:_MOST_COLUMNS]
            if len({quantity, price, amount}) == 3 and (found := self._holds(quantity, price, amount))
        ]

    def _holds(self, quantity: str, price: str, amount: str) -> Triple | None:
        tolerance, seen, unsigned = self._tolerance(amount), False, False
        rows = zip(self.columns[quantity], self.columns[price], self.columns[amount], strict=True)
        for many, each, money in rows:
            if many is None or each is None or money is None:
                if money:
                    return None
                continue
            made = (many * each, *(many * price for price in _to_the_cent(each)))
            if all(abs(product - money) > tolerance for product in made):
                if all(abs(abs(product) - abs(money)) > tolerance for product in made):
                    return None
                unsigned = True
            seen |= bool(money)
        return Triple(quantity, price, amount, unsigned) if seen else None

    def misses(self, quantity: str, price: str, amount: str) -> list[int]:
        """Return the rows, from 0, in which the product is not the amount."""
        tolerance = self._tolerance(amount)
        rows = zip(self.columns[quantity], self.columns[price], self.columns[amount], strict=True)
        return [
            at
            for at, (many, each, money) in enumerate(rows)
            if money is not None
            and (
                many is None
                or each is None
                or all(
                    abs(abs(many * price) - abs(money)) > tolerance for price in (each, *_to_the_cent(each))
                )
            )
        ]

    def factors(self, quantity: str, price: str, amount: str) -> Iterator[str]:
        """Give the other columns that quantity × price has to be multiplied by, or discounted with, to make
        the amount in every row.
        """
        tolerance = self._tolerance(amount)
        for heading, column in self.columns.items():
            if heading in (quantity, price, amount):
                continue
            if not any(column):
                continue
            rows = [
                (many * each, factor, money)
                for many, each, factor, money in zip(
                    self.columns[quantity], self.columns[price], column, self.columns[amount], strict=True
                )
                if many is not None and each is not None and money is not None
            ]
            if len(rows) < len(self.columns[amount]) or not any(money for *_, money in rows):
                continue
            if any(
                all(abs(abs(made[way]) - abs(money)) <= tolerance for made, money in _ways(rows))
                for way in range(_WAYS)
            ):
                yield heading

    def takes_off(self, quantity: str, price: str, amount: str, discount: str) -> bool:
        """Whether quantity × price less a discount, in money, percent or parts, is the amount in every row
        that has one, and the discount takes something off in one of them.
        """
        if not any(self.columns[discount]):
            return False
        rows = [
            (many * each, abs(off or Decimal(0)), money)
            for many, each, off, money in zip(
                *(self.columns[h] for h in (quantity, price, discount, amount)), strict=True
            )
            if many is not None and each is not None and money is not None
        ]
        filled = sum(money is not None for money in self.columns[amount])
        if not rows or len(rows) < filled:
            return False
        tolerance = self._tolerance(amount)
        return any(
            all(abs(abs(made[way]) - abs(money)) <= tolerance for made, money in _ways(rows))
            for way in _TAKEN_OFF
        )

    def _tolerance(self, amount: str) -> Decimal:
        """One unit of the last place that amounts are written with: some round, others cut off."""
        places = max(
            (max(0, -number.as_tuple().exponent) for number in self.columns[amount] if number is not None),  # type: ignore[operator]
            default=0,
        )
        return Decimal(1).scaleb(-max(2, places))


def beside_units(sample: Sample) -> list[str]:
    """Return columns of numbers that have their unit in words in a column beside: Usage, Usage Unit."""
    called = {folded(heading): heading for heading in sample.headings if heading}
    return [
        heading
        for text, heading in called.items()
        if any(
            (unit := called.get(f"{text} {word}")) and not number_styles(sample.values(unit)).styles
            for word in ("unit", "units", "uom", "unit of measure", "einheit", "unite", "unidad")
        )
        and number_styles(sample.values(heading)).styles
    ]


_SIGN = re.compile(r"[^\d\s.,'+()-]")
_IDS = frozenset(["id", "uuid", "guid", "key"])
_FEW_ROWS = 2
_CENT = Decimal("0.01")


def _to_the_cent(price: Decimal) -> tuple[Decimal, ...]:
    """Some vendors cut or round what one unit costs before they multiply."""
    if price == price.quantize(_CENT, ROUND_DOWN):
        return ()
    return price.quantize(_CENT, ROUND_DOWN), price.quantize(_CENT, ROUND_HALF_UP)


_WAYS = 5
_TAKEN_OFF = (1, 2, 3)
"""Of the ways those that take off a percentage, a part, or money."""


def _ways(
    rows: list[tuple[Decimal, Decimal | None, Decimal]],
) -> Iterator[tuple[tuple[Decimal, ...], Decimal]]:
    """Give what a factor can do to each product: a multiple, a discount, a percentage; an empty cell does
    nothing.
    """
    for product, factor, money in rows:
        if factor is None:
            yield (product,) * _WAYS, money
            continue
        yield (
            (
                product * factor,
                product * (100 - factor) / 100,
                product * (1 - factor),
                product - factor,
                product * factor / 100,
            ),
            money,
        )


def _of_most_columns(sample: Sample, headings: Sequence[str]) -> list[str]:
    """Return the numbers of the columns with the decimal mark that most have, where a file has both."""
    found: dict[str, list[str]] = {}
    for heading in headings:
        numbers = number_styles(sample.values(heading))
        for point in {style.point for style in numbers.styles}:
            found.setdefault(point, []).append(heading)
    bare = {h for h in headings if not any(_SIGN.search(text) for text in sample.values(h))}
    most = max(found.values(), key=lambda named: (len(named), len(bare & set(named))))
    return [text for heading in most for text in sample.values(heading)]


def read_numbers(sample: Sample, candidates: Sequence[str]) -> list[Numbers]:
    """Return the sample's numbers once for every decimal mark that the candidates leave possible."""
    readable = [heading for heading in candidates if number_styles(sample.values(heading)).styles]
    values = [text for heading in readable for text in sample.values(heading)]
    if readable and not number_styles(values).styles:
        values = _of_most_columns(sample, readable)
    usable = [heading for heading in dict.fromkeys(sample.headings) if heading]
    found: dict[str, NumberStyle] = {}
    for style in number_styles(values).styles:
        found.setdefault(style.point, style)
    return [Numbers(sample, style, usable) for style in found.values()]


def products(both: list[str], factor: str) -> tuple[dict[str, Any], ...]:
    """What quantity × price and a third column may make: less a discount, or times a duration."""
    plain = {"product_of": both}
    if is_discount(folded(factor)):
        return {**plain, "less_percent": factor}, plain
    return plain, {"product_of": [*both, factor]}

"""Records whose numbers are allowed one by one and too large together with a rule or a price (contract §3.1,
readings, numbers that are too large together).

What belongs here: the products that are formed of a record, and their bounds. What does not: a number that is
too large by itself, and quantity times price of one row (``schema``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, prod
from typing import Any

from mbr_pipeline.recompute.periods import Period
from mbr_pipeline.recompute.reading.records import InvoiceLine, Record
from mbr_pipeline.recompute.reading.rules import Rules

_UNITS, _MONEY, _PER_CENT = 10**12, 10**15, 10**17
_COUNTED = {
    "vendor_charges": ("quantity",),
    "license_counts": ("entitled_quantity", "assigned_quantity"),
}
_PRICED = {"products": "default_unit_price", "agreements": "unit_price", "invoice_lines": "unit_price"}

Records = dict[str, list[Any]]
"""The accepted records of a month by dataset, each once."""


@dataclass(frozen=True)
class TooLarge:
    """A product of a record that does not fit: its dataset, the column that is in it, and the reason."""

    dataset: str
    record: Record
    column: str
    reason: str


class _Largest(defaultdict[object, int]):
    """The largest number by what it is about, 0 where there is none: whole, without sign, rounded up."""

    def __init__(self) -> None:
        super().__init__(int)

    def note(self, about: object, number: Decimal | int | None) -> None:
        self[about] = max(self[about], _whole(number))


def _whole(number: Decimal | int | None) -> int:
    return 0 if number is None else ceil(abs(Decimal(number)))


class _Factors:
    """What rules and prices multiply records with."""

    def __init__(self, records: Records, period: Period, rules: Rules) -> None:
        price = _Largest()
        for dataset, column in _PRICED.items():
            for row in records[dataset]:
                if not isinstance(row, InvoiceLine) or _reaches_into(period, row):
                    price.note(row.product_code, getattr(row, column))
        self.units_per, self.price, self.per_cent, self.cost = (_Largest() for _ in range(4))
        for sku in rules.skus:
            about, product = sku.scope[:2], sku.product_code
            self.units_per.note(about, sku.units_per)
            self.price.note(about, price[product])
            if product in rules.metering:
                self.per_cent.note(about, 100 + rules.metering[product].markup_pct)
        for cost in rules.costs:
            self.cost.note(cost.scope[:2], cost.unit_cost)
        self.minimum = {product: meter.minimum_quantity for product, meter in rules.metering.items()}

    def products(self, dataset: str, record: Any) -> Iterator[tuple[str, str, int, list[int]]]:
        """The products of a record: column, by what it is multiplied, bound, and the other factors."""
        if dataset in _PRICED:
            minimum = _whole(self.minimum.get(record.product_code))
            yield _PRICED[dataset], "minimum_quantity", _MONEY, [minimum]
            return
        about = (record.source, record.sku_id)
        units_per = self.units_per[about]
        for column in _COUNTED[dataset]:
            yield column, "units_per", _UNITS, [units_per]
            yield column, "units_per and the price of its product", _MONEY, [units_per, self.price[about]]
            yield column, "the listed unit cost", _MONEY, [self.cost[about]]
        if dataset == "vendor_charges":
            yield "amount", "100 + markup_pct", _PER_CENT, [self.per_cent[about]]


def _reaches_into(period: Period, line: InvoiceLine) -> bool:
    return period.overlap(line.service_period_start, line.service_period_end) > 0


def take_out_too_large(records: Records, period: Period, rules: Rules) -> list[TooLarge]:
    """Take the records out of the lists by dataset that do not fit, and list every product of theirs that
    does not.

    Prices of records that are taken out count all the same, so the order of datasets means nothing.
    """
    factors = _Factors(records, period, rules)
    found: list[TooLarge] = []
    for dataset in (*_COUNTED, *_PRICED):
        kept: list[Record] = []
        for record in records[dataset]:
            faults = [
                TooLarge(dataset, record, column, f"{column} times {other} is too large")
                for column, other, bound, others in factors.products(dataset, record)
                if prod(others, start=_whole(getattr(record, column))) >= bound
            ]
            found += faults
            if not faults:
                kept.append(record)
        records[dataset][:] = kept
    return found

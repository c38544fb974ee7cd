"""What a client buys over time.

A ``Deal`` is one key (client and product) with price cohorts; a ``Subscription`` is what the vendor bills
and counts for it. Which deals exist is in ``archetypes``, the rows they cause in ``deal_rows``; cloud
usage is in ``usage``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from mbr_pipeline.scaffold.world.arithmetic import period_end, period_start
from mbr_pipeline.scaffold.world.catalogue import SkuFact, Timeline

Steps = list[tuple[date, int]]
Billing = Literal["recharge", "delta", "split", "yearly", "advance", "counted_only"]


def value_on(steps: Steps, day: date) -> int:
    """The quantity in force on a day; 0 before the first step."""
    return ([0] + [quantity for start, quantity in steps if start <= day])[-1]


def changes(steps: Steps, period: str) -> list[tuple[date, int, int]]:
    """Changes within a period but not on its first day: (day, quantity before, quantity after)."""
    first, end = period_start(period), period_end(period)
    days = [start for start, _ in steps if first < start < end]
    return [(day, value_on(steps, day - timedelta(days=1)), value_on(steps, day)) for day in days]


@dataclass
class Subscription:
    """One vendor subscription: quantities in SKU units from each day on, and how its vendor bills it.

    ``assigned`` is the history of assigned seats where it differs from the entitled ones; ``blank_assigned``
    leaves them out.
    """

    sku: SkuFact
    customer_id: str
    customer_name: str
    subscription_id: str
    cost_currency: str
    steps: Steps
    billing: Billing = "recharge"
    assigned: Steps | None = None
    blank_assigned: bool = False
    batch: str = ""

    @property
    def billable(self) -> Steps:
        """The history that the client is billed by: assigned seats where they are
        counted, else the quantity.
        """
        return self.assigned if self.assigned is not None else self.steps


@dataclass
class Cohort:
    """Units of one key sold under one price history; ``services`` is the quantity of
    products without a vendor.
    """

    agreement: str
    start: date
    prices: Timeline
    subscriptions: list[Subscription] = field(default_factory=list)
    services: Steps = field(default_factory=list)
    end: date | None = None

    def quantity(self, day: date, minimum: int = 0) -> int:
        """Client units in force on a day, raised to the minimum where there are any."""
        billed = (s for s in self.subscriptions if s.billing != "counted_only")
        units = sum(value_on(s.billable, day) * s.sku.units_per for s in billed) + value_on(
            self.services, day
        )
        return max(units, minimum) if units else 0

    def price(self, day: date) -> Decimal:
        """Price of one unit per full month in force on a day."""
        return [price for start, price in self.prices if start <= day][-1]


@dataclass
class Deal:
    """One key: a client's product in one currency, sold in one or more cohorts."""

    client_id: str
    product_code: str
    currency: str
    cohorts: list[Cohort]
    minimum: int = 0
    yearly: bool = False
    quantity_agreed: bool = False
    delta_invoice: bool = False
    named: bool = False

"""Licence snapshots of the clean world: what each source counted for each customer, agreeing with what it
billed.

Dates are chosen so that every change of a counted quantity is seen on its day, which makes the held unit-days
equal to the billed ones (contract §4.3, ``entitled`` and ``assigned``). Only ``license_counts`` rows are made
here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from mbr_pipeline.scaffold.arithmetic import day_of, days_in
from mbr_pipeline.scaffold.rows import Row
from mbr_pipeline.scaffold.world.deals import Subscription, changes, value_on


def snapshot_rows(subs: list[Subscription], period: str, rng: Random) -> Iterator[tuple[str, Row]]:
    """Snapshots of a period as (source, row): one row per subscription, so rows of one date and SKU add
    up.
    """
    tenants: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
    for sub in subs:
        if sub.sku.counted:
            tenants[sub.sku.source, sub.customer_id].append(sub)
    for (source, customer), owned in tenants.items():
        for day in _dates(owned, period, rng):
            held = [sub for sub in owned if value_on(sub.steps, day)]
            for sub in held or owned[:1]:
                yield source, _row(customer, sub, day, _blank(owned, sub))


def _dates(subs: list[Subscription], period: str, rng: Random) -> list[date]:
    """The first snapshot early in the month, one on every change, sometimes one more."""
    days = {day_of(period, rng.randint(1, 5))}
    for sub in subs:
        days |= {day for day, _, _ in changes(sub.steps, period)}
        days |= {day for day, _, _ in changes(sub.assigned or [], period)}
    if rng.random() < 0.5:
        days.add(day_of(period, rng.randint(26, days_in(period))))
    return sorted(days)


def _blank(owned: list[Subscription], sub: Subscription) -> bool:
    """Whether assigned seats are unknown: decided once per customer and SKU, for a sum of some would
    mislead.
    """
    return next(other.blank_assigned for other in owned if other.sku.sku_id == sub.sku.sku_id)


def _row(customer: str, sub: Subscription, day: date, blank: bool) -> Row:
    return {
        "vendor_customer_id": customer,
        "sku_id": sub.sku.sku_id,
        "as_of_date": day,
        "entitled_quantity": Decimal(value_on(sub.steps, day)),
        "assigned_quantity": None if blank else Decimal(value_on(sub.billable, day)),
    }

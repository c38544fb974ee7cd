"""Cloud consumption of the clean world: usage lines with eleven decimals, reservations, and the invoice that
adds the markup.

The one cost-plus product is here because its client invoice is computed from the vendor lines, not from
a quantity (contract §4.3, ``cost_plus``). Unit-based products are in ``deals``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from mbr_pipeline.scaffold.world.arithmetic import (
    FX,
    add_months,
    day_of,
    days_in,
    next_period,
    overlap,
    period_end,
    period_start,
    round_money,
    round_places,
)
from mbr_pipeline.scaffold.world.catalogue import Catalogue
from mbr_pipeline.scaffold.world.model import Row
from mbr_pipeline.scaffold.world.parties import Party

MARKUP = Fraction(1725, 10000)
PRODUCT = "CLOUD"


@dataclass
class CloudAccount:
    """One client's consumption: the vendor lines by the period they landed in."""

    party: Party
    landed: dict[str, list[Row]] = field(default_factory=dict)


def make_account(party: Party, catalogue: Catalogue, periods: list[str], rng: Random) -> CloudAccount:
    """Draw a client's consumption: in the month, in arrears, across either end, of one
    moment, and reserved capacity.
    """
    account = CloudAccount(party)
    for index, period in enumerate(periods):
        first, end = period_start(period), period_end(period)
        last_month = next_period(period, -1)
        spans = [
            (first, end),
            (day_of(period, 3), day_of(period, 9)),
            (period_start(last_month), first),
            (day_of(last_month, 20), day_of(period, 20)),
            (day_of(period, 22), day_of(next_period(period), rng.randint(4, 12))),
            (day_of(period, 15), day_of(period, 15)),
        ]
        rows = [_usage(party, rng, f"res-{n}", *span) for n, span in enumerate(spans)]
        rows.append(_reserve(party, catalogue, first, end, Decimal(2)))
        if index == 0:
            rows.append(
                _reserve(party, catalogue, day_of(period, 11), add_months(day_of(period, 11), 12), Decimal(1))
            )
        account.landed[period] = rows
    return account


def _base(party: Party, sku: str, start: date, end: date) -> Row:
    return {
        "vendor_customer_id": party.tenants["microsoft"],
        "vendor_customer_name": party.name,
        "sku_id": sku,
        "currency": party.currency,
        "charge_period_start": start,
        "charge_period_end": end,
    }


def _usage(party: Party, rng: Random, resource: str, start: date, end: date) -> Row:
    quantity = Decimal(rng.randint(1, 9_999_999_999)) / 10**6
    unit_cost = Decimal(rng.randint(1, 10**9)) / 10**10 * FX[party.currency]
    return {
        **_base(party, "AZURE", start, end),
        "subscription_id": resource,
        "charge_category": "usage",
        "charge_type": "Usage",
        "quantity": quantity,
        "unit_cost": round_places(unit_cost, 10),
        "amount": round_places(quantity * round_places(unit_cost, 10), 11),
    }


def _reserve(party: Party, catalogue: Catalogue, start: date, end: date, quantity: Decimal) -> Row:
    months = 12 if (end - start).days > 31 else 1
    unit_cost = catalogue.cost("reserve", party.currency, start) * months
    return {
        **_base(party, "AZURE-RI", start, end),
        "subscription_id": f"ri-{months}",
        "charge_category": "recurring",
        "charge_type": "new",
        "term": "P1Y",
        "quantity": quantity,
        "unit_cost": unit_cost,
        "amount": round_money(quantity * unit_cost, party.currency),
    }


def effective_cost(row: Row, period: str, landed_here: bool) -> Fraction:
    """What a line costs in a period: its share by days, to ten places, or exactly all of it (contract §4)."""
    start, end, amount = row["charge_period_start"], row["charge_period_end"], row["amount"]
    assert isinstance(start, date) and isinstance(end, date) and isinstance(amount, Decimal)
    if start == end:
        return Fraction(amount) if overlap(start, start + timedelta(days=1), period) else Fraction(0)
    counted = overlap(start, end, period)
    if landed_here and row["charge_category"] == "usage":
        counted = max(0, (min(end, period_end(period)) - start).days)
    days = (end - start).days
    if counted == days:
        return Fraction(amount)
    return Fraction(round_places(Fraction(amount) * counted / days, 10))


def expected_amount(account: CloudAccount, period: str) -> Decimal:
    """Cost counting in the period plus the markup, rounded once."""
    total = sum(
        (
            effective_cost(row, period, landed == period)
            for landed, rows in account.landed.items()
            if landed <= period
            for row in rows
        ),
        Fraction(0),
    )
    return round_money(total * (1 + MARKUP), account.party.currency)


def invoice_rows(account: CloudAccount, period: str) -> Iterator[Row]:
    """The client's lines for the period: the expected amount in two parts, the second for
    the month's second half.
    """
    total = expected_amount(account, period)
    part = round_money(total / 3, account.party.currency)
    first, middle, end = period_start(period), day_of(period, days_in(period) // 2), period_end(period)
    for amount, start, stop in ((part, first, end), (total - part, middle, end)):
        yield {
            "client_id": account.party.client_id,
            "product_code": PRODUCT,
            "quantity": Decimal(1),
            "unit_price": amount,
            "amount": amount,
            "currency": account.party.currency,
            "service_period_start": start,
            "service_period_end": stop,
            "agreement_line_id": None,
            "charge_category": "recurring",
        }

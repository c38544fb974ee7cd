"""The rows that deals cause in one period: on the vendor's bill, in its licence counts, in the PSA's
agreements and on the client's invoice.

All four come from the same history, so they agree by construction. Counts are dated so that every change of a
counted quantity is seen on its day, which makes the held unit-days equal to the billed ones (contract §4.3,
bases ``entitled`` and ``assigned``). What a client buys is in ``deals``; cloud usage is in ``usage``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

from mbr_pipeline.scaffold.world.arithmetic import (
    add_months,
    day_of,
    days_in,
    last_day,
    next_period,
    period_end,
    period_start,
    round_money,
    round_places,
)
from mbr_pipeline.scaffold.world.catalogue import Catalogue
from mbr_pipeline.scaffold.world.deals import Cohort, Deal, Subscription, changes, value_on
from mbr_pipeline.scaffold.world.model import Row


def vendor_rows(sub: Subscription, catalogue: Catalogue, period: str, first_landed: bool) -> Iterator[Row]:
    """The subscription's vendor lines landed in a period (without ids), all charged by the day."""
    if sub.billing == "counted_only":
        return
    if sub.billing == "yearly":
        yield from _yearly_vendor_rows(sub, catalogue, period)
        return
    if sub.billing == "advance":
        following = next_period(period)
        if first_landed:
            yield _charge(
                sub, catalogue, period, period_start(period), value_on(sub.steps, period_start(period)), "new"
            )
        quantity = value_on(sub.steps, period_start(following))
        yield _charge(sub, catalogue, following, period_start(following), quantity, "cycleCharge")
        return
    if sub.billing == "split":
        cuts = [period_start(period), *(day for day, _, _ in changes(sub.steps, period)), period_end(period)]
        for day, end in pairwise(cuts):
            if value_on(sub.steps, day):
                yield _charge(sub, catalogue, period, day, value_on(sub.steps, day), "cycleCharge", end)
        return
    standing = value_on(sub.steps, period_start(period))
    if standing:
        yield _charge(sub, catalogue, period, period_start(period), standing, "cycleCharge")
    for day, before, after in changes(sub.steps, period):
        if sub.billing == "delta":
            yield _charge(sub, catalogue, period, day, after - before, "adjust")
            continue
        word = (
            "cancel"
            if not after
            else "new"
            if not before
            else "addQuantity"
            if after > before
            else "removeQuantity"
        )
        if before:
            yield _charge(sub, catalogue, period, day, -before, word)
        if after:
            yield _charge(sub, catalogue, period, day, after, word)


def _yearly_vendor_rows(sub: Subscription, catalogue: Catalogue, period: str) -> Iterator[Row]:
    start = sub.steps[0][0]
    end = add_months(start, 12)
    yearly = catalogue.cost(sub.sku.key, sub.cost_currency, start) * 11
    for index, (day, quantity) in enumerate(sub.steps):
        if not period_start(period) <= day < period_end(period):
            continue
        added = quantity - (sub.steps[index - 1][1] if index else 0)
        unit_cost = round_places(Fraction(yearly) * (end - day).days / (end - start).days, 10)
        yield _line(sub, day, end, added, unit_cost, "addQuantity" if index else "new")


def _charge(
    sub: Subscription,
    catalogue: Catalogue,
    period: str,
    day: date,
    quantity: int,
    word: str,
    end: date | None = None,
) -> Row:
    """A line from a day to the end of its month (or an earlier day) at the prorated cost of that month."""
    end = end or period_end(period)
    monthly = catalogue.cost(sub.sku.key, sub.cost_currency, period_start(period))
    share = Fraction((end - day).days, days_in(period))
    return _line(
        sub, day, end, quantity, monthly if share == 1 else round_places(Fraction(monthly) * share, 10), word
    )


def _line(
    sub: Subscription, start: date, end: date, quantity: int, unit_cost: Decimal, charge_type: str
) -> Row:
    return {
        "vendor_customer_id": sub.customer_id,
        "vendor_customer_name": sub.customer_name,
        "sku_id": sub.sku.sku_id,
        "sku_name": sub.sku.name,
        "subscription_id": sub.subscription_id,
        "charge_category": "recurring",
        "charge_type": charge_type,
        "term": sub.sku.term,
        "quantity": Decimal(quantity),
        "unit_cost": unit_cost,
        "amount": round_money(quantity * unit_cost, sub.cost_currency),
        "currency": sub.cost_currency,
        "charge_period_start": start,
        "charge_period_end": end,
    }


def snapshot_rows(subs: list[Subscription], period: str, rng: Random) -> Iterator[tuple[str, Row]]:
    """Snapshots of a period as (source, row): one row per subscription, so rows of one date
    and SKU add up.
    """
    tenants: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
    for sub in subs:
        if sub.sku.counted:
            tenants[sub.sku.source, sub.customer_id].append(sub)
    for (source, customer), owned in tenants.items():
        for day in _count_dates(owned, period, rng):
            held = [sub for sub in owned if value_on(sub.steps, day)]
            for sub in held or owned[:1]:
                yield source, _count_row(customer, sub, day, _is_blank(owned, sub))


def _count_dates(subs: list[Subscription], period: str, rng: Random) -> list[date]:
    """The first snapshot early in the month, one on every change, sometimes one more."""
    days = {day_of(period, rng.randint(1, 5))}
    for sub in subs:
        days |= {day for day, _, _ in changes(sub.steps, period)}
        days |= {day for day, _, _ in changes(sub.assigned or [], period)}
    if rng.random() < 0.5:
        days.add(day_of(period, rng.randint(26, days_in(period))))
    return sorted(days)


def _is_blank(owned: list[Subscription], sub: Subscription) -> bool:
    """Whether assigned seats are unknown: decided once per customer and SKU, because a
    partial sum would mislead.
    """
    return next(other.blank_assigned for other in owned if other.sku.sku_id == sub.sku.sku_id)


def _count_row(customer: str, sub: Subscription, day: date, blank: bool) -> Row:
    return {
        "vendor_customer_id": customer,
        "vendor_customer_name": sub.customer_name,
        "sku_id": sub.sku.sku_id,
        "sku_name": sub.sku.name,
        "as_of_date": day,
        "entitled_quantity": Decimal(value_on(sub.steps, day)),
        "assigned_quantity": None if blank else Decimal(value_on(sub.billable, day)),
    }


def agreement_rows(deal: Deal, period: str) -> Iterator[Row]:
    """The deal's agreement lines as the PSA shows them for a period: past, present, and those
    of the next month.
    """
    for cohort in deal.cohorts:
        starts = {cohort.start} | {start for start, _ in cohort.prices if start > cohort.start}
        if deal.quantity_agreed:
            starts |= {start for start, _ in cohort.services if start > cohort.start}
        ordered = sorted(day for day in starts if cohort.end is None or day < cohort.end)
        for index, start in enumerate(ordered):
            if start >= period_end(next_period(period)):
                continue
            end = ordered[index + 1] if index + 1 < len(ordered) else cohort.end
            shown = min(last_day(period), end - timedelta(days=1)) if end else last_day(period)
            yield {
                "agreement_line_id": f"{cohort.agreement}.{index + 1}",
                "agreement_id": cohort.agreement,
                "client_id": deal.client_id,
                "product_code": deal.product_code,
                "quantity": Decimal(cohort.quantity(start if deal.quantity_agreed else shown, deal.minimum)),
                "unit_price": cohort.price(start),
                "currency": deal.currency,
                "effective_start": start,
                "effective_end": end,
            }


def invoice_rows(deal: Deal, period: str) -> Iterator[Row]:
    """The deal's client invoice lines for a period (without ids), prorated by days at the price in force."""
    lines = list(agreement_rows(deal, period))
    for cohort in deal.cohorts:
        pieces = _yearly_pieces(cohort, period) if deal.yearly else _monthly_pieces(deal, cohort, period)
        for start, end, quantity in pieces:
            if not quantity:
                continue
            price = cohort.price(start)
            if deal.yearly:
                amount = round_money(
                    Fraction(price) * 12 * quantity * (end - start).days / 365, deal.currency
                )
            else:
                amount = round_money(
                    Fraction(price) * quantity * (end - start).days / days_in(period), deal.currency
                )
            named = [
                row["agreement_line_id"]
                for row in lines
                if row["agreement_id"] == cohort.agreement and _active(row, start)
            ]
            yield {
                "client_id": deal.client_id,
                "product_code": deal.product_code,
                "quantity": Decimal(quantity),
                "unit_price": price,
                "amount": amount,
                "currency": deal.currency,
                "service_period_start": start,
                "service_period_end": end,
                "agreement_line_id": named[0] if named and (deal.named or len(deal.cohorts) > 1) else None,
                "charge_category": None if quantity % 2 else "recurring",
            }


def _active(agreement: Row, day: date) -> bool:
    start, end = agreement["effective_start"], agreement["effective_end"]
    assert isinstance(start, date)
    return start <= day and (end is None or (isinstance(end, date) and day < end))


def _yearly_pieces(cohort: Cohort, period: str) -> Iterator[tuple[date, date, int]]:
    for sub in cohort.subscriptions:
        end = add_months(sub.steps[0][0], 12)
        previous = 0
        for day, quantity in sub.steps:
            if period_start(period) <= day < period_end(period):
                yield day, end, (quantity - previous) * sub.sku.units_per
            previous = quantity


def _monthly_pieces(deal: Deal, cohort: Cohort, period: str) -> Iterator[tuple[date, date, int]]:
    first, end = period_start(period), period_end(period)
    histories = [s.billable for s in cohort.subscriptions] + [cohort.services]
    moved = {day for history in histories for day, _, _ in changes(history, period)}
    repriced = {day for day, _ in cohort.prices if first < day < end}
    if deal.delta_invoice and not repriced:
        yield first, end, cohort.quantity(first, deal.minimum)
        for day in sorted(moved):
            before = cohort.quantity(day - timedelta(days=1), deal.minimum)
            yield day, end, cohort.quantity(day, deal.minimum) - before
        return
    cuts = sorted({first} | moved | repriced)
    for start, stop in pairwise([*cuts, end]):
        yield start, stop, cohort.quantity(start, deal.minimum)

"""A line of a HaloPSA recurring invoice as a canonical agreement line.

What belongs here: when a line is in force, and what it costs a month. Does not: lines of invoices
(``lines``).

* A recurring invoice is a template: its lines are what is billed from now on. Lines rarely have dates; one
  without is in force in the month that it was fetched for.
* A price is for as long as the recurring invoice bills at a time: the whole months of its period, or those
  that its schedule means. Where the two differ, nothing is guessed.
* What is billed once, disabled or inactive is no agreement line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connectors.dated_months import period_of, shifted
from connectors.exact_numbers import double, exact_text, fraction_or_zero
from connectors.mapping import MappingError, Native, Row, after
from connectors.sources.halopsa.records import (
    client_of,
    currency_of,
    day_of,
    is_named,
    is_so,
    is_text,
    item_of,
    monthly_text,
    period_of_document,
    price_of,
    whole_months,
)

_WHILE = 2
"""Months after the first of a month in which its invoices are made, and recurring invoices change by that."""


def agreements(native: Native) -> Iterator[Row]:
    """Yield the agreement line; none if nothing is agreed."""
    is_over = is_so(native, "document.disabled") or is_so(native, "onetimecharge")
    if native.text("_item") is None or is_over or is_text(native):
        return
    item = item_of(native)
    if item is None:
        native.remark("are lines of recurring invoices that name no item, and are no agreement lines")
        return
    starts = [day for name in ("startdate", "document.startdate") if (day := day_of(native, name))]
    start = max(starts) if starts else period_of(native)
    end = _end(native)
    if end is not None and end <= start:
        return
    changed = day_of(native, "document.last_modified")
    if changed is not None and changed >= shifted(period_of(native), _WHILE):
        native.remark(
            "are of recurring invoices that were changed more than a month after the month fetched: what they"
            " say need not have been agreed in it"
        )
    if is_named(native, "recurring_invoice_quantity_type"):
        native.remark("have a quantity that HaloPSA counts when it invoices: it is that of its last count")
    if is_named(native, "billingperiod") or fraction_or_zero(native, "line_periods") > 1:
        native.remark("name a billing period of their own, and count for that of their recurring invoice")
    yield {
        "agreement_line_id": native.needed("id"),
        "agreement_id": native.needed("document.id"),
        "client_id": client_of(native),
        "product_code": item,
        "quantity": exact_text(double(native, "qty_order"), 60),
        "unit_price": monthly_text(price_of(native), _months(native)),
        "currency": currency_of(native),
        "effective_start": str(start),
        "effective_end": str(end) if end else None,
    }


def _end(native: Native) -> date | None:
    """Return the first day on which the line or its recurring invoice is over; None if neither ends."""
    names = ("document.enddate",) if is_so(native, "autorenew") else ("enddate", "document.enddate")
    return min((after(day) for name in names if (day := day_of(native, name))), default=None)


def _months(native: Native) -> int:
    """Return how many months a recurring invoice bills at a time.

    Raises:
        MappingError: It says nothing of it, or two things.
    """
    period = period_of_document(native)
    by_days = whole_months(*period) if period else None
    number = native.text("document.period")
    known = dict(
        entry.strip().split("=", 1) for entry in native.settings["periods"].split(",") if "=" in entry
    )
    text = known.get(number or "", "")
    by_schedule = int(text) if text.isdecimal() and int(text) else None
    if by_days and by_schedule and by_days != by_schedule:
        raise MappingError(
            "document.period",
            number,
            f"means {by_schedule} months by settings.periods, and the days of its period are {by_days};"
            " correct one of the two",
        )
    found = by_days or by_schedule
    if not found:
        raise MappingError(
            "document.period",
            number,
            f"says of no whole months what its prices are for; set settings.periods, such as {number or 3}=1",
        )
    return found

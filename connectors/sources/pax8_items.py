"""An item of a Pax8 invoice as canonical vendor charges.

What belongs here: whether its invoice stands, what the item costs and for which days, and what is due in
addition to its cost. What does not: where items come from (``pax8``).

* What the MSP pays is ``cost`` and ``costTotal``; ``price`` and ``total`` are what its customer would pay,
  and are not read.
* A refund of seats comes with negative money and often with a plain quantity: as negative seats, it and the
  charge add up.
* The lines of an item, but those of category tax, make its ``amountDue``, and so make the invoice's total,
  from which the contract leaves tax out. Tax that is part of what is due is therefore an adjustment.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from connectors.dated_months import DATED, shifted
from connectors.exact_numbers import (
    PRICE_PLACES,
    amount_text,
    fraction,
    fraction_or_zero,
    price_text,
    quantity_text,
    rounded_text,
    seats_of,
)
from connectors.mapping import MappingError, Native, Row, after, content_id

_STANDS = {
    "Unpaid": True,
    "Paid": True,
    "Carried": True,
    "Nothing Due": True,
    "Void": False,
    "Credited": False,
}
_CATEGORIES = {
    "subscription": "recurring", "prorate": "recurring", "one-time": "one_time", "service-charge": "one_time",
    "rebate": "credit", "payment-credit": "credit", "service-credit": "credit", "invoice-credit": "credit",
}  # fmt: skip
_TERMS = {"one-time": "one_time", "activation": "one_time", "rebate": "credit", "arrears": "usage"}
"""Terms, in lower case (Pax8 writes One-Time and One-time), that describe a subscription's item better than
its type does.
"""


def is_billed(native: Native, field: str) -> bool:
    """Whether an invoice stands, by a field with its status: a credited invoice is credited in full and
    billed again, like a void one.
    """
    status = native.text(field)
    if status is not None and status not in _STANDS:
        raise MappingError(field, status, f"is no status Pax8 documents; known are {', '.join(_STANDS)}")
    return status is None or _STANDS[status]


def charges(native: Native) -> Iterator[Row]:
    """Yield the charge of an item, its tax and what else is due; nothing if its invoice does not stand."""
    if not is_billed(native, "invoice.status"):
        return
    kind = native.needed("type")
    if kind not in _CATEGORIES:
        raise MappingError(
            "type", kind, f"is no item type Pax8 documents; known are {', '.join(_CATEGORIES)}"
        )
    category = _CATEGORIES[kind]
    if category == "recurring":
        category = _TERMS.get((native.text("term") or "").lower(), category)
    start, end = _period(native, category)
    total = fraction(native, "costTotal")
    quantity, cost = _each(native, category, total)
    line: Row = {
        "line_id": native.text("id") or content_id(native),
        "invoice_id": native.needed("invoice.id"),
        "vendor_customer_id": native.text("companyId", "invoice.companyId") or "partner",
        "vendor_customer_name": native.text("companyName"),
        "sku_id": native.text("productId", "sku") or kind,
        "sku_name": native.text("productName", "description"),
        "subscription_id": native.text("subscriptionId"),
        "charge_category": category,
        "charge_type": kind,
        "term": native.text("term"),
        "quantity": quantity,
        "unit_cost": cost,
        "amount": amount_text(native, total),
        "currency": native.text("currencyCode") or native.needed("invoice.currencyCode"),
        "charge_period_start": str(start),
        "charge_period_end": str(end),
    }
    yield line
    tax = fraction_or_zero(native, "salesTax")
    rest = fraction(native, "amountDue") - total if native.text("amountDue") else Fraction(0)
    if is_due := _holds(native, rest, tax):
        rest -= tax
    if is_due or native.settings["sales_tax"] == "included":
        yield from _beside(
            native, {**line, "charge_type": f"{kind}: tax"}, "tax", "adjustment", tax
        )  # a fee may have the same amount
    else:
        yield from _beside(native, line, "tax", "tax", tax)
    yield from _beside(native, line, "fee", "adjustment", rest)


def _each(native: Native, category: str, total: Fraction) -> tuple[str, str]:
    """Return an item's quantity and the cost of one."""
    is_flat = (
        native.text("chargeType") == "flat" and fraction_or_zero(native, "quantity") != 0
    )  # one price whatever the quantity
    is_lump = not native.text("quantity") or not (is_flat or native.text("cost"))
    if is_lump and category in ("credit", "one_time"):
        return "1", price_text(native, total)
    quantity = fraction(native, "quantity")
    cost = total / quantity if is_flat else fraction(native, "cost")
    if category == "recurring":
        quantity, cost = seats_of(quantity, cost, total)
    each = rounded_text(cost, PRICE_PLACES) if is_flat else price_text(native, cost)
    return quantity_text(native, category, quantity), each


def _holds(native: Native, rest: Fraction, tax: Fraction) -> bool:
    """Whether what is due in addition to an item's cost includes its tax: it is large enough for the tax, and
    the fee is not all of it.
    """
    return (0 < tax <= rest or rest <= tax < 0) and rest != fraction_or_zero(native, "billingFee")


def _beside(native: Native, line: Row, suffix: str, category: str, number: Fraction) -> Iterator[Row]:
    if number:
        one = {
            "quantity": "1",
            "unit_cost": price_text(native, number),
            "amount": amount_text(native, number),
        }
        yield {**line, **one, "line_id": f"{line['line_id']}-{suffix}", "charge_category": category}


def _period(native: Native, category: str) -> tuple[date, date]:
    """Return the days of an item. Seats are counted by days, so that a recurring one without any is for the
    month that its invoice is for; of anything else only the money counts.

    Raises:
        MappingError: A recurring item names one end of its period only.
    """
    start = _start(native)
    if category != "recurring":
        return start, _end(native, start)
    if native.text("startPeriod", "endPeriod"):
        native.needed("startPeriod")
        native.needed("endPeriod")
        return start, _end(native, start)
    native.remark("are recurring and name no period: they count for the month that their invoice is for")
    first = start.replace(day=1)
    return first, shifted(first, 1)


def _start(native: Native) -> date:
    """Return the first day of the period; without one an item is dated on its invoice's day, or in the month
    that the invoice is for.
    """
    day = native.day("startPeriod", "invoice.invoiceDate")
    months = DATED[native.settings["dated"]]
    return shifted(day.replace(day=1), -months) if months and not native.text("startPeriod") else day


def _end(native: Native, start: date) -> date:
    """Return the first day after the period. Pax8's examples end a month on its last day, and on
    the next one's first. A subscription's from the last day of a month to the last day of another is one of
    an anniversary on the 31st, in a month that has none.
    """
    if not native.text("endPeriod"):
        return start
    end = native.day("endPeriod")
    rule = native.settings["period_end"]
    is_exclusive = (
        end > start and (end.day in (1, start.day) or _is_month_end(native, start, end))
        if rule == "by_example"
        else rule == "exclusive"
    )
    return end if is_exclusive else after(end)


def _is_month_end(native: Native, start: date, end: date) -> bool:
    return native.text("type") == "subscription" and after(start).day == after(end).day == 1

"""An addition of a ConnectWise agreement as a canonical agreement line, and what agreements
say of every line.

What belongs here: when an addition is in force, what it costs a month, how long a billing cycle is. Does not:
where additions come from (``connectwise``), the lines of invoices (``connectwise_lines``).

* Currency, client and end stand on the agreement (``parent``); an addition's price is for a billing cycle,
  and is divided by its months.
* Additions that are not billed, and agreements billed once, are no agreement lines; those that are free cost
  0.
* The status of agreements and additions is ignored: dates say when they are in force, and a status describes
  only today.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from connectors.exact_numbers import PRICE_PLACES, double, double_or_zero, exact_text, rounded_text
from connectors.mapping import MappingError, Native, Row, after

BILLABLE, FREE, NEVER = "Billable", "NoCharge", "DoNotBill"
_CYCLES = {"monthly": 1, "bi-monthly": 2, "quarterly": 3, "semi-annual": 6, "annual": 12, "yearly": 12}


def additions(native: Native) -> Iterator[Row]:
    """Yield the agreement line of an addition, none if it is never billed."""
    option = option_of(native, "billCustomer")
    if option == NEVER or native.text("parent.billOneTimeFlag") == "true":
        return
    starts = [native.day(name) for name in ("effectiveDate", "parent.startDate") if native.text(name)]
    start, end = max(starts) if starts else native.day("effectiveDate", "parent.startDate"), _end(native)
    if end and end <= start:
        return  # ended before it began: cancelled. One whose last day is its first is in force that day.
    yield {
        "agreement_line_id": native.needed("id"),
        "agreement_id": native.needed("parent.id"),
        "client_id": native.needed("parent.company.identifier"),
        "product_code": native.needed("product.identifier"),
        "quantity": exact_text(
            double(native, "billedQuantity")
            if native.text("billedQuantity")
            else double(native, "quantity") - double_or_zero(native, "lessIncluded"),
            60,
        ),
        "unit_price": monthly(double(native, "unitPrice"), months_of(native)) if option == BILLABLE else "0",
        "currency": native.needed("parent.currency.currencyCode"),
        "effective_start": str(start),
        "effective_end": str(end) if end else None,
    }


def _end(native: Native) -> date | None:
    """Return the first day on which the addition or its agreement is over; None if neither ends."""
    ends = [native.day("cancelledDate")] if native.text("cancelledDate") else []
    ends += [native.day("parent.dateCancelled")] if native.text("parent.cancelledFlag") == "true" else []
    if native.settings["cancelled_date"] == "last_day":
        ends = [after(day) for day in ends]
    if native.text("parent.endDate") and native.text("parent.noEndingDateFlag") != "true":
        ends.append(after(native.day("parent.endDate")))
    return min(ends, default=None)


def option_of(native: Native, name: str) -> str:
    """Return whether something is billed; raises ``MappingError`` where it is none of the vendor's words."""
    option = native.needed(name)
    if option not in (BILLABLE, FREE, NEVER):
        raise MappingError(
            name, option, f"is none that ConnectWise documents; known are {BILLABLE}, {FREE}, {NEVER}"
        )
    return option


def months_of(native: Native) -> int:
    """Return how many months the agreement's billing cycle has; the MSP names its own cycles. Without a cycle
    it is one month.
    """
    name = native.text("parent.billingCycle.name") or "monthly"
    own = dict(entry.rsplit("=", 1) for entry in native.settings["billing_cycles"].split(",") if "=" in entry)
    months = {
        **_CYCLES,
        **{key.strip().lower(): int(text) for key, text in own.items() if text.strip().isdecimal()},
    }.get(name.lower())
    if not months:
        raise MappingError(
            "parent.billingCycle.name",
            name,
            "is not known to be of whole months; if it is, say of how many in settings.billing_cycles, as in"
            f" {name}=<months>",
        )
    return months


def monthly(price: Fraction, months: int) -> str | None:
    """Return the price of a month as text; typing rejects what has more digits than a price may have."""
    return exact_text(price, 60) if months == 1 else rounded_text(price / months, PRICE_PLACES)

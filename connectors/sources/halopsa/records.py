"""HaloPSA records: clients and items as canonical ones, and what lines of recurring invoices and of invoices
have in common.

What belongs here: whom a line is for, of which item, in which currency, at which price, for how many months.
Does not: when a line is agreed (``agreements``), what it was invoiced for (``lines``).

A line's document is ``document.…``. HaloPSA writes a date that there is none of as 1899-12-30, and a number
that names nothing as 0 or -1. Moments are in UTC: in summer the 1st in London is the 31st at 23:00.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, tzinfo
from fractions import Fraction
from zoneinfo import ZoneInfo

from connectors.exact_numbers import (
    PRICE_PLACES,
    double,
    double_or_zero,
    exact_text,
    fraction_or_zero,
    rounded_text,
)
from connectors.mapping import MappingError, Native, Row, after

_AD_HOC = 1
"""HaloPSA's own item for lines that are typed by hand."""
_MONTHLY = ("0", "2")
OLDEST = date(1900, 1, 1)
NO_ZONE = "is no time zone; write one such as Europe/London"


def client(native: Native) -> Iterator[Row]:
    """Yield the client."""
    status = "inactive" if is_so(native, "inactive") else "active"
    yield {"client_id": native.needed("id"), "client_name": native.needed("name"), "status": status}


def product(native: Native) -> Iterator[Row]:
    """Yield the product that an item is. A price of 0 is none; so is one for another time than a month."""
    own = {group.strip() for group in native.settings["own_groups"].split(",")} - {""}
    named = "recurringprice" if is_so(native, "isrecurringitem") else "baseprice"
    price = double_or_zero(native, named) or double_or_zero(native, "baseprice")
    is_monthly = (native.text("item_default_billing_period") or "0") in _MONTHLY
    row: Row = {
        "product_code": native.needed("id"),
        "product_name": native.needed("name"),
        "vendor_backed": "false" if native.text("assetgroup_name") in own else "true",
    }
    has_price = price > 0 and is_monthly
    yield {**row, "default_unit_price": exact_text(price, 60), "currency": _own(native)} if has_price else row


def is_so(native: Native, name: str) -> bool:
    """Whether a field says yes."""
    return native.text(name) == "true"


def is_named(native: Native, name: str) -> bool:
    """Whether a field holds the number of something."""
    return fraction_or_zero(native, name) > 0


def day_of(native: Native, name: str) -> date | None:
    """Return a day, None where there is none; raises ``MappingError`` where it is no day."""
    if not native.text(name):
        return None
    day = local_day(native.needed(name), _zone(native)) or native.day(name)
    return day if day >= OLDEST else None


def local_day(text: str, zone: tzinfo) -> date | None:
    """Return the day of a text: midnight is the day that is written, any other moment is in UTC. None if it
    is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.time() == time.min and moment.tzinfo is None:
        return moment.date()
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return None


def zone_named(name: str) -> tzinfo | None:
    """Return a time zone by its IANA name, None if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def client_of(native: Native) -> str:
    """Return the client that a line is for, which may be another than the one that is invoiced."""
    invoiced = native.needed("document.client_id")
    names = ("original_client_id", "document.original_client_id")
    found = next((native.needed(name) for name in names if is_named(native, name)), invoiced)
    if found != invoiced:
        native.remark(
            "are invoiced to another client than they are for, and count for the client they are for"
        )
    return found


def item_of(native: Native) -> str | None:
    """Return the item of a line; None for one that was typed by hand.

    Raises:
        MappingError: There is none, and settings say that there must be.
    """
    if fraction_or_zero(native, "_itemid") > _AD_HOC:
        return native.needed("_itemid")
    if native.settings["without_item"] == "rejected":
        raise MappingError(
            "_itemid",
            native.text("_itemid"),
            "names no item; choose one in HaloPSA, or set settings.without_item to one_time",
        )
    return None


def is_text(native: Native) -> bool:
    """Whether a line bills nothing: the heading of a group, an inactive line, or a text without money."""
    if is_so(native, "isgroupdesc") or is_so(native, "isinactive"):
        return True
    has_item = fraction_or_zero(native, "_itemid") > _AD_HOC
    return not (has_item or fraction_or_zero(native, "net_amount") or fraction_or_zero(native, "qty_order"))


def currency_of(native: Native) -> str:
    """Return the currency of a line's document.

    Raises:
        MappingError: Settings do not say which it is.
    """
    number = native.text("document.currency_code") or ""
    is_own = not is_named(native, "document.currency_code") or (
        fraction_or_zero(native, "document.currency_conversion_rate") == 1
    )
    named = _currencies(native).get(number)
    if named is None and not is_own:
        raise MappingError(
            "document.currency_code",
            number,
            f"is no currency that settings.currencies names; add it there, such as {number}=EUR",
        )
    if not is_own:
        native.remark("are in another currency than your own: prices and amounts are taken to be in it")
    return named or _own(native)


def price_of(native: Native) -> Fraction:
    """Return the price of one after discount, for the time that its document bills."""
    return double(native, "unit_price") * (100 - double_or_zero(native, "discount_perc")) / 100


def monthly_text(price: Fraction, months: int) -> str | None:
    """Return the price of a month as text; typing rejects what has more digits than a price may have."""
    return exact_text(price, 60) if months == 1 else rounded_text(price / months, PRICE_PLACES)


def period_of_document(native: Native) -> tuple[date, date] | None:
    """Return the days that a document bills, the end exclusive; None where it names none."""
    start, last = (day_of(native, f"document.period_{word}_date") for word in ("start", "end"))
    return (start, after(last)) if start and last and start <= last else None


def whole_months(start: date, end: date) -> int | None:
    """Return how many months from ``start`` until before ``end`` are; None where they are not whole."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if months > 0 and start.day == end.day else None


def _zone(native: Native) -> tzinfo:
    name = native.settings["time_zone"]
    if (zone := zone_named(name)) is None:
        raise MappingError("settings.time_zone", name, NO_ZONE)
    return zone


def _own(native: Native) -> str:
    own = _currencies(native).get("")
    if own is None:
        raise MappingError(
            "settings.currencies",
            native.settings["currencies"],
            "does not begin with your own currency, such as GBP, 2=EUR",
        )
    return own


def _currencies(native: Native) -> dict[str, str]:
    """Return ISO codes by HaloPSA's numbers; the MSP's own is by no number."""
    found = {}
    for entry in native.settings["currencies"].split(","):
        number, _, code = entry.strip().rpartition("=")
        found[number.strip()] = code.strip()
    return found

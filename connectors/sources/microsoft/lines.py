"""Microsoft CSP billing records as ``vendor_charges``, whatever spelling they come in.

What belongs here: the one mapping of lines of the new commerce reconciliation file, of daily rated usage, and
of the two legacy files, be they CSV from the portal, exports of Microsoft Graph or JSON of Partner Center.
Headings are compared in lower case, never by position. What does not: the published arithmetic
(``rounding``), the charge types (``charge_types``), how a value is written (``fields``), fetching.

* Licence lines carry BillableQuantity and ROUNDDOWN(EffectiveUnitPrice * PCToBCExchangeRate, 2), so that
  quantity times unit cost is the amount where Microsoft kept its own rule. A Subtotal off the rule stays as
  it is: the file's warnings count it, and the difference becomes VENDOR_AMOUNT_MISMATCH like any vendor's.
* A change of quantity is billed as a refund of the old quantity and a charge of the new one, under one charge
  type. Money has the sign, quantities are written without: a line of negative money gets a negative quantity
  for its days, so that refund and charge add up to the seats there really were. Where no money shows the
  direction, a change counts 0 seats, and the warnings say so.
* All other lines carry quantity 1 and their amount. The meter is part of the charge type, so that two meters
  are not duplicates.
* New commerce bills contain metered usage already; daily rated usage states the same money again.
  ``settings.usage`` says which counts.
* ChargeEndDate is the last day. Daily rated usage counts on its UsageDate. A line without charge dates takes
  those of its subscription, unless these are longer than the month that it bills (BillingFrequency).
* Records have no identifier: the line's is made of its values, and an ordinal among equal lines of the file.
  Whichever way an invoice comes, and however often, its lines keep their identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connectors.guids import lower_guid
from connectors.mapping import MappingError, Native, Row, after, plain
from connectors.sources.microsoft.charge_types import BOTH_WAYS, TAKES_AWAY, charge_type
from connectors.sources.microsoft.fields import alone, customer, day, has_day, money, number, rounded, sku
from connectors.sources.microsoft.rounding import seat_price, seats_subtotal, usage_subtotal
from connectors.spec import Setting

NEEDS = {
    "line_id": ("partnerid",),  # the first heading in every Microsoft file: damage to it shows
    "invoice_id": ("invoicenumber",),
    "vendor_customer_id": ("customerid",),
    "sku_id": ("skuid", "offerid", "sku"),
    "charge_category": ("chargetype",),
    "quantity": ("billablequantity", "billingpretaxtotal", "pretaxcharges", "offerid"),
    "unit_cost": ("effectiveunitprice", "billingpretaxtotal", "pretaxcharges", "offerid"),
    "amount": ("subtotal", "billingpretaxtotal", "pretaxcharges"),
    "currency": ("currency", "billingcurrency"),
    "charge_period_start": ("chargestartdate", "usagedate"),
    "charge_period_end": ("chargeenddate", "usagedate"),
}
"""Which headings, in lower case, a canonical column may come from."""

SETTINGS = (
    Setting(
        "usage",
        "which lines count metered usage: those of the bill, or the daily ones instead",
        "billed",
        ("billed", "daily"),
    ),
    Setting(
        "invoice_total",
        "whether totalCharges of an invoice includes tax",
        "before_tax",
        ("before_tax", "with_tax"),
    ),
)

_MONTH = 31
_TAX, _TOTAL = ("taxtotal", "tax", "taxamount"), ("total", "totalforcustomer", "posttaxtotal")


def charges(native: Native) -> Iterator[Row]:
    """Yield the charge of a billing record, and its tax if it has any."""
    if native.text("attributes.objecttype") == "DailyUsageLineItem":
        native.remark("are daily usage of a legacy bill, which names no money, and were passed over")
        return
    is_daily = native.text("billingpretaxtotal") is not None
    is_metered = is_daily or native.text("meterdescription") is not None
    if is_metered and is_daily == (native.settings["usage"] == "billed"):
        one, other = ("daily usage", "the bill") if is_daily else ("metered usage of the bill", "daily usage")
        native.remark(f"are {one}, which counts by {other} (settings.usage), and were passed over")
        return
    line = _line(native, is_daily, is_metered)
    yield line
    tax = money(native, *_TAX) if native.text(*_TAX) else Decimal(0)
    if native.text(*_TOTAL) and rounded(number(native, *_TOTAL), 12) != Decimal(str(line["amount"])) + tax:
        native.remark("have a total that is not their subtotal and tax")
    if tax:
        beside = "tax" if native.settings["invoice_total"] == "before_tax" else "adjustment"
        yield {**line, **alone(tax), "line_id": f"{line['line_id']}-tax", "charge_category": beside}


def _line(native: Native, is_daily: bool, is_metered: bool) -> Row:
    kind, category = charge_type(native)
    amount = money(native, "billingpretaxtotal", "pretaxcharges", "subtotal")
    currency = native.needed("currency", "billingcurrency")
    term = native.text("termandbillingcycle", "billingcycletype")
    if category == "recurring" and is_metered:
        category = "usage"
    elif category == "recurring" and re.sub("[^a-z]", "", (term or "").lower()).startswith("onetime"):
        category = "one_time"
    numbers = (
        _seats(native, kind, amount, currency) if category in ("recurring", "one_time") else alone(amount)
    )
    if category == "usage" and not is_daily and native.text("effectiveunitprice"):
        price, billed = number(native, "effectiveunitprice"), number(native, "billablequantity")
        _compare(native, usage_subtotal(price, _rate(native, currency), billed), amount)
    start, end = _period(native, is_daily)
    if (
        kind in ("addQuantity", "removeQuantity")
        and has_day(native, "orderdate")
        and day(native, "orderdate") > start
    ):
        native.remark(
            "change a quantity and say a charge period that began before the change: all its days count"
        )
    meter = native.text("meterdescription", "metername", "resourcename", "meterid")
    line = {
        "invoice_id": native.needed("invoice.id", "invoicenumber"),
        "vendor_customer_id": customer(native),
        "sku_id": sku(native),
        "subscription_id": lower_guid(
            native.text(*(("resourceuri", "entitlementid") if is_daily else ()), "subscriptionid")
        ),
        "charge_type": f"{kind}: {meter}" if category == "usage" and meter else kind,
        "term": term,
        **numbers,
        "currency": currency,
        "charge_period_start": str(start),
        "charge_period_end": str(end),
    }
    digest, ordinal = native.identity([*line.values(), native.text("orderid")])
    return {
        **line,
        "line_id": f"{digest[:32]}-{ordinal}",
        "charge_category": category,
        "vendor_customer_name": native.text("customername", "customercompanyname"),
        "sku_name": native.text("skuname", "offername", "servicename", "productname"),
    }


def _seats(native: Native, kind: str, amount: Decimal, currency: str) -> dict[str, str]:
    """Return the seats that a licence line adds, negative where it takes them away, and the price of one."""
    if native.text("offerid"):  # legacy: no prorated price is given
        price, billed = Decimal(0), number(native, "quantity")
        each = rounded(abs(amount) / abs(billed), 10) if billed else abs(amount)
        seats = abs(billed) or Decimal(1)
    else:
        price, billed, rate = (
            number(native, "effectiveunitprice"),
            number(native, "billablequantity"),
            _rate(native, currency),
        )
        _compare(native, seats_subtotal(price, rate, billed), amount)
        each, seats = abs(seat_price(price, rate)), abs(billed)
    takes_away = amount < 0 if amount else (price < 0) != (billed < 0) or kind in TAKES_AWAY
    if not amount and not takes_away and kind in BOTH_WAYS and seats:
        native.remark(
            "change a quantity for no money, which may be the old quantity or the new: they count 0 seats"
        )
        seats = Decimal(0)
    return {
        "quantity": plain(-seats if takes_away and seats else seats),
        "unit_cost": plain(each),
        "amount": plain(amount),
    }


def _compare(native: Native, by_rule: Decimal, amount: Decimal) -> None:
    # the sign is the money's: refunds come with prices and quantities that have none
    if abs(by_rule) != abs(amount):
        native.remark(
            "have a subtotal that is not what Microsoft's rounding rule gives; it was kept as it is"
        )


def _rate(native: Native, currency: str) -> Decimal:
    if native.text("pctobcexchangerate") is None and native.text("pricingcurrency") in (None, currency):
        return Decimal(1)
    return number(native, "pctobcexchangerate")


def _period(native: Native, is_daily: bool) -> tuple[date, date]:
    if is_daily:
        return day(native, "usagedate"), after(day(native, "usagedate"))
    if has_day(native, "chargestartdate") or not has_day(native, "subscriptionstartdate"):
        return day(native, "chargestartdate"), after(day(native, "chargeenddate"))
    start, end = day(native, "subscriptionstartdate"), after(day(native, "subscriptionenddate"))
    days = (end - start).days
    if days > _MONTH and (native.text("billingfrequency") or "").lower().startswith("month"):
        raise MappingError(
            "chargestartdate",
            native.text("chargestartdate"),
            f"is missing, and the subscription has {days} days while a month is billed; ask Microsoft which",
        )
    native.remark("have no charge dates, and those of their subscription were taken")
    return start, end

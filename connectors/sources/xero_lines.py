"""A line of a Xero invoice or credit note as a canonical invoice line.

What belongs here: what a line is worth without tax, and which product and month it is for. What does not:
where lines come from (``xero``).

* Amounts are net of tax. The lines of credit notes are negative: if a note were missed, the same seats would
  be refunded twice.
* A note belongs to the month of its date, unless Xero says that all of it was allocated to invoices of one
  earlier month. Xero may omit the dates of those invoices; then the warnings count the note's lines.
* Lines without an item belong to ``NO_ITEM``, which is delivered among the products.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from connectors.dated_months import DATED, dated_month, period_of, shifted
from connectors.exact_numbers import (
    PRICE_PLACES,
    double,
    exact_text,
    fraction_or_zero,
    rounded_text,
    seats_of,
)
from connectors.mapping import MappingError, Native, Row, utc_day
from connectors.nested_lists import objects
from connectors.sources.without_item import NO_ITEM

_SIGNS = {"ACCREC": 1, "ACCRECCREDIT": -1}
_HALF_A_CENT = Fraction(1, 200)
_OLDEST = date(1900, 1, 1)
"""No invoice is older: an earlier date is no information."""


def lines(native: Native) -> Iterator[Row]:
    """Yield the canonical line of an item of a document; none if the document does not count, or the line is
    one of text.
    """
    first = period_of(native)
    sign = _SIGNS.get(native.needed("document.Type"))
    is_wanted = native.needed("document.Status") in native.settings["statuses"].split(",")
    # Xero filters too, but not every filter of every endpoint is documented
    if (
        not sign
        or not is_wanted
        or native.day("document.Date").replace(day=1) != dated_month(first, native.settings)
    ):
        return
    if native.text("_item") is None:
        if fraction_or_zero(native, "document.SubTotal"):
            raise MappingError(
                "document.LineItems", "[]", "is empty, though the document is not of 0.00; fetch again"
            )
        return
    code = native.text("ItemCode", "Item.Code")
    if not (code and native.text("Quantity")) and not fraction_or_zero(native, "LineAmount"):
        return  # a line of text
    if not code and native.settings["without_item"] == "rejected":
        raise MappingError(
            "ItemCode", None, "names no item; choose one in Xero, or set settings.without_item to one_time"
        )
    document = native.needed("document.InvoiceID", "document.CreditNoteID")
    once = {item.strip() for item in native.settings["one_time_items"].split(",")}
    is_once = not code or code in once or (sign < 0 and native.settings["credit_notes"] == "one_time")
    quantity, amount = double(native, "Quantity"), _net(native)
    price = _unit_price(native, quantity, amount)
    if not is_once:
        # before the note's own sign: a line that takes away from a note charges again
        quantity, price = seats_of(quantity, price, amount)
        first = _credited_month(native, first) if sign < 0 else first
    yield {
        "invoice_line_id": native.text("LineItemID") or f"{document}-{native.text('_item')}",
        "invoice_id": (
            native.text("document.InvoiceNumber") or native.text("document.CreditNoteNumber") or document
        ),
        "client_id": native.needed("document.Contact.ContactID"),
        "product_code": code or NO_ITEM,
        "quantity": exact_text(sign * quantity, 60),
        "unit_price": exact_text(price, 60),
        "amount": exact_text(sign * amount, 60),
        "currency": native.needed("document.CurrencyCode"),
        "service_period_start": str(first),
        "service_period_end": str(shifted(first, 1)),
        "charge_category": "one_time" if is_once else "recurring",
    }


def _net(native: Native) -> Fraction:
    types = native.text("document.LineAmountTypes") or "Exclusive"
    if types not in ("Exclusive", "Inclusive", "NoTax"):
        raise MappingError(
            "document.LineAmountTypes",
            types,
            "is none that Xero documents; known are Exclusive, Inclusive, NoTax",
        )
    return double(native, "LineAmount") - (double(native, "TaxAmount") if types == "Inclusive" else 0)


def _credited_month(native: Native, first: date) -> date:
    """Return the month whose seats a note of the month beginning with ``first`` gives back:
    never a later one.
    """
    given = [each for each in objects(native, "document.Allocations") if each.text("IsDeleted") != "true"]
    days = [utc_day(each.text("Invoice.Date") or "") for each in given]
    months = {day and day.replace(day=1) for day in days}
    dated = (
        months.pop()
        if len(months) == 1 and not fraction_or_zero(native, "document.RemainingCredit")
        else None
    )
    if dated is None or not _OLDEST <= dated <= dated_month(first, native.settings):
        native.remark(
            "are of credit notes that Xero ties to no one month's invoices: they count in the month of their"
            " note"
        )
        return first
    return shifted(dated, -DATED[native.settings["dated"]])


def _unit_price(native: Native, quantity: Fraction, amount: Fraction) -> Fraction:
    """Return the price of one without tax and after discount: the first way to it that is exact and
    makes the amount invoiced.

    DiscountRate alone is not enough: Xero rounds it to a hundredth of a percent.
    """
    unit, rate, off = (
        double(native, "UnitAmount"),
        fraction_or_zero(native, "DiscountRate"),
        fraction_or_zero(native, "DiscountAmount"),
    )
    has_tax = native.text("document.LineAmountTypes") == "Inclusive"
    if not has_tax and not rate and not off:
        return unit
    for price in (unit - off / quantity, unit * (100 - rate) / 100, amount / quantity) if quantity else ():
        text = exact_text(price, PRICE_PLACES)
        if text is not None and abs(price * quantity - amount) <= _HALF_A_CENT:
            return price
    if quantity and native.settings["unit_price"] == "rounded":
        return Fraction(rounded_text(amount / quantity, PRICE_PLACES))
    taken = "tax" if has_tax else "the discount"
    problem = (
        f"is no exact price once {taken} is taken off; correct the line in Xero, or set settings.unit_price"
        " to rounded"
    )
    raise MappingError("UnitAmount", native.text("UnitAmount"), problem)

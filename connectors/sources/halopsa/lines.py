"""A line of a HaloPSA invoice or credit note as a canonical invoice line.

What belongs here: what a line was invoiced for: once or again and again, which days, how many seats. Does
not: lines of recurring invoices (``agreements``).

* A line that names a recurring invoice is recurring. -1 names none: numbers of recurring invoices begin
  below it.
* Its days are those of the period that its invoice names, or the month that ``dated`` says.
* A line that is pro rata has no days of its own: it counts for the whole period, and the file's warnings say
  how many there are.
* Amounts are without tax. A line of negative money takes seats away, whatever the sign of its quantity.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from connectors.dated_months import dated_month, period_of, shifted
from connectors.exact_numbers import double, exact_text, fraction, fraction_or_zero, rounded_text, seats_of
from connectors.http.endpoint import Record
from connectors.mapping import MappingError, Native, Row
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
from connectors.sources.without_item import NO_ITEM

_NAMES_NONE = -1
_MOST_PLACES = 4


def lines(native: Native) -> Iterator[Row]:
    """Yield the canonical line; none if its invoice is void, or the line bills nothing."""
    if is_so(native, "document.voided"):
        return
    if native.text("_tally"):
        _compare(native)
    elif native.text("_item") is None:
        if fraction(native, "document.total"):
            raise MappingError(
                "document.lines", "[]", "is empty, though the invoice is not of 0.00; fetch again"
            )
    elif not is_text(native):
        yield _line(native)


def net(line: Record) -> str | bool | None:
    """Return what a line adds to the net sum of its invoice."""
    return (
        None if line.get("isgroupdesc") is True or line.get("isinactive") is True else line.get("net_amount")
    )


def _line(native: Native) -> Row:
    item, invoiced_on = item_of(native), _date(native)
    is_recurring = _names_recurring(native) and item is not None and not is_so(native, "onetimecharge")
    start, end = _days(native, is_recurring)
    months = (whole_months(start, end) if is_recurring else None) or 1
    if is_recurring and not whole_months(start, end):
        native.remark("are for days that are no whole months: their price counts as that of a month")
    quantity, price, amount = double(native, "qty_order"), price_of(native), _amount(native)
    _expect_negative_if_credited(native, amount)
    if is_recurring:
        quantity, price = seats_of(quantity, price, amount)
        if fraction_or_zero(native, "document.total") < 0:
            native.remark("are of credit notes: they count in the month of their note")
        if is_named(native, "pro_rata_line_id"):
            native.remark("are pro rata and name no days: they count for the whole period of their invoice")
    due = day_of(native, "document.duedate")
    return {
        "invoice_line_id": native.needed("id"),
        "invoice_id": _number(native),
        "client_id": client_of(native),
        "product_code": item or NO_ITEM,
        "quantity": exact_text(quantity, 60),
        "unit_price": monthly_text(price, months),
        "amount": exact_text(amount, 60),
        "currency": currency_of(native),
        "service_period_start": str(start),
        "service_period_end": str(end),
        "agreement_line_id": (
            native.needed("recurring_invoice_line_id")
            if is_recurring and is_named(native, "recurring_invoice_line_id")
            else None
        ),
        "charge_category": "recurring" if is_recurring else "one_time",
        "description": native.text("item_shortdescription"),
        "invoice_date": str(invoiced_on),
        "due_date": str(due) if due else None,
    }


def _expect_negative_if_credited(native: Native, amount: Fraction) -> None:
    """Refuse a credit note above zero: no document says how it is written, and read as it is it would bill
    again what it gives back.
    """
    if is_named(native, "document.creditlinkedtoinvoiceid") and amount > 0:
        raise MappingError(
            "net_amount",
            native.text("net_amount"),
            "is above zero, and of a document that credits an invoice; land the note's lines as a file",
        )


def _names_recurring(native: Native) -> bool:
    by_number = fraction_or_zero(native, "recurring_invoice_id") < _NAMES_NONE
    return by_number or is_named(native, "recurring_invoice_line_id")


def _number(native: Native) -> str:
    """Return the number people know an invoice by, or the vendor's own where it has none."""
    number = native.text("document.invoicenumber")
    return number if number and number != "0" else native.needed("document.id")


def _date(native: Native) -> date:
    day = day_of(native, "document.invoice_date")
    if day is None:
        raise MappingError(
            "document.invoice_date",
            native.text("document.invoice_date"),
            "is no date; give the invoice one in HaloPSA and fetch again",
        )
    if day.replace(day=1) != dated_month(period_of(native), native.settings):
        raise MappingError(
            "document.invoice_date", str(day), "is not in the month that was asked for; fetch again"
        )
    return day


def _days(native: Native, is_recurring: bool) -> tuple[date, date]:
    """Return the days that a line is for, the end exclusive."""
    if found := period_of_document(native):
        return found
    if is_recurring:
        native.remark("are recurring and of invoices that name no period: they count for the month fetched")
    first = period_of(native)
    return first, shifted(first, 1)


def _amount(native: Native) -> Fraction:
    """Return what was invoiced without tax, with as many places as the invoice has."""
    amount = double(native, "net_amount")
    places = native.text("decimalplacesforinvoices") or ""
    if not places.isdecimal() or int(places) > _MOST_PLACES:
        return amount
    rounded = Fraction(rounded_text(amount, int(places)))
    if rounded != amount:
        native.remark("have an amount with more places than their invoice, and were rounded to those")
    return rounded


def _compare(native: Native) -> None:
    """Note an invoice whose lines do not make the net sum that it states."""
    if native.text("document.revenue") is None:
        return
    off = abs(fraction(native, "document.revenue") - fraction(native, "_tally"))
    if off >= Fraction(1, 100):
        native.remark("are invoices whose lines do not make their own net sum (revenue): look at them")

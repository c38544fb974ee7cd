"""An invoice or credit memo of QuickBooks Online as canonical invoice lines.

What belongs here: which lines of a document count, what each is worth without tax, and which month it is for.
What does not: where documents come from (``online``).

* Amounts are net of tax, also where people enter them with tax: so the document's own total must be the sum
  of its lines and its tax, or the whole document is rejected.
* The lines of a bundle count, the bundle itself does not. A discount on a whole document is a line of its
  own that is sold once: QuickBooks does not divide it among the items.
* The lines of credit memos are negative: if a memo were missed, the same seats would be refunded twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from connectors.dated_months import dated_month, period_of, shifted
from connectors.exact_numbers import (
    PRICE_PLACES,
    exact_text,
    fraction,
    fraction_or_zero,
    rounded_text,
    seats_of,
    sum_text,
)
from connectors.mapping import MappingError, Native, Row, utc_day
from connectors.nested_lists import objects
from connectors.sources.without_item import NO_ITEM

CREDIT_MEMOS = "credit memos"
_ON_WHOLE_DOCUMENT = ("SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID")
_NO_LINES = ("SubTotalLineDetail", "DescriptionOnly")
_HALF_A_CENT = Fraction(1, 200)
_CENT = Fraction(1, 100)
_DETAIL = "SalesItemLineDetail"
_SERVICE_DATE = f"{_DETAIL}.ServiceDate"


def lines(native: Native) -> Iterator[Row]:
    """Yield the canonical lines of a document; none if it was voided."""
    total, tax = fraction(native, "TotalAmt"), fraction_or_zero(native, "TxnTaxDetail.TotalTax")
    if not total and (native.text("PrivateNote") or "").startswith("Voided"):
        native.remark("are voided and were passed over")
        return
    found = list(_counted(native))
    net = sum((amount for _, amount, _ in found), Fraction(0))
    # tax that is taken out of each line is rounded in each line
    if abs(net - (total - tax)) > len(found) * _CENT:
        told = f"is not what its lines, {sum_text(net)}, and its tax, {sum_text(tax)}, add up to"
        raise MappingError("TotalAmt", native.text("TotalAmt"), f"{told}; look at the document in QuickBooks")
    _remark(native, [line for _, _, line in found])
    yield from (row for row, _, _ in found)


def _counted(native: Native) -> Iterator[tuple[Row, Fraction, Native]]:
    """Yield each line that counts with its amount, as it stands in the document, and what it was made of."""
    for place, line in enumerate(objects(native, "Line"), 1):
        inner = objects(line, "GroupLineDetail.Line")
        for number, each in enumerate(inner, 1):
            yield from _named(native, each, f"{place}.{number}")
        if not inner:
            yield from _named(native, line, str(place))


def _named(native: Native, line: Native, place: str) -> Iterator[tuple[Row, Fraction, Native]]:
    try:
        amount, kind = fraction_or_zero(line, "Amount"), line.needed("DetailType")
        row: Row | None = None
        if kind == "DiscountLineDetail" and amount:
            row = _once(native, Fraction(-1), amount, -amount)
            amount = -amount
        elif kind == _DETAIL:
            row = _sold(native, line, amount)
        elif amount and kind not in _NO_LINES:
            known = ", ".join((_DETAIL, "GroupLineDetail", "DiscountLineDetail", *_NO_LINES))
            raise MappingError("DetailType", kind, f"says nothing that can be counted; known are {known}")
    except MappingError as error:
        raise MappingError(f"Line[{place}].{error.column}", error.value, error.reason) from None
    if row is not None:
        document = ("credit-" if _is_credit(native) else "") + native.needed("Id")
        identity = {"invoice_line_id": f"{document}-{line.text('Id') or f'line{place}'}"}
        yield {**identity, **row}, amount, line


def _sold(native: Native, line: Native, amount: Fraction) -> Row | None:
    """Return the row of a line of an item; None for one of text, which may name an item and is of nothing."""
    item = line.text(f"{_DETAIL}.ItemRef.value")
    stated = line.text(f"{_DETAIL}.Qty")
    quantity = fraction(line, f"{_DETAIL}.Qty") if stated else Fraction(1)
    # "When a line lacks an ItemRef it is treated as documentation and the Line.Amount attribute is ignored"
    if item is None or (not amount and not (stated and quantity)):
        return None
    price = _unit_price(native, line, quantity, amount)
    if item in _ON_WHOLE_DOCUMENT:
        return _once(native, quantity, price, amount)
    once = {each.strip() for each in native.settings["one_time_items"].split(",")}
    if item in once or (_is_credit(native) and native.settings["credit_memos"] == "one_time"):
        return _once(native, quantity, price, amount, item)
    quantity, price = seats_of(quantity, price, amount)
    first = period_of(native)
    if native.settings["service_date"] == "month" and line.text(_SERVICE_DATE):
        first = line.day(_SERVICE_DATE).replace(day=1)
    return _row(native, first, item, quantity, price, amount, "recurring")


def _once(
    native: Native, quantity: Fraction, price: Fraction, amount: Fraction, product: str = NO_ITEM
) -> Row:
    return _row(native, period_of(native), product, quantity, price, amount, "one_time")


def _row(
    native: Native,
    first: date,
    product: str,
    quantity: Fraction,
    price: Fraction,
    amount: Fraction,
    category: str,
) -> Row:
    sign = -1 if _is_credit(native) else 1
    return {
        "invoice_id": native.text("DocNumber") or native.needed("Id"),
        "client_id": native.needed("CustomerRef.value"),
        "product_code": product,
        "quantity": exact_text(sign * quantity, 60),
        "unit_price": exact_text(price, 60),
        "amount": exact_text(sign * amount, 60),
        "currency": native.needed("CurrencyRef.value", "preferences.CurrencyPrefs.HomeCurrency.value"),
        "service_period_start": str(first),
        "service_period_end": str(shifted(first, 1)),
        "charge_category": category,
    }


def _unit_price(native: Native, line: Native, quantity: Fraction, amount: Fraction) -> Fraction:
    """Return the price of one: the first way to it that is exact and makes the amount invoiced."""
    name = f"{_DETAIL}.UnitPrice"
    stated = [fraction(line, name)] if line.text(name) else []
    for price in (*stated, *([amount / quantity] if quantity else [])):
        if exact_text(price, PRICE_PLACES) is not None and abs(price * quantity - amount) <= _HALF_A_CENT:
            return price
    if quantity and native.settings["unit_price"] == "rounded":
        return Fraction(rounded_text(amount / quantity, PRICE_PLACES))
    raise MappingError(
        name,
        line.text(name),
        f"times Qty {line.text(f'{_DETAIL}.Qty')} is not the Amount {line.text('Amount')}; correct the line"
        " in QuickBooks, or set settings.unit_price to rounded",
    )


def _is_credit(native: Native) -> bool:
    return native.text("_endpoint") == CREDIT_MEMOS


def _remark(native: Native, found: list[Native]) -> None:
    """Note what a reader of the month should know of a document that counts."""
    if any(line.text("DetailType") == "DiscountLineDetail" for line in found):
        native.remark("have a discount on the whole document: it stands beside prices that are before it")
    month = dated_month(period_of(native), native.settings)
    days = [utc_day(line.text(_SERVICE_DATE) or "") for line in found]
    is_by_day = native.settings["service_date"] == "month"
    if not is_by_day and any(day and day.replace(day=1) != month for day in days):
        native.remark(
            "have a ServiceDate in another month than their own date: they count in the month of their date,"
            " unless settings.service_date says month"
        )
    is_reconciled = _is_credit(native) and native.settings["credit_memos"] == "like_invoices"
    if is_reconciled and not (is_by_day and all(days)):
        native.remark("are credit memos, tied to no month's invoices: they count in the month of their date")

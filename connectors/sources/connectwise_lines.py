"""A product that names a ConnectWise invoice as canonical invoice lines.

What belongs here: what a product is billed for: once or again and again, which days, how many seats. Does
not: where products come from (``connectwise``), agreement lines (``connectwise_agreements``).

* What names an agreement on its invoice, on a consolidated one or on a credit memo is recurring, unless it
  comes from a ticket, project or sales order; all else is one_time. Its agreement is the one it names itself,
  or that of its invoice.
* The vendor writes no service period: an invoice is for the month that ``dated`` says, and as many months as
  the billing cycle has. A prorated price is for other days: those of the one addition whose dates make that
  price, to the cent. Where that gives no answer, a line counts for the whole cycle, and the file's warnings
  say how many lines those were.
* Days before the cycle become a line of their own, ``-before``. Where a unit price cut to cents makes more
  than a cent over all seats, that becomes one, ``-rounding``, one_time. Together they are what was billed.
* What an invoice bills besides its products (labour, expenses, the flat amount of an agreement, products that
  the interface keeps back) becomes one more one_time line: lines add up to the invoice's subtotal. Not so for
  a consolidated invoice: what it bills besides them may be on the invoices that it combines.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from connectors.dated_months import dated_month, period_of, shifted
from connectors.exact_numbers import double, double_or_zero, exact_text, rounded_text, seats_of
from connectors.mapping import MappingError, Native, Row, plain
from connectors.nested_lists import objects
from connectors.sources.connectwise_agreements import (
    BILLABLE,
    NEVER,
    additions,
    monthly,
    months_of,
    option_of,
)

OF_AGREEMENT, CREDIT_MEMO, CONSOLIDATED = "Agreement", "CreditMemo", "Consolidated"
_EXACT = Context(prec=250)
_MOST_PLACES, _MILLIONTH = 10, Decimal("1e-6")


@dataclass(frozen=True)
class Span:
    """Days from ``start`` until before ``end``."""

    start: date
    end: date

    @property
    def months(self) -> Fraction:
        """How many months they are; a day counts as its share of its month."""
        total, day = Fraction(0), self.start
        while day < self.end:
            until = min(self.end, shifted(day.replace(day=1), 1))
            total += Fraction((until - day).days, monthrange(day.year, day.month)[1])
            day = until
        return total


def lines(native: Native) -> Iterator[Row]:
    """Yield the canonical lines of a product, or of what an invoice bills besides its products."""
    if native.text("_tally"):
        yield from _rest(native)
        return
    option = option_of(native, "billableOption")
    if option == NEVER or native.text("cancelledFlag") == "true":
        return
    line = _with_agreement(native)
    months = _months(native, line)
    quantity = double(native, "quantity") - double_or_zero(native, "quantityCancelled")
    price, amount = (
        double(native, name) if option == BILLABLE else Fraction(0) for name in ("price", "extPrice")
    )
    if months:
        quantity, price = seats_of(quantity, price, amount)
    whole = {
        **_invoice(native, months),
        "invoice_line_id": native.needed("id"),
        "product_code": native.needed("catalogItem.identifier"),
        "quantity": exact_text(quantity, 60),
        "unit_price": monthly(price, months or 1),
        "amount": exact_text(amount, 60),
    }
    yield from (
        _prorated(native, line, whole, quantity, price, amount) if months and option == BILLABLE else [whole]
    )


def _rest(native: Native) -> Iterator[Row]:
    rest = _EXACT.subtract(native.number("document.subtotal"), native.number("_tally"))
    if rest != rest.to_integral_value() and -int(rest.as_tuple().exponent) > _MOST_PLACES:
        rest = rest.quantize(_MILLIONTH, ROUND_HALF_UP, _EXACT)  # a sum of doubles leaves a rest of its own
    if rest and native.text("document.type") == CONSOLIDATED:
        native.remark(
            "are consolidated invoices whose products do not make their subtotal: the rest, which they may"
            " gather, is left out"
        )
    elif rest:
        one = {
            "quantity": "1",
            "unit_price": plain(rest),
            "amount": plain(rest),
            "product_code": native.settings["other_product"],
        }
        yield {**_invoice(native, 0), **one, "invoice_line_id": f"{native.needed('document.id')}-rest"}


def _invoice(native: Native, months: int) -> dict[str, str | None]:
    """Return what the lines of an invoice have in common; ``months`` is 0 for what is billed once."""
    first = period_of(native)
    if native.day("document.date").replace(day=1) != dated_month(first, native.settings):
        raise MappingError(
            "document.date",
            native.text("document.date"),
            "is not in the month that was asked for; fetch again",
        )
    start = shifted(first, 1 - months) if months and native.settings["dated"] == "month_after" else first
    return {
        "invoice_id": native.needed("document.invoiceNumber", "document.id"),
        "client_id": native.needed("document.company.identifier"),
        "currency": native.needed("document.currency.currencyCode"),
        "service_period_start": str(start),
        "service_period_end": str(shifted(start, months or 1)),
        "charge_category": "recurring" if months else "one_time",
    }


def _with_agreement(native: Native) -> Native:
    """Return the line with its own agreement as ``parent``, where that is not its invoice's."""
    if not (own := objects(native, "_agreement")):
        return native
    bare = {name: value for name, value in native.fields.items() if not name.startswith("parent.")}
    return Native(bare | {f"parent.{name}": value for name, value in own[0].fields.items()}, native.settings)


def _months(native: Native, line: Native) -> int:
    """Return how many months a line is for, 0 if it is billed once."""
    kind = native.text("document.type")
    if kind not in (OF_AGREEMENT, CREDIT_MEMO, CONSOLIDATED) or native.text(
        "ticket.id", "project.id", "salesOrder.id"
    ):
        return 0
    if kind == CREDIT_MEMO and native.settings["credit_memos"] == "one_time":
        return 0
    if not line.text("agreement.id", "parent.id"):
        if kind != CREDIT_MEMO:
            native.remark(f"stand on {kind} invoices, name no agreement, and count as one_time")
        return 0
    if not line.text("parent.id"):
        native.remark("name an agreement that was not fetched with them, and count as billed monthly")
    if line.text("parent.billOneTimeFlag") == "true":
        return 0
    if kind == CREDIT_MEMO:
        native.remark(
            "are of credit memos, which ConnectWise ties to no month's invoices: they count in the month of"
            " their memo"
        )
    return months_of(line)


def _prorated(
    native: Native, line: Native, whole: Row, quantity: Fraction, price: Fraction, amount: Fraction
) -> Iterator[Row]:
    """Yield a recurring line with the days that its money proves."""
    cycle = Span(
        *(date.fromisoformat(whole[name] or "") for name in ("service_period_start", "service_period_end"))
    )
    decimals = native.text("document.currency.numberOfDecimals")
    places = int(decimals) if decimals in ("0", "1", "2", "3") else 2
    cent = Fraction(1, 10**places)
    proofs: dict[tuple[Span, Fraction], Row] = {}
    for addition in _additions(native, line):
        unit = Fraction(addition["unit_price"] or 0)
        for span in _possible(addition, cycle, quantity):
            exact = unit * span.months
            if abs(price - exact) < cent and (
                span == cycle or abs(amount - quantity * exact) < cent * max(quantity, Fraction(1))
            ):
                proofs.setdefault((span, unit), addition)
    is_whole = any(span == cycle for span, _ in proofs)
    if is_whole or len(proofs) != 1:
        if not is_whole:
            several = "the dates of several additions" if proofs else "no dates of an addition"
            native.remark(
                f"are of agreements, at a price that {several} make: they count for the whole billing cycle"
            )
        yield whole
        return
    (((span, unit), addition),) = proofs.items()
    yield from _split(
        {**whole, "unit_price": addition["unit_price"]},
        addition,
        span,
        cycle,
        quantity * unit,
        amount,
        places,
    )


def _split(
    line: Row, addition: Row, span: Span, cycle: Span, price: Fraction, amount: Fraction, places: int
) -> Iterator[Row]:
    """Yield a line for the days of ``span``; ``price`` is that of all its seats for a month."""
    start = cycle.start if span.start < cycle.start < span.end else span.start
    now = Fraction(rounded_text(price * Span(start, span.end).months, places))
    if start == span.start and abs(amount - now) <= Fraction(1, 10**places):
        now = amount  # the gate tolerates a cent of rounding
    proved = {**line, "agreement_line_id": addition["agreement_line_id"]}
    yield {
        **proved,
        "amount": exact_text(now, 60),
        "service_period_start": str(start),
        "service_period_end": str(span.end),
    }
    rest = exact_text(amount - now, 60)
    if start != span.start:
        days = {"service_period_start": str(span.start), "service_period_end": str(start)}
        yield {**proved, **days, "invoice_line_id": f"{line['invoice_line_id']}-before", "amount": rest}
    elif amount != now:
        once = {"charge_category": "one_time", "quantity": "1", "unit_price": rest, "amount": rest}
        yield {**line, **once, "invoice_line_id": f"{line['invoice_line_id']}-rounding"}


def _possible(addition: Row, cycle: Span, quantity: Fraction) -> set[Span]:
    """Return the days that a line of so many seats may be for, if it is an addition's: at the earliest from
    one cycle back.
    """
    starts = date.fromisoformat(addition["effective_start"] or "")
    end = min(cycle.end, date.fromisoformat(addition["effective_end"] or str(cycle.end)))
    spans = {cycle} if starts < cycle.end and cycle.start < end else set()
    if Fraction(addition["quantity"] or 0) != quantity:
        return spans  # several additions may be billed in one line, as long as it is for the whole cycle
    earliest = shifted(cycle.start, -int(cycle.months))
    return spans | {
        Span(start, end) for start in (starts, max(starts, cycle.start)) if earliest <= start < end
    }


def _additions(native: Native, line: Native) -> Iterator[Row]:
    agreement = {name: value for name, value in line.fields.items() if name.startswith("parent.")}
    for each in objects(native, "_additions"):
        yield from additions(Native({**agreement, **each.fields}, native.settings))

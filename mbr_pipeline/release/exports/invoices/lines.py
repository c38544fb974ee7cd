"""Invoices as an accounting system imports them: which line stands on which invoice, with which quantity,
price and text.

What belongs here: grouping and forming lines. What does not: what differs from an earlier export
(``differences``), and the columns of a target's file (``formats``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from mbr_pipeline.release.exports.cells import money, places_of, plain, product, rounded
from mbr_pipeline.release.exports.content import Content, Row
from mbr_pipeline.release.exports.landed import Id, landed_lines
from mbr_pipeline.workspace.export_settings import ImportSettings

_MOST_PLACES = 4
"""Decimal places that both accounting systems keep of a quantity and of a price."""


@dataclass(frozen=True)
class Line:
    """One line of an invoice: quantity × price is its amount, to the minor unit."""

    client_id: str
    product_code: str
    number: str
    currency: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    text: str
    start: date
    landed: Id | None = None


@dataclass(frozen=True)
class Invoice:
    """An invoice of one client in one currency."""

    number: str
    client_id: str
    currency: str
    day: date
    due: date
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        """Σ of its lines."""
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class Grouped:
    """Invoices, and those that another number was given: old number, client, currency, new number."""

    invoices: list[Invoice]
    renumbered: list[tuple[str, str, str, str]] = field(default_factory=list)


def whole(content: Content, clients: Iterable[str]) -> list[Line]:
    """Return all lines of the clients that there is something of."""
    wanted = set(clients)
    mine = [row for row in content.ready if row["client_id"] in wanted]
    first = _first_invoices(mine)
    period = content.month.period.text
    lines = []
    for row in mine:
        if row["change"] != "removed":
            own = f"MBR-{period}-{row['client_id']}-{row['currency']}"
            number = row["invoice_id"] or first.get((row["client_id"], row["currency"])) or own
            lines.append(line_of(content, row, number))
    return lines


def line_of(content: Content, row: Row, number: str) -> Line:
    """Return a ready line on the invoice of a number.

    Quantity 1 and the amount as price stand where an accounting system would compute another amount; quantity
    and price are then told in the text.
    """
    quantity, price = plain(row["quantity"]), row["unit_price"]
    currency = row["currency"]
    amount = money(row["amount"], currency)
    text = row["description"] or content.product_names.get(row["product_code"]) or row["product_code"]
    is_exact = rounded(product(quantity, price), currency) == amount
    if not is_exact or max(places_of(quantity), places_of(price)) > _MOST_PLACES:
        text = f"{text} ({quantity:f} × {money(price, currency):f} {currency})"
        quantity, price = Decimal(1), amount
    landed = (row["source"], row["invoice_id"], row["invoice_line_id"]) if row["invoice_id"] else None
    return Line(
        row["client_id"],
        row["product_code"],
        number,
        currency,
        quantity,
        money(price, currency),
        amount,
        text,
        row["service_period_start"],
        landed,
    )


def _first_invoices(rows: Iterable[Row]) -> dict[tuple[str, str], str]:
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        if row["invoice_id"]:
            key = (row["client_id"], row["currency"])
            first[key] = min(first.get(key, row["invoice_id"]), row["invoice_id"])
    return first


def grouped(content: Content, lines: Iterable[Line], settings: ImportSettings) -> Grouped:
    """Put lines on their invoices, by client, currency and number; the order of lines stays.

    An accounting system takes a number for one invoice of one client in one currency: a landed number that
    several of them share is made one for each, also where only one of them is exported now.
    """
    found: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    shares: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in content.read("fct_line_dispositions"):
        if row["leg"] == "invoice":
            shares[row["invoice_id"]].add((row["client_id"], row["currency"]))
    for line in lines:
        found[line.client_id, line.currency, line.number].append(line)
        shares[line.number].add((line.client_id, line.currency))
    dates = _landed_dates(content) if any(line.landed for each in found.values() for line in each) else {}
    invoices, renumbered = [], []
    for (client_id, currency, number), mine in sorted(found.items()):
        own = number
        if len(shares[number]) > 1:
            own = f"{number}-{client_id}-{currency}"
            renumbered.append((number, client_id, currency, own))
        day, due = _dates(content, mine, dates, settings)
        own_lines = tuple(replace(line, number=own) for line in mine)
        invoices.append(Invoice(own, client_id, currency, day, due, own_lines))
    return Grouped(invoices, renumbered)


def _landed_dates(content: Content) -> Mapping[Id, Row]:
    return landed_lines(content, "invoice_lines", ("invoice_date", "due_date"))


def _dates(
    content: Content, lines: Iterable[Line], dates: Mapping[Id, Row], settings: ImportSettings
) -> tuple[date, date]:
    """Return an invoice's date and due date: the earliest that its lines were landed with, else as set."""
    landed = [dates[line.landed] for line in lines if line.landed]
    period = content.month.period
    fallback = period.start if settings.invoice_date == "period_start" else period.end - timedelta(days=1)
    day = min(_days(landed, "invoice_date"), default=fallback)
    return day, min(_days(landed, "due_date"), default=day + timedelta(days=settings.due_days))


def _days(rows: Iterable[Row], column: str) -> Iterator[date]:
    return (row[column] for row in rows if row[column] is not None)

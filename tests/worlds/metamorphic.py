"""Transformations of a world in memory whose effect on the outcome is known without knowing the outcome.

Belongs here: pure functions from a workspace to a workspace; none changes its argument. Lookup each stands
what the contract says must come of it. How rows become files is ``forms``, taking injected causes away is
``repairs``, the relations are ``test_metamorphic``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.scaffold.world.arithmetic import minor_unit, overlap, period_end, period_start
from mbr_pipeline.scaffold.world.invoice_totals import tie_out
from mbr_pipeline.scaffold.world.model import (
    INVOICE_LINES,
    LICENSE_COUNTS,
    PRODUCTS,
    VENDOR_CHARGES,
    Book,
    Landed,
    Row,
    Value,
    Workspace,
)

Place = tuple[str, str, str]
"""Period, source and dataset."""

Line = tuple[str, str, str]
"""Source, invoice id and line id of a vendor line."""

PART = "+part"
"""What the second part of a split line has behind its id."""


def changed(
    workspace: Workspace,
    landed: Callable[[Place, Row], Iterable[Row]] = lambda _, row: [row],
    rules: Callable[[str, Row], Iterable[Row]] = lambda _, row: [row],
) -> Workspace:
    """Every row replaced by the rows that a function makes of it."""

    def book(old: Book) -> Book:
        return replace(
            old,
            landing={
                place: Landed([new for row in data.rows for new in landed(place, row)])
                for place, data in old.landing.items()
            },
            rules={
                name: [new for row in rows for new in rules(name, row)] for name, rows in old.rules.items()
            },
        )

    return replace(workspace, books=[book(old) for old in workspace.books])


def tied(workspace: Workspace) -> Workspace:
    """The vendor invoices written anew from their lines, for transformations that change what a vendor
    bills.
    """
    copy = changed(workspace)
    for book in copy.books:
        tie_out(book)
    return copy


def beside(*workspaces: Workspace) -> Workspace:
    """All rows of workspaces of one MSP and the same periods."""
    books = [workspace.books[0] for workspace in workspaces]
    landing = {
        place: Landed([row for book in books for row in book.rows(*place)]) for place in books[0].landing
    }
    rules = {name: [row for book in books for row in book.rules[name]] for name in books[0].rules}
    return replace(workspaces[0], books=[replace(books[0], landing=landing, rules=rules)])


# --- one line as two, and two that cancel out ---------------------------------------------------------------


def _content(row: Row) -> str:
    """What makes a charge the same charge (contract §5.3, DUPLICATE_VENDOR_CHARGE)."""
    return repr(
        sorted(
            (name, str(value))
            for name, value in row.items()
            if name not in ("line_id", "invoice_id") and value is not None
        )
    )


def plain_vendor_lines(workspace: Workspace) -> dict[Line, Row]:
    """Recurring lines of the last period that lie in it, are mapped, and are neither doubled nor reported.

    Lines that reach outside P are left alone: their effective cost is rounded line by line to ten places, so
    two parts need not add up.
    """
    period, book = workspace.periods[-1], workspace.books[0]
    customers = {(row["source"], row["vendor_customer_id"]) for row in book.rules["client_map"]}
    skus = {(row["source"], row["sku_id"]) for row in book.rules["sku_map"]}
    reported = {(answer.source, answer.line_id) for answer in workspace.answers}
    landed = [
        (place[1], row)
        for place, data in book.landing.items()
        if place[2] == VENDOR_CHARGES
        for row in data.rows
    ]
    often = Counter((source, _content(row)) for source, row in landed)
    found: dict[Line, Row] = {}
    for (landed_in, source, dataset), data in book.landing.items():
        for row in data.rows if (landed_in, dataset) == (period, VENDOR_CHARGES) else ():
            start, end = row["charge_period_start"], row["charge_period_end"]
            assert isinstance(start, date) and isinstance(end, date)
            if (
                row["charge_category"] == "recurring"
                and period_start(period) <= start < end <= period_end(period)
                and (source, row["vendor_customer_id"]) in customers
                and (source, row["sku_id"]) in skus
                and (source, row["line_id"]) not in reported
                and often[source, _content(row)] == 1
            ):
                found[source, str(row["invoice_id"]), str(row["line_id"])] = row
    return found


def splittable_vendor_lines(workspace: Workspace) -> dict[Line, tuple[Row, Row]]:
    """The two parts of every plain vendor line of three units and more: a third of it at exactly its unit
    cost, and what is left.

    Whatever the line's amount differs from quantity x unit cost is then the second part's, no more than it
    was. Their quantities differ, so that neither repeats the other.
    """
    parts = {}
    for line, row in plain_vendor_lines(workspace).items():
        quantity, amount = _number(row["quantity"]), _number(row["amount"])
        first = Decimal(int(quantity / 3))
        if first:
            cost = first * _number(row["unit_cost"])
            parts[line] = (
                {**row, "quantity": first, "amount": cost},
                {
                    **row,
                    "line_id": f"{row['line_id']}{PART}",
                    "quantity": quantity - first,
                    "amount": amount - cost,
                },
            )
    return parts


def vendor_lines_split(workspace: Workspace) -> Workspace:
    """Every line that may be split in two lines of the period. The key, the client's findings and the bridge
    must not notice.
    """
    parts = splittable_vendor_lines(workspace)

    def landed(place: Place, row: Row) -> Iterable[Row]:
        here = place[0] == workspace.periods[-1] and place[2] == VENDOR_CHARGES
        return parts.get((place[1], str(row["invoice_id"]), str(row["line_id"])), [row]) if here else [row]

    return changed(workspace, landed)


def splittable_invoice_lines(workspace: Workspace) -> dict[str, tuple[Row, Row]]:
    """The two parts of every invoice line that may be split, by its id: one unit, and the others.

    The price variance is rounded line by line (contract §4), so price x quantity x o / D must be whole minor
    units for either part and equal to its amount; two parts of a line for which that does not hold could each
    be a minor unit out, and would rightly be told.
    """
    period = workspace.periods[-1]
    reported = {answer.line_id for answer in workspace.answers}
    parts: dict[str, tuple[Row, Row]] = {}
    for (landed_in, _, dataset), data in workspace.books[0].landing.items():
        for row in data.rows if (landed_in, dataset) == (period, INVOICE_LINES) else ():
            quantity, price, unit = (
                _number(row["quantity"]),
                _number(row["unit_price"]),
                minor_unit(str(row["currency"])),
            )
            start, end = row["service_period_start"], row["service_period_end"]
            assert isinstance(start, date) and isinstance(end, date)
            lies_in_period = period_start(period) <= start < end <= period_end(period)
            month = (period_end(period) - period_start(period)).days
            line_id = str(row["invoice_line_id"])
            if (
                row["charge_category"] == "one_time"
                or not lies_in_period
                or line_id in reported
                or abs(quantity) < 2
            ):
                continue
            one = Decimal(1).copy_sign(quantity)
            worth = [
                Fraction(price) * Fraction(part) * overlap(start, end, period) / month
                for part in (one, quantity - one)
            ]
            if (
                all((value / Fraction(unit)).denominator == 1 for value in worth)
                and sum(worth) == row["amount"]
            ):
                amounts = [Decimal(value.numerator) / value.denominator for value in worth]
                parts[line_id] = (
                    {**row, "quantity": one, "amount": amounts[0]},
                    {
                        **row,
                        "invoice_line_id": f"{line_id}{PART}",
                        "quantity": quantity - one,
                        "amount": amounts[1],
                    },
                )
    return parts


def invoice_lines_split(workspace: Workspace) -> Workspace:
    """Every invoice line that may be split in two. The key, the client's findings and the bridge must not
    notice.
    """
    parts = splittable_invoice_lines(workspace)

    def landed(place: Place, row: Row) -> Iterable[Row]:
        here = place[0] == workspace.periods[-1] and place[2] == INVOICE_LINES
        return parts.get(str(row["invoice_line_id"]), [row]) if here else [row]

    return changed(workspace, landed)


def merged(workspace: Workspace) -> Workspace:
    """Split lines put together again: the inverse of both."""

    def line(place: Place, row: Row) -> tuple[Place, str, str]:
        return place, str(row.get("invoice_id")), str(row.get("line_id") or row.get("invoice_line_id"))

    rows = [(place, row) for place, data in workspace.books[0].landing.items() for row in data.rows]
    rests = {line(place, row): row for place, row in rows if line(place, row)[2].endswith(PART)}

    def landed(place: Place, row: Row) -> Iterable[Row]:
        _, invoice_id, line_id = line(place, row)
        rest = rests.get((place, invoice_id, line_id + PART))
        if line_id.endswith(PART):
            return []
        return [
            (
                {**row, **{name: _number(row[name]) + _number(rest[name]) for name in ("quantity", "amount")}}
                if rest
                else row
            )
        ]

    return changed(workspace, landed)


def cancelling_pairs(workspace: Workspace) -> dict[Line, tuple[Row, Row]]:
    """For every plain vendor line a refund and a recharge of some units on the same days at the same unit
    cost.

    Of another quantity each time: what is charged before and after a change of seats has the same days, and
    equal pairs beside both would be repeats. Their ids come before all others: the line that speaks for the
    unit cost of a count finding is the greatest by start and id (contract §5), and a line with the same start
    is already there.
    """
    pairs = {}
    for number, (line, row) in enumerate(plain_vendor_lines(workspace).items(), 7):
        amount = number * _number(row["unit_cost"])
        refund, recharge = (
            {
                **row,
                "line_id": f"!{number:04d}{kind[2]}",
                "charge_type": kind,
                "quantity": Decimal(sign * number),
                "amount": sign * amount,
            }
            for kind, sign in (("refund", -1), ("recharge", 1))
        )
        pairs[line] = (refund, recharge)
    return pairs


def pairs_added(workspace: Workspace) -> Workspace:
    """The pairs landed beside their lines. Only the dispositions may show them."""
    pairs = cancelling_pairs(workspace)

    def landed(place: Place, row: Row) -> Iterable[Row]:
        here = place[0] == workspace.periods[-1] and place[2] == VENDOR_CHARGES
        return (
            [row, *pairs.get((place[1], str(row["invoice_id"]), str(row["line_id"])), ())] if here else [row]
        )

    return changed(workspace, landed)


def _number(value: Value) -> Decimal:
    assert isinstance(value, Decimal)
    return value


# --- other names, other clients -----------------------------------------------------------------------------

ORDERED = ("line_id", "invoice_line_id", "agreement_line_id", "invoice_id")
"""Ids by whose text order the contract breaks ties (§1 price in force, §5 duplicates and unit cost): renaming
must keep their order.
"""

NAMED = (
    *ORDERED,
    "client_id",
    "product_code",
    "vendor_customer_id",
    "sku_id",
    "agreement_id",
    "subscription_id",
)
"""The columns that hold ids, in landed files and rules alike."""


def renamed(
    workspace: Workspace, name: Callable[[str, str], str], columns: Collection[str] = NAMED
) -> Workspace:
    """Every id of these columns replaced by what a function makes of column and id."""

    def row(_: object, old: Row) -> Iterable[Row]:
        return [{c: name(c, str(v)) if c in columns and v is not None else v for c, v in old.items()}]

    return changed(workspace, row, row)


def tokens(workspace: Workspace) -> dict[tuple[str, str], str]:
    """A new name for every id, like <sku_id0007>: in the order of the old ones where ties are broken by it,
    else in the opposite one.
    """
    ids: dict[str, set[str]] = defaultdict(set)
    for row in all_rows(workspace):
        for column in NAMED:
            if row.get(column) is not None:
                ids[column].add(str(row[column]))
    return {
        (column, old): f"<{column}{number:04d}>"
        for column, names in ids.items()
        for number, old in enumerate(sorted(names, reverse=column not in ORDERED))
    }


def all_rows(workspace: Workspace) -> Iterable[Row]:
    """Every landed row and rule."""
    for book in workspace.books:
        for data in book.landing.values():
            yield from data.rows
        for rows in book.rules.values():
            yield from rows


def customers_of(workspace: Workspace, client_ids: Collection[str]) -> set[tuple[Value, Value]]:
    """The vendor customers (source and id) that the map gives to these clients."""
    return {
        (row["source"], row["vendor_customer_id"])
        for row in workspace.books[0].rules["client_map"]
        if row["client_id"] in client_ids
    }


def only_clients(workspace: Workspace, client_ids: Collection[str]) -> Workspace:
    """What is about some clients and nobody else: their records, lines, counts and map rows."""
    customers = customers_of(workspace, client_ids)

    def landed(place: Place, row: Row) -> Iterable[Row]:
        if place[2] in (VENDOR_CHARGES, LICENSE_COUNTS):
            return [row] if (place[1], row["vendor_customer_id"]) in customers else []
        return [row] if row.get("client_id") in client_ids else []

    return changed(workspace, landed, lambda _, row: [row] if row.get("client_id") in client_ids else [])


def with_twins(workspace: Workspace, client_ids: Collection[str], mark: str) -> Workspace:
    """Further clients that buy, under marked ids of their own, just what some clients buy: the same products
    and SKUs.

    Nobody else may notice, and theirs must be the outcome of those they are like.
    """
    columns = set(NAMED) - {"product_code", "sku_id"}
    twins = renamed(only_clients(workspace, client_ids), lambda _, old: mark + old, columns)
    return tied(beside(workspace, twins))


def copies(workspace: Workspace, marks: Iterable[str]) -> Workspace:
    """Disjoint copies of all the books beside each other, every id of each marked. Each must come to what the
    original comes to.
    """
    return beside(*(renamed(workspace, lambda _, old, mark=mark: mark + old) for mark in marks))  # type: ignore[misc]


# --- other magnitudes, other days ---------------------------------------------------------------------------

PRICES = ("unit_price", "default_unit_price", "unit_cost")
TOTALS = ("amount", "invoice_total")
QUANTITIES = ("quantity", "entitled_quantity", "assigned_quantity", "minimum_quantity")


def scaled(
    workspace: Workspace, factor: int, columns: Collection[str], currencies: Mapping[str, str]
) -> Workspace:
    """Numbers in some columns multiplied, and currencies replaced; rows in a currency that is not replaced
    stay as they are.
    """

    def row(_: object, old: Row) -> Iterable[Row]:
        currency = old.get("currency")
        if currency is not None and currency not in currencies:
            return [old]
        new = {
            name: value * factor if name in columns and isinstance(value, Decimal) else value
            for name, value in old.items()
        }
        return [new if currency is None else {**new, "currency": currencies[str(currency)]}]

    return changed(workspace, row, row)


def is_prorated(place: Place, row: Row, period: str) -> bool:
    """Whether a vendor line's cost in a period is a share of its amount, and so rounded to ten places
    (contract §4.4, effective cost).
    """
    start, end = row["charge_period_start"], row["charge_period_end"]
    assert isinstance(start, date) and isinstance(end, date)
    counted = overlap(start, end, period)
    if place[0] == period and row["charge_category"] == "usage":
        counted = max(0, (min(end, period_end(period)) - start).days)
    return counted not in (0, (end - start).days)


def exactly_scalable(workspace: Workspace, dropped: str) -> Workspace:
    """The books without what cannot be scaled exactly: all that is in one currency, and vendor lines whose
    cost is prorated.
    """

    def landed(place: Place, row: Row) -> Iterable[Row]:
        if place[2] == PRODUCTS and row.get("currency") == dropped:
            return [{**row, "default_unit_price": None, "currency": None}]
        is_share = place[2] == VENDOR_CHARGES and is_prorated(place, row, workspace.periods[-1])
        return [] if is_share or row.get("currency") == dropped else [row]

    return tied(changed(workspace, landed, lambda _, row: [] if row.get("currency") == dropped else [row]))


def shifted(workspace: Workspace, years: int) -> Workspace:
    """Every date and period moved by whole years."""

    def row(_: object, old: Row) -> Iterable[Row]:
        return [
            {name: later(value, years) if isinstance(value, date) else value for name, value in old.items()}
        ]

    moved = changed(workspace, row, row)
    books = [
        replace(
            book,
            periods=[later_period(period, years) for period in book.periods],
            landing={
                (later_period(period, years), source, name): data
                for (period, source, name), data in book.landing.items()
            },
        )
        for book in moved.books
    ]
    return replace(moved, books=books, periods=[later_period(period, years) for period in moved.periods])


def later(day: date, years: int) -> date:
    """The same day some years later; it must exist there."""
    return day.replace(year=day.year + years)


def later_period(period: str, years: int) -> str:
    """The same month some years later."""
    return f"{int(period[:4]) + years:04d}{period[4:]}"


def landed_in(
    workspace: Workspace, source: str, period: str, into: str, datasets: Collection[str]
) -> Workspace:
    """A source's records of one period landed once more in a later one."""
    book = workspace.books[0]
    repeated = {
        (into, source, name): book.rows(period, source, name)
        for name in datasets
        if (period, source, name) in book.landing
    }
    landing = {place: Landed([*data.rows, *repeated.get(place, [])]) for place, data in book.landing.items()}
    return replace(workspace, books=[replace(book, landing=landing), *workspace.books[1:]])

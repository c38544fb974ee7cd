"""Transformations of a whole world in memory: other names, fewer and further clients, scales and dates.

Belongs here: pure functions from a workspace to a workspace, as in ``metamorphic``. Does not: single
lines split, merged and added (``metamorphic``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from mbr_pipeline.scaffold.world.arithmetic import overlap, period_end
from mbr_pipeline.scaffold.world.model import (
    LICENSE_COUNTS,
    PRODUCTS,
    VENDOR_CHARGES,
    Landed,
    Row,
    Value,
    Workspace,
)
from tests.worlds.relations.rows import Place, beside, changed, tied

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
        return [{c: name(c, str(v)) if c in columns and is_name(v) else v for c, v in old.items()}]

    return changed(workspace, row, row)


def is_name(value: Value) -> bool:
    """Whether an id may be another: the words of the maps are no ids."""
    return value not in (None, "!internal", "!ignore", "!not_billed")


def tokens(workspace: Workspace) -> dict[tuple[str, str], str]:
    """A new name for every id, like <sku_id0007>: in the order of the old ones where ties are broken by it,
    else in the opposite one.
    """
    ids: dict[str, set[str]] = defaultdict(set)
    for row in all_rows(workspace):
        for column in NAMED:
            if is_name(row.get(column)):
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

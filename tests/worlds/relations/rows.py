"""Rows of a world in memory: where they stand, and changing them.

Belongs here: what the transformations share. Does not: the transformations (``metamorphic``,
``alterations``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from mbr_pipeline.scaffold.world.invoice_totals import tie_out
from mbr_pipeline.scaffold.world.model import (
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


def number_of(value: Value) -> Decimal:
    assert isinstance(value, Decimal)
    return value

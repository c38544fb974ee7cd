"""Transformations of a world in memory whose effect on the outcome is known without knowing the outcome.

Belongs here: pure functions from a workspace to a workspace; none changes its argument. Lookup each stands
what the contract says must come of it. How rows become files is ``forms``, taking injected causes away is
``repairs``, the relations are ``test_metamorphic``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mbr_pipeline.scaffold.world.arithmetic import minor_unit, overlap, period_end, period_start
from mbr_pipeline.scaffold.world.model import (
    INVOICE_LINES,
    VENDOR_CHARGES,
    Row,
    Workspace,
)
from tests.worlds.relations.rows import Line, Place, _content, changed, number_of

PART = "+part"
"""What the second part of a split line has behind its id."""


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
        quantity, amount = number_of(row["quantity"]), number_of(row["amount"])
        first = Decimal(int(quantity / 3))
        if first:
            cost = first * number_of(row["unit_cost"])
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


def splittable_invoice_lines(workspace: Workspace) -> dict[tuple[str, str], tuple[Row, Row]]:
    """The two parts of every invoice line that may be split, by invoice and id: one unit, and the others.

    The price variance is rounded line by line (contract §4), so price x quantity x o / D must be whole minor
    units for either part and equal to its amount; two parts of a line for which that does not hold could each
    be a minor unit out, and would rightly be told.
    """
    period = workspace.periods[-1]
    reported = {answer.line_id for answer in workspace.answers}
    parts: dict[tuple[str, str], tuple[Row, Row]] = {}
    for (landed_in, _, dataset), data in workspace.books[0].landing.items():
        for row in data.rows if (landed_in, dataset) == (period, INVOICE_LINES) else ():
            quantity, price, unit = (
                number_of(row["quantity"]),
                number_of(row["unit_price"]),
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
                parts[str(row["invoice_id"]), line_id] = (
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
        return parts.get((str(row["invoice_id"]), str(row["invoice_line_id"])), [row]) if here else [row]

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
                {
                    **row,
                    **{name: number_of(row[name]) + number_of(rest[name]) for name in ("quantity", "amount")},
                }
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
        amount = number * number_of(row["unit_cost"])
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

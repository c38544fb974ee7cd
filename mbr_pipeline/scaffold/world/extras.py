"""Lines of the clean world that no key is reconciled by: setup fees, credits, adjustments,
tax, labour and hardware; own seats, trials, and what is nobody's concern.

They must pass through as ``excluded`` and still tie out (contract §5.4, dispositions). The recurring and
usage lines of clients are elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from mbr_pipeline.scaffold.world.arithmetic import (
    FX,
    day_of,
    last_day,
    next_period,
    period_end,
    period_start,
    round_money,
)
from mbr_pipeline.scaffold.world.catalogue import FREE, FREE_TERM, Catalogue
from mbr_pipeline.scaffold.world.model import Row
from mbr_pipeline.scaffold.world.parties import Party, map_row

_FEES = (
    ("one_time", "setup", 1),
    ("credit", "goodwill", -1),
    ("adjustment", "fx-rounding", 1),
    ("tax", "VAT", 1),
)


def vendor_fee_rows(party: Party, sku_id: str, period: str, rng: Random) -> Iterator[Row]:
    """One vendor line of each category that is not reconciled, for a mapped customer and SKU."""
    for category, kind, sign in _FEES:
        cost = round_money(Decimal(rng.randint(150, 4000)) / 100 * FX[party.currency], party.currency)
        yield {
            "vendor_customer_id": party.tenants["pax8"],
            "vendor_customer_name": party.name,
            "sku_id": sku_id,
            "sku_name": kind,
            "charge_category": category,
            "charge_type": kind,
            "quantity": Decimal(sign),
            "unit_cost": cost,
            "amount": sign * cost,
            "currency": party.currency,
            "charge_period_start": period_start(period),
            "charge_period_end": period_end(period),
        }


def project_rows(party: Party, period: str, rng: Random) -> Iterator[Row]:
    """One-time client lines: hours of labour on one day (an empty service period), and hardware."""
    day = day_of(period, rng.randint(1, 28))
    for product, quantity in (("LABOUR", Decimal(rng.randint(1, 30)) / 4), ("HW", Decimal(1))):
        price = round_money(Decimal(rng.randint(3000, 90000)) / 100 * FX[party.currency], party.currency)
        yield {
            "client_id": party.client_id,
            "product_code": product,
            "quantity": quantity,
            "unit_price": price,
            "amount": round_money(quantity * price, party.currency),
            "currency": party.currency,
            "service_period_start": day,
            "service_period_end": day if product == "LABOUR" else period_end(period),
            "agreement_line_id": None,
            "charge_category": "one_time",
        }


OWN_TENANT = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
_OWN = {"pax8": "own-1", "microsoft": OWN_TENANT, "huntress": "own-h"}
_LAB = "lab"


def aside_rules() -> list[Row]:
    """The MSP's own seats at every vendor, and a laboratory at one of them that nobody bills."""
    own = [
        {**map_row(source, customer, "!internal"), "note": "own seats"} for source, customer in _OWN.items()
    ]
    return [*own, map_row("huntress", _LAB, "!ignore")]


def aside_lines(party: Party, catalogue: Catalogue, period: str, rng: Random) -> Iterator[tuple[str, Row]]:
    """Vendor lines as (source, row) that enter no key: own seats, a client's trials, and ignored ones.

    Lines of one user each differ in their detail alone. What is ignored may be as wrong as it likes.
    """
    first, middle = period_start(period), day_of(period, rng.randint(5, 25))
    for source, key, quantity in (("pax8", "cohorts", 7), ("microsoft", "seats", 11)):
        cost = catalogue.cost(key, "USD", first)
        sku = catalogue.skus[key].sku_id
        yield source, _seats(_OWN[source], sku, period, quantity, cost, term=catalogue.skus[key].term)
    part = _seats(_OWN["pax8"], "NFR-9", period, 2, Decimal("4.20"))
    yield "pax8", {**part, "charge_period_start": middle}
    used = _seats(_OWN["pax8"], "NFR-9", period, 1, Decimal("0.0312345678"))
    yield "pax8", {**used, "charge_category": "usage", "amount": Decimal("0.03123456781")}
    for user in ("ann@example.com", "bob@example.com"):
        yield "pax8", {**_seats(party.tenants["pax8"], FREE[0], period, 12, Decimal(0)), "detail": user}
    yield "pax8", _seats(party.tenants["pax8"], FREE[1], period, 5, Decimal(0), term=FREE_TERM)
    wrong = _seats(_LAB, "edr", period, 40, Decimal("2.5"))
    yield "huntress", {**wrong, "amount": Decimal(rng.randint(1, 9))}


def aside_counts(party: Party, period: str, rng: Random) -> Iterator[tuple[str, Row]]:
    """Seat counts as (source, row) of the same: on days of their own, which bound nobody's seats; those of
    one customer are of the month before and count nowhere.
    """
    day, last = day_of(period, rng.randint(1, 20)), last_day(period)
    yield "pax8", _count(_OWN["pax8"], "1.0", day, 7, 7)
    yield "microsoft", _count(_OWN["microsoft"], "CFQ7TTC0LF8R:0001", day, 11, None)
    # on the month's last day, so after all counts of what the client pays for
    yield "pax8", _count(party.tenants["pax8"], FREE[0], last, 24, None)
    yield "huntress", _count(_LAB, "edr", last, 99, 3)
    yield "huntress", _count(_OWN["huntress"], "edr", last_day(next_period(period, -1)), 6, 1)


def _seats(
    customer: str, sku: str, period: str, quantity: int, unit_cost: Decimal, term: str | None = None
) -> Row:
    return {
        "vendor_customer_id": customer,
        "sku_id": sku,
        "charge_category": "recurring",
        "charge_type": "cycleCharge",
        "term": term,
        "quantity": Decimal(quantity),
        "unit_cost": unit_cost,
        "amount": quantity * unit_cost,
        "currency": "USD",
        "charge_period_start": period_start(period),
        "charge_period_end": period_end(period),
    }


def _count(customer: str, sku: str, day: date, entitled: int, assigned: int | None) -> Row:
    return {
        "vendor_customer_id": customer,
        "sku_id": sku,
        "as_of_date": day,
        "entitled_quantity": Decimal(entitled),
        "assigned_quantity": None if assigned is None else Decimal(assigned),
    }

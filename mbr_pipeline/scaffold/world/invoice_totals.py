"""Writes the vendor invoices whose totals tie out to their lines, once every line is in place.

Runs after the injections, so that a changed line changes its invoice too; only CONTROL_TOTAL_MISMATCH breaks
a total later.
"""

from __future__ import annotations

from decimal import Decimal

from mbr_pipeline.scaffold.world.arithmetic import day_of, next_period, round_money
from mbr_pipeline.scaffold.world.model import SOURCES, VENDOR_CHARGES, VENDOR_INVOICES, Book


def tie_out(book: Book) -> None:
    """Fill ``vendor_invoices`` from the lines landed in each period: all categories but tax (contract §5)."""
    for period in book.periods:
        for source, datasets in SOURCES.items():
            if VENDOR_INVOICES not in datasets:
                continue
            totals: dict[tuple[str, str], Decimal] = {}
            for row in book.rows(period, source, VENDOR_CHARGES):
                key = str(row["invoice_id"]), str(row["currency"])
                amount = row["amount"] if row["charge_category"] != "tax" else Decimal(0)
                assert isinstance(amount, Decimal)
                totals[key] = totals.get(key, Decimal(0)) + amount
            book.landed(period, source, VENDOR_INVOICES).rows = [
                {
                    "invoice_id": invoice_id,
                    "invoice_date": day_of(next_period(period), 3),
                    "currency": currency,
                    "invoice_total": round_money(total, currency),
                }
                for (invoice_id, currency), total in totals.items()
            ]

"""Lines of the clean world that no key is reconciled by: setup fees, credits, adjustments,
tax, labour and hardware.

They must pass through as ``excluded`` and still tie out (contract §5.4, dispositions). Recurring and usage
lines are elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from mbr_pipeline.scaffold.world.arithmetic import FX, day_of, period_end, period_start, round_money
from mbr_pipeline.scaffold.world.model import Row
from mbr_pipeline.scaffold.world.parties import Party

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

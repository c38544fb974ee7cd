"""Licenta passes what every source must pass."""

from __future__ import annotations

from connectors.testing.conformance import SourceConformance
from tests.connectors.sources.conftest import only_loopback
from tests.connectors.sources.example.fake_licenta import FakeLicenta
from tests.connectors.sources.example.licenta import LICENTA

__all__ = ["only_loopback"]


def _charge(number: int, kind: str = "recurring") -> dict[str, str]:
    return {
        "line_id": str(number),
        "invoice_id": "L-10",
        "vendor_customer_id": "T-1",
        "sku_id": "SEAT",
        "charge_category": kind,
        "quantity": "10",
        "unit_cost": "5.25",
        "amount": "52.5",
        "currency": "USD",
        "charge_period_start": "2026-10-01",
        "charge_period_end": "2026-11-01",
    }


class TestLicenta(SourceConformance):
    spec, vendor, hostile = LICENTA, FakeLicenta, "vendor_charges"
    books = {"vendor_charges": [*map(_charge, range(4)), _charge(5, "one_time")]}

"""A month written by hand with what is not mapped.

Belongs here: making it. Does not: expectations.

Acme's October: customer T-1 (20.00 USD, named as client C1) and T-2 (10.00 USD, named as nobody) of pax8, on
the same lines SKU K1 (30.00 USD, named as product BP); product EDR is invoiced with 12.00 USD and has no SKU.
"""

from __future__ import annotations

from pathlib import Path

from tests.mapping_help.month import CHARGES, CLIENT_MAP, SKU_MAP, charge, land, lone, ran, unmapped
from tests.support.small import write

_BP = "Microsoft 365 Business Premium"
HERE = "/m/acme/2026-10/mapping"
HOSTILE = "<img src=x onerror=alert(1)>"


def unmapped_month(root: Path, clients: dict[str, str] | None = None) -> None:
    """Write the month; ``clients``: other names by id."""
    bill = charge(1, "T-1", "Alder Architects", "K1", _BP) + charge(2, "T-1", "Alder Architects", "K1", _BP)
    bill += charge(3, "T-2", HOSTILE, "K1", _BP)
    land(root, "pax8", "vendor_charges", CHARGES + bill)
    write(root / "rules/acme/client_map.csv", CLIENT_MAP)
    write(root / "rules/acme/sku_map.csv", SKU_MAP)
    found = [
        unmapped("customer", "pax8", "T-2", ["vendor_charges.csv:4"]),
        unmapped("customer", "pax8", "T-1", ["vendor_charges.csv:2", "vendor_charges.csv:3"], "20.00"),
        lone("EDR"),
    ]
    ran(root, found, clients, keys=[("EDR", "USD", "12.00"), ("BP", "USD", "99.00")])

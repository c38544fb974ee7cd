"""Clean worlds on disk, and that vendor invoices tie out.

Belongs here: what the tests of the generator share. Does not: expectations of their own.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from mbr_pipeline.scaffold.world import (
    World,
)
from tests.worlds.readback import PLACES, half_up, landed


def digest(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def assert_vendor_invoices_tie_out(world: World) -> int:
    ties = 0
    for period in world.periods:
        totals: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
        for row in landed(world, period, "vendor_charges"):
            if row["source"] != "huntress" and row["charge_category"] != "tax":
                totals[row["source"], row["invoice_id"], row["currency"]] += Fraction(row["amount"])
        invoices = landed(world, period, "vendor_invoices")
        assert {(r["source"], r["invoice_id"], r["currency"]) for r in invoices} == set(totals)
        for row in invoices:
            total = totals[row["source"], row["invoice_id"], row["currency"]]
            assert half_up(total, PLACES[row["currency"]]) == row["invoice_total"]
            ties += 1
    return ties

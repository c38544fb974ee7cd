"""The worklist of a month written by hand.

Belongs here: what its tests share. Does not: expectations.
"""

from __future__ import annotations

from pathlib import Path

from mbr_pipeline.mapping_help.worklist import Item, Worklist, worklist
from tests.mapping_help.month import ran, unmapped


def todo(root: Path, *exceptions: dict[str, object], **tables: dict[str, str]) -> Worklist:
    return worklist(*ran(root, exceptions, **tables), 90)


def only(found: Worklist) -> Item:
    [item] = found.items
    return item


K1 = unmapped("sku", "pax8", "K1", ["vendor_charges.csv:2", "vendor_charges.csv:3"])

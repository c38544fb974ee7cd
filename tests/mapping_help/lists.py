"""The worklist of a month written by hand.

Belongs here: what its tests share. Does not: expectations.
"""

from __future__ import annotations

from pathlib import Path

from mbr_pipeline.mapping_help.worklist import Item, Worklist, worklist
from tests.mapping_help.month import SKU_MAP, ran, unmapped
from tests.support.small import write


def todo(root: Path, *exceptions: dict[str, object], **tables: dict[str, str]) -> Worklist:
    """The worklist; SKU K1 of either vendor is mapped unless the run found an unmapped SKU."""
    if not any(exception["exception_code"] == "UNMAPPED_SKU" for exception in exceptions):
        map_k1(root)
    return worklist(*ran(root, exceptions, **tables), 90)


def map_k1(root: Path) -> None:
    write(root / "rules/acme/sku_map.csv", SKU_MAP + "pax8,K1,,BP,,,\nhuntress,K1,,BP,,,\n")


def only(found: Worklist) -> Item:
    [item] = found.items
    return item


K1 = unmapped("sku", "pax8", "K1", ["vendor_charges.csv:2", "vendor_charges.csv:3"])

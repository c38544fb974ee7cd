"""Hand-made months through pipeline and second engine: agreement of the two, and ways to look at what was
agreed on.

Belongs here: what the corner tests share. The cases are in ``test_corners`` and ``test_corners_landing``;
rows of the workspace are made by ``tests.recompute.handmade``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.recompute.handmade import Handmade, P, Row, agreed, charge, invoiced, mapped
from tests.worlds.compare import Builder, compare, run_month

MARCH, MAY, JUNE = "2025-03-01", "2025-05-01", "2025-06-01"
Table = list[dict[str, Any]]


class Outcome:
    """The candidate tables and gate.json of a month on which pipeline and second engine agree."""

    def __init__(self, folder: Path, document: dict[str, Any]) -> None:
        self.folder, self.document = folder, document

    def rows(self, table: str, **where: Any) -> Table:
        """Rows of a candidate table with these values."""
        rows = pq.read_table(self.folder / f"{table}.parquet").to_pylist()
        return [row for row in rows if all(row[name] == value for name, value in where.items())]

    def key(self, product_code: str, **where: Any) -> dict[str, Any]:
        """The one reconciliation row of a product."""
        (row,) = self.rows("fct_reconciliation", product_code=product_code, **where)
        return row

    def codes(self, **where: Any) -> list[str]:
        """Exception codes, sorted."""
        return sorted(row["exception_code"] for row in self.rows("fct_exceptions", **where))

    def found(self, code: str, **where: Any) -> dict[str, Any]:
        """The one exception of a code."""
        (row,) = self.rows("fct_exceptions", exception_code=code, **where)
        return row

    def reason(self, line_id: str, leg: str = "vendor") -> tuple[str, str | None]:
        """Disposition and reason of a line."""
        (row,) = self.rows("fct_line_dispositions", leg=leg, line_id=line_id)
        return row["disposition"], row["reason"]


def agree(world: Handmade, transformer: Builder, period: str = P) -> Outcome:
    """Run the month through the pipeline; fails where it differs from the second engine."""
    result = alone(world, transformer, period)
    differences = compare(world.root, "msp", period, result.folder, result.document)
    assert not differences, "\n".join(differences)
    return result


def alone(world: Handmade, transformer: Builder, period: str = P) -> Outcome:
    """Run the month through the pipeline, for figures that the test itself states."""
    return Outcome(*run_month(world.finish(), "msp", period, transformer))


def shelf(world: Handmade, *codes: str, source: str = "dist") -> None:
    """Sell SKU S-x of the source as product x, for every x."""
    world.rule("sku_map", *(mapped(f"S-{code}", code, source) for code in codes))


def bought(line_id: str, code: str, quantity: str, unit_cost: str, amount: str, **other: str) -> Row:
    """A vendor line of product ``code``."""
    return charge(line_id, quantity, unit_cost, amount, sku_id=f"S-{code}", **other)


def sold(line_id: str, code: str, quantity: str, unit_price: str, amount: str, **other: str) -> Row:
    """An invoice line of product ``code``."""
    return invoiced(line_id, quantity, unit_price, amount, product_code=code, **other)


def deal(line_id: str, code: str, quantity: str, unit_price: str, **other: str) -> Row:
    """An agreement line of product ``code``."""
    return agreed(line_id, quantity, unit_price, product_code=code, **other)

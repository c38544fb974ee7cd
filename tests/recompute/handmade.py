"""Hand-made workspaces of a few rows, for worked examples in tests, and ways to look at a result.

Belongs here: writing a tiny workspace and finding one row of the answer. Large generated worlds are another
package's business. April 2025, of 30 days, is the period in question; distributor ``dist`` bills, ``rmm``
counts seats, ``psa`` holds the client's side.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from mbr_pipeline.recompute.month import RecomputedMonth, recompute_month

Row = dict[str, str]
P = "2025-04"
START, END = "2025-04-01", "2025-05-01"


def charge(line_id: str, quantity: str, unit_cost: str, amount: str, **other: str) -> Row:
    """A recurring vendor line of all April unless told otherwise."""
    row = {"line_id": line_id, "invoice_id": "V-1", "vendor_customer_id": "vc1", "sku_id": "S1"}
    row |= {"charge_category": "recurring", "quantity": quantity, "unit_cost": unit_cost, "amount": amount}
    return row | {"currency": "USD", "charge_period_start": START, "charge_period_end": END} | other


def invoiced(line_id: str, quantity: str, unit_price: str, amount: str, **other: str) -> Row:
    """A recurring client invoice line of all April unless told otherwise."""
    row = {"invoice_line_id": line_id, "invoice_id": "I-1", "client_id": "acme", "product_code": "mail"}
    row |= {"quantity": quantity, "unit_price": unit_price, "amount": amount, "currency": "USD"}
    return row | {"service_period_start": START, "service_period_end": END} | other


def agreed(line_id: str, quantity: str, unit_price: str, **other: str) -> Row:
    """An agreement line in force since January, open-ended, unless told otherwise."""
    row = {"agreement_line_id": line_id, "agreement_id": "A-1", "client_id": "acme", "product_code": "mail"}
    row |= {"quantity": quantity, "unit_price": unit_price, "currency": "USD"}
    return row | {"effective_start": "2025-01-01", "effective_end": ""} | other


def counted(day: str, sku_id: str, entitled: str, assigned: str = "") -> Row:
    """A seat count of the one vendor customer."""
    row = {"vendor_customer_id": "vc1", "sku_id": sku_id, "as_of_date": day}
    return row | {"entitled_quantity": entitled, "assigned_quantity": assigned}


def product(code: str, **other: str) -> Row:
    """A product, vendor-backed unless told otherwise."""
    return {"product_code": code, "product_name": code} | other


def mapped(sku_id: str, product_code: str, source: str = "dist", **other: str) -> Row:
    """A sku_map row."""
    return {"source": source, "sku_id": sku_id, "term": "", "product_code": product_code} | other


def write_csv(path: Path, rows: list[Row], columns: list[str] | None = None) -> None:
    """Write rows under the columns of all of them, or under those given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = columns or list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


class Handmade:
    """A workspace under construction: client acme is customer vc1 everywhere, SKU S1 is product mail."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sources: dict[str, list[str]] = {}
        self.policies: Row = {}
        self.rule("client_map", *(_customer(source) for source in ("dist", "rmm")))
        self.rule("sku_map", mapped("S1", "mail"), mapped("S1", "mail", "rmm"))

    def rule(self, name: str, *rows: Row) -> None:
        """Write a rule file."""
        write_csv(self.root / "rules" / "msp" / f"{name}.csv", list(rows))

    def land(self, dataset: str, *rows: Row, source: str = "", period: str = P) -> Path:
        """Land rows as CSV under the dataset's usual source, which then declares it."""
        system = source or {"vendor_charges": "dist", "vendor_invoices": "dist", "license_counts": "rmm"}.get(
            dataset, "psa"
        )
        self.declare(system, dataset)
        path = self.root / "landing" / "msp" / period / system / f"{dataset}.csv"
        write_csv(path, list(rows))
        return path

    def declare(self, source: str, dataset: str) -> None:
        """Declare a dataset of a source."""
        datasets = self.sources.setdefault(source, [])
        if dataset not in datasets:
            datasets.append(dataset)

    def finish(self) -> Path:
        """Write mbr.yml and give the workspace."""
        lines = ["msps:", "  msp:", "    name: An MSP", "    sources:"]
        lines += [
            f"      {name}: {{datasets: [{', '.join(datasets)}]}}" for name, datasets in self.sources.items()
        ]
        if self.policies:
            lines += ["policies:", *(f'  {name}: "{value}"' for name, value in self.policies.items())]
        (self.root / "mbr.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return self.root


def _customer(source: str) -> Row:
    return {"source": source, "vendor_customer_id": "vc1", "client_id": "acme"}


def run(world: Handmade) -> RecomputedMonth:
    """Work out April of the workspace."""
    return recompute_month(world.finish(), "msp", P)


def key(result: RecomputedMonth, product_code: str = "mail") -> dict[str, Any]:
    """The one row of a product."""
    (row,) = [row for row in result.reconciliation if row["product_code"] == product_code]
    return row


def codes(result: RecomputedMonth) -> list[str]:
    """The exception codes raised, in order of name."""
    return sorted(row["exception_code"] for row in result.exceptions)


def found(result: RecomputedMonth, code: str) -> dict[str, Any]:
    """The one exception of a code."""
    (row,) = [row for row in result.exceptions if row["exception_code"] == code]
    return row


def disposed(result: RecomputedMonth, leg: str) -> dict[str, tuple[str, str | None]]:
    """Disposition and reason of each line of a leg."""
    return {
        row["line_id"]: (row["disposition"], row["reason"])
        for row in result.line_dispositions
        if row["leg"] == leg
    }


def clean(result: RecomputedMonth) -> bool:
    """No control failed and nothing is left unexplained."""
    return not result.reasons and all(row["residual"] == 0 for row in result.variance_bridge)

"""A workspace whose October 2026 left things unmapped: landed files and the tables of its run, written by
hand.

Belongs here: writing it. Does not: what is expected of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.small import write

SETTINGS = """\
msps:
  acme:
    name: Acme IT
    sources:
      pax8: {datasets: [vendor_charges, license_counts]}
      huntress: {datasets: [vendor_charges]}
      psa: {datasets: [clients, products, agreements, invoice_lines]}
"""
CHARGES = (
    "line_id,invoice_id,vendor_customer_id,vendor_customer_name,sku_id,sku_name,charge_category,term,quantity,unit_cost,amount,currency,"
    "charge_period_start,charge_period_end\n"
)
CLIENT_MAP = "source,vendor_customer_id,client_id,valid_from,valid_to\n"
SKU_MAP = "source,sku_id,term,product_code,units_per,valid_from,valid_to\n"
CLIENTS = {"C1": "Alder Architects", "C2": "Bluewater Dental", "C3": "Contoso Foods"}
PRODUCTS = {"BP": "Microsoft 365 Business Premium", "EDR": "Managed EDR", "LABOUR": "Managed SIEM labour"}

_EXCEPTIONS = pa.schema(
    [
        ("exception_code", pa.string()),
        ("source", pa.string()),
        ("vendor_customer_id", pa.string()),
        ("sku_id", pa.string()),
        ("currency", pa.string()),
        ("priced_at_cost", pa.decimal128(28, 4)),
        ("evidence", pa.list_(pa.string())),
        ("product_code", pa.string()),
    ]
)
_KEYS = pa.schema(
    [("product_code", pa.string()), ("currency", pa.string()), ("invoiced_amount", pa.decimal128(28, 4))]
)


def charge(
    line: int,
    customer: str,
    name: str,
    sku: str = "K1",
    sku_name: str = "",
    term: str = "",
    start: str = "2026-10-01",
) -> str:
    """Return one line of a vendor bill of 10.00 USD."""
    amounts = f"1,10.00,10.00,USD,{start},2026-11-01"
    return f"{line},V-1,{customer},{name},{sku},{sku_name},recurring,{term},{amounts}\n"


def land(root: Path, source: str, dataset: str, text: str, period: str = "2026-10") -> None:
    """Land one CSV file."""
    write(root / f"landing/acme/{period}/{source}/{dataset}.csv", text)


def unmapped(
    thing: str,
    source: str,
    identifier: str,
    lines: Iterable[str] = (),
    cost: str | None = "10.00",
    currency: str | None = "USD",
) -> dict[str, Any]:
    """Return one exception; ``thing`` is customer or sku, ``lines`` are file:line below the source's folder
    of October.
    """
    return {
        "exception_code": f"UNMAPPED_{thing.upper()}",
        "source": source,
        "currency": currency,
        "vendor_customer_id": identifier if thing == "customer" else None,
        "sku_id": identifier if thing == "sku" else None,
        "priced_at_cost": Decimal(cost or 0),
        "evidence": [f"2026-10/{source}/{line}" for line in lines],
    }


def lone(product: str) -> dict[str, Any]:
    """Return the exception of a product that no SKU is mapped to."""
    return {**unmapped("product", "", "", cost=None, currency=None), "source": None, "product_code": product}


def ran(
    root: Path,
    exceptions: Iterable[Mapping[str, Any]],
    clients: Mapping[str, str] | None = None,
    products: Mapping[str, str] | None = None,
    folder: str = "published/acme/2026-10",
    keys: Iterable[tuple[str, str, str]] = (),
    more: str = "",
) -> tuple[Workspace, MonthPaths]:
    """Write settings and the tables of a run, and return the month for asking; ``keys``: product, currency
    and what was invoiced.
    """
    write(root / "mbr.yml", SETTINGS + more)
    target = root / folder
    target.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.Table.from_pylist([dict(e) for e in exceptions], schema=_EXCEPTIONS),
        target / "fct_exceptions.parquet",
    )
    invoiced = [dict(zip(_KEYS.names, (*key[:2], Decimal(key[2])), strict=True)) for key in keys]
    pq.write_table(pa.Table.from_pylist(invoiced, schema=_KEYS), target / "fct_reconciliation.parquet")
    named = [
        {"client_id": client_id, "client_name": name, "status": "active", "mapping_state": "mapped"}
        for client_id, name in (CLIENTS if clients is None else clients).items()
    ]
    # a client that only the map names
    named.append({"client_id": "C404", "client_name": None, "status": None, "mapping_state": "not_landed"})
    pq.write_table(pa.Table.from_pylist(named), target / "dim_client.parquet")
    sold = [
        {
            "product_code": code,
            "product_name": name,
            "vendor_backed": code != "LABOUR",
            "mapping_state": "mapped",
        }
        for code, name in (PRODUCTS if products is None else products).items()
    ]
    pq.write_table(pa.Table.from_pylist(sold), target / "dim_product.parquet")
    workspace = Workspace.open(WorkspacePaths(root))
    return workspace, workspace.month("acme", "2026-10")

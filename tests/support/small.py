"""A workspace small enough to work out by hand: one client, one product, one vendor, October 2026, everything
right.

Belongs here: writing it. Ten seats of SEAT cost 5.00 and sell at 8.00: vendor bill 50.00, client invoice
80.00, nothing to find. Does not: what goes wrong in it; each test changes the one file it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

PERIOD = "2026-10"

LANDED = {
    "vendor/vendor_invoices.csv": (
        "invoice_id,invoice_date,currency,invoice_total\nV-1,2026-10-31,USD,50.00\n"
    ),
    "vendor/vendor_charges.csv": (
        "line_id,invoice_id,vendor_customer_id,sku_id,charge_category,quantity,unit_cost,amount,currency,"
        "charge_period_start,charge_period_end\n"
        "1,V-1,T-1,SKU-1,recurring,10,5.00,50.00,USD,2026-10-01,2026-11-01\n"
    ),
    "vendor/license_counts.csv": (
        "vendor_customer_id,sku_id,as_of_date,entitled_quantity,assigned_quantity\nT-1,SKU-1,2026-10-01,10,10\n"
    ),
    "psa/clients.csv": "client_id,client_name\nC-1,Alder & Sons\n",
    "psa/products.csv": "product_code,product_name,default_unit_price,currency\nSEAT,A seat,8.00,USD\n",
    "psa/agreements.csv": (
        "agreement_line_id,agreement_id,client_id,product_code,quantity,unit_price,currency,effective_start,effective_end\n"
        "A-1,A,C-1,SEAT,10,8.00,USD,2026-01-01,\n"
    ),
    "psa/invoice_lines.csv": (
        "invoice_line_id,invoice_id,client_id,product_code,quantity,unit_price,amount,currency,service_period_start,"
        "service_period_end,agreement_line_id\n"
        "L-1,I-1,C-1,SEAT,10,8.00,80.00,USD,2026-10-01,2026-11-01,A-1\n"
    ),
}
"""The landed files of the period by source and name."""

RULES = {
    "client_map.csv": "source,vendor_customer_id,client_id\nvendor,T-1,C-1\n",
    "sku_map.csv": "source,sku_id,product_code\nvendor,SKU-1,SEAT\n",
}
"""The rule files."""

_MSP = """\
  {msp_id}:
    name: {msp_id}
    sources:
      vendor: {{datasets: [vendor_invoices, vendor_charges, license_counts]}}
      psa: {{datasets: [clients, products, agreements, invoice_lines]}}
"""


def settings(msp_ids: Iterable[str], more: str = "") -> str:
    """Return mbr.yml for MSPs that all have the two sources; ``more`` is appended."""
    return "msps:\n" + "".join(_MSP.format(msp_id=msp_id) for msp_id in msp_ids) + more


def write_msp(
    root: Path,
    msp_id: str,
    landed: Mapping[str, str | None] | None = None,
    rules: Mapping[str, str | None] | None = None,
) -> None:
    """Write one MSP's landing zone and rules, with these files instead of the right ones; None leaves a file
    out.
    """
    files = {f"landing/{msp_id}/{PERIOD}/{name}": text for name, text in {**LANDED, **(landed or {})}.items()}
    files |= {f"rules/{msp_id}/{name}": text for name, text in {**RULES, **(rules or {})}.items()}
    for name, text in files.items():
        if text is not None:
            write(root / name, text)


def write(path: Path, text: str) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def changed(name: str, old: str, new: str) -> dict[str, str | None]:
    """Return one landed file with one text in it replaced; it must be there exactly once."""
    assert LANDED[name].count(old) == 1, f"{old!r} is not once in {name}"
    return {name: LANDED[name].replace(old, new)}

"""Decides which demo table lands in which file and format, and holds back the page that October lacks.

What belongs here: file names under ``landing/`` and ``rules/`` and the demo's ``mbr.yml``. What does not:
rows and formats.
"""

from __future__ import annotations

from mbr_pipeline.scaffold.demo.encode import Table, encode, table_of, to_csv
from mbr_pipeline.scaffold.demo.focus_export import focus_table
from mbr_pipeline.scaffold.demo.model import AgreementLine, Blocked, Client, InvoiceLine, LicenseCount, Month, Months, Plant, Provider, VendorCharge, VendorInvoice
from mbr_pipeline.scaffold.demo.rule_files import rule_tables

PAGE_ROWS = 4
"""Lines per page of a bill that comes in pages."""

LATE = "late_arrivals"
"""The folder beside ``landing/`` for the page held back, so that whoever tries the demo can land it and run
again.
"""

PSA = {"northwind": "connectwise", "harbour": "halopsa"}
"""Each provider's PSA, the source of its clients, products, agreements and invoices."""

_SUFFIXES = {
    ("northwind", "pax8"): "csv",
    ("northwind", "huntress"): "jsonl",
    ("northwind", "acronis"): "xlsx",
    ("northwind", "azure"): "focus.csv.gz",
    ("northwind", "connectwise"): "csv",
    ("harbour", "microsoft"): "csv.gz",
    ("harbour", "huntress"): "jsonl.gz",
    ("harbour", "acronis"): "csv",
    ("harbour", "halopsa"): "csv",
}
_OWN_SUFFIXES = {
    ("northwind", "acronis", "vendor_invoices"): "csv",
    ("northwind", "connectwise", "invoice_lines"): "parquet",
    ("harbour", "microsoft", "vendor_invoices"): "csv",
    ("harbour", "halopsa", "agreements"): "jsonl",
}
_PAGED = ("harbour", "acronis", "vendor_charges")

SETTINGS = """\
# The demo workspace: two providers, five vendors, August to October 2026. Every setting is explained in the file that
# `mbr init` writes without --demo. Harbour's October blocks, because the second page of a vendor bill never came: copy
# late_arrivals/harbour into landing/harbour and run that month again.
msps:
  northwind:
    name: Northwind IT
    sources:
      pax8:        {datasets: [vendor_invoices, vendor_charges, license_counts]}
      huntress:    {datasets: [vendor_invoices, vendor_charges, license_counts]}
      acronis:     {datasets: [vendor_invoices, vendor_charges]}
      azure:       {datasets: [vendor_charges], connector: focus}      # a FOCUS export, read as it is
      connectwise: {datasets: [clients, products, agreements, invoice_lines]}
  harbour:
    name: Harbour Managed Services
    sources:
      microsoft:   {datasets: [vendor_invoices, vendor_charges, license_counts]}
      huntress:    {datasets: [vendor_invoices, vendor_charges, license_counts]}
      acronis:     {datasets: [vendor_invoices, vendor_charges]}
      halopsa:     {datasets: [clients, products, agreements, invoice_lines]}
policies:
  materiality: "0.00"
  rounding_tolerance: 1
  min_coverage_pct: "0"
"""


def provider_files(
    provider: Provider, mistakes: tuple[Plant, ...], months: Months, blocked: Blocked | None
) -> dict[str, bytes]:
    """Return one provider's rule and landed files by path inside the workspace.

    Args:
        provider: the catalogue.
        mistakes: the mistakes, for the clients they bring in.
        months: what landed.
        blocked: the bill whose last page is held back, if any.

    Returns:
        File contents by relative path.
    """
    msp_id = provider.msp_id
    files = {f"rules/{msp_id}/{name}.csv": to_csv(table) for name, table in rule_tables(provider, mistakes).items()}
    for period, month in months.items():
        for (source, dataset), table in _tables(provider, month).items():
            suffix = _OWN_SUFFIXES.get((msp_id, source, dataset), _SUFFIXES[msp_id, source])
            folder = f"landing/{msp_id}/{period}/{source}/{dataset}"
            if (msp_id, source, dataset) == _PAGED:
                pages = {f"{folder}.page{n}.{suffix}": encode(suffix, page) for n, page in enumerate(_pages(table), 1)}
                if blocked and (blocked.period, blocked.source) == (period, source):
                    last, page = pages.popitem()
                    pages[last.replace("landing", LATE, 1)] = page
                files |= pages
            else:
                files[f"{folder}.{suffix}"] = encode(suffix, table)
    return files


def _pages(table: Table) -> list[Table]:
    starts = range(0, len(table.rows), PAGE_ROWS)
    return [Table(table.columns, table.rows[start : start + PAGE_ROWS]) for start in starts]


def _tables(provider: Provider, month: Month) -> dict[tuple[str, str], Table]:
    psa = PSA[provider.msp_id]
    tables = {
        (psa, "clients"): _clients(provider, month.period),
        (psa, "products"): _products(provider),
        (psa, "agreements"): table_of(AgreementLine, month.agreements),
        (psa, "invoice_lines"): table_of(InvoiceLine, month.invoice_lines),
    }
    for source, charges in month.charges.items():
        is_focus = source == "azure"
        tables[source, "vendor_charges"] = (
            focus_table(charges, month.period) if is_focus else table_of(VendorCharge, charges)
        )
    for source, invoices in month.invoices.items():
        tables[source, "vendor_invoices"] = table_of(VendorInvoice, invoices)
    for source, counts in month.counts.items():
        tables[source, "license_counts"] = table_of(LicenseCount, counts)
    return tables


def _clients(provider: Provider, period: str) -> Table:
    known: list[Client] = [client for client in provider.clients if client.since <= period]
    return Table(("client_id", "client_name", "status"), tuple((c.client_id, c.name, c.status) for c in known))


def _products(provider: Provider) -> Table:
    columns = ("product_code", "product_name", "vendor_backed", "default_unit_price", "currency")
    rows = (
        (p.code, p.name, "true" if p.vendor_backed else "false", p.price, provider.currency if p.price else None)
        for p in provider.products
    )
    return Table(columns, tuple(rows))

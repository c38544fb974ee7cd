"""The in-memory world: rows per dataset, rules, and the answer key.

Plain containers only. How a clean world is filled is in ``clean_books``, how it is broken in ``inject``, how
it becomes files in ``writer``.

Columns and declared sources are written down again here, though ``connectors.datasets`` and
``mbr_pipeline.workspace.rules`` have them too. That is deliberate: a generator that shares nothing with the
project reveals a mistake in either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

Value = str | Decimal | date | bool | None
Row = dict[str, Value]
"""One row of a file: values by column."""

Size = Literal["minor", "typical", "gross"]

PSA = "connectwise"
VENDOR_INVOICES, VENDOR_CHARGES, LICENSE_COUNTS = "vendor_invoices", "vendor_charges", "license_counts"
CLIENTS, PRODUCTS, AGREEMENTS, INVOICE_LINES = "clients", "products", "agreements", "invoice_lines"

SOURCES: dict[str, tuple[str, ...]] = {
    "pax8": (VENDOR_INVOICES, VENDOR_CHARGES, LICENSE_COUNTS),
    "microsoft": (VENDOR_INVOICES, VENDOR_CHARGES, LICENSE_COUNTS),
    "huntress": (VENDOR_CHARGES, LICENSE_COUNTS),
    PSA: (CLIENTS, PRODUCTS, AGREEMENTS, INVOICE_LINES),
}
"""Declared datasets by source (contract §2). Huntress sends charges without invoices, so it has no
totals to tie out.
"""

COLUMNS: dict[str, tuple[str, ...]] = {
    CLIENTS: ("client_id", "client_name", "status"),
    PRODUCTS: ("product_code", "product_name", "vendor_backed", "default_unit_price", "currency"),
    VENDOR_INVOICES: ("invoice_id", "invoice_date", "currency", "invoice_total"),
    VENDOR_CHARGES: (
        "line_id",
        "invoice_id",
        "vendor_customer_id",
        "vendor_customer_name",
        "sku_id",
        "sku_name",
        "subscription_id",
        "charge_category",
        "charge_type",
        "term",
        "quantity",
        "unit_cost",
        "amount",
        "currency",
        "charge_period_start",
        "charge_period_end",
        "detail",
    ),
    LICENSE_COUNTS: (
        "vendor_customer_id",
        "vendor_customer_name",
        "sku_id",
        "sku_name",
        "as_of_date",
        "entitled_quantity",
        "assigned_quantity",
    ),
    AGREEMENTS: (
        "agreement_line_id",
        "agreement_id",
        "client_id",
        "product_code",
        "quantity",
        "unit_price",
        "currency",
        "effective_start",
        "effective_end",
    ),
    INVOICE_LINES: (
        "invoice_line_id",
        "invoice_id",
        "client_id",
        "product_code",
        "quantity",
        "unit_price",
        "amount",
        "currency",
        "service_period_start",
        "service_period_end",
        "agreement_line_id",
        "charge_category",
        "description",
        "invoice_date",
        "due_date",
    ),
}
"""Columns of the canonical datasets (contract §3)."""

RULE_COLUMNS: dict[str, tuple[str, ...]] = {
    "client_map": ("source", "vendor_customer_id", "client_id", "valid_from", "valid_to", "note"),
    "sku_map": ("source", "sku_id", "term", "product_code", "units_per", "valid_from", "valid_to", "note"),
    "metering": (
        "product_code",
        "basis",
        "minimum_quantity",
        "markup_pct",
        "margin_floor_pct",
        "count_source",
    ),
    "cost_list": ("source", "sku_id", "term", "unit_cost", "currency", "valid_from", "valid_to"),
}
"""Columns of the rule files (contract §2)."""


@dataclass(frozen=True)
class Injection:
    """An exception or control code to bring into the world, and how large."""

    code: str
    size: Size = "typical"


@dataclass(frozen=True)
class Answer:
    """One finding that MBR must report.

    ``None`` means that the contract gives the finding no such value or leaves it open, so nothing
    is claimed about it. ``impact_column`` is the column of ``fct_exceptions`` that holds ``impact``
    (in ``currency``, contract §5).
    """

    msp_id: str
    period: str
    code: str
    client_id: str | None = None
    product_code: str | None = None
    source: str | None = None
    line_id: str | None = None
    currency: str | None = None
    impact_column: str | None = None
    impact: Decimal | None = None
    vendor_customer_id: str | None = None
    sku_id: str | None = None


@dataclass
class Landed:
    """One dataset of one source and period: its rows, and how its files are to be damaged.

    ``omit`` columns are left out, ``repeat`` is written twice in the header, ``raw_files`` are
    written as they are.
    """

    rows: list[Row] = field(default_factory=list)
    omit: set[str] = field(default_factory=set)
    repeat: str | None = None
    raw_files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Book:
    """Everything of one MSP: landed rows by (period, source, dataset) and rules by file."""

    msp_id: str
    name: str
    periods: list[str]
    landing: dict[tuple[str, str, str], Landed] = field(default_factory=dict)
    rules: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in RULE_COLUMNS})

    def landed(self, period: str, source: str, dataset: str) -> Landed:
        """The dataset as landed for the period; made empty at first use."""
        return self.landing.setdefault((period, source, dataset), Landed())

    def rows(self, period: str, source: str, dataset: str) -> list[Row]:
        """The rows of a landed dataset, to read or to append to."""
        return self.landed(period, source, dataset).rows


@dataclass
class Workspace:
    """The whole world in memory, before it is written."""

    seed: int
    periods: list[str]
    books: list[Book]
    policies: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    blocked: dict[tuple[str, str], set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """A written world: where it is, what it covers, and what must be found in it.

    ``blocked`` names the control codes expected by (MSP, period); a pair that is absent passes its gate.
    """

    directory: Path
    seed: int
    msp_ids: list[str]
    periods: list[str]
    answers: list[Answer]
    blocked: dict[tuple[str, str], set[str]]
    workspace: Workspace

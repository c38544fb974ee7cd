"""The canonical datasets: which columns every source delivers, of which kind, and what identifies a record.

This is contract §3 as data, and the only place that lists it. Readers use it to know which columns to look
for, loading uses it to type and reject values. How a kind is parsed is decided in
``mbr_pipeline.ingest.load``, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a column's text must be. Digits are limits of the contract: more is a rejected
    row, never a rounding.
    """

    TEXT = "text"
    DATE = "date"
    CURRENCY = "currency"
    BOOLEAN = "boolean"
    QUANTITY = "quantity"  # 12 integer digits, 6 places
    UNIT_PRICE = "unit_price"  # 15 integer digits, 10 places
    VENDOR_AMOUNT = "vendor_amount"  # 15 integer digits, 12 places
    CLIENT_AMOUNT = "client_amount"  # 15 integer digits, places of the row's currency


@dataclass(frozen=True)
class Column:
    """One canonical column.

    ``default`` is the text that an empty value stands for; ``choices`` closes the set of values.
    """

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()

    @property
    def is_id(self) -> bool:
        """Whether its values are ids of a system: one written as hexadecimal digits in groups of 8-4-4-4-12
        means the same in capitals (contract §3.1).
        """
        return self.name.endswith("_id") or self.name == "product_code"


@dataclass(frozen=True)
class Dataset:
    """One canonical dataset.

    ``identity`` names the columns that identify a record (the source joins them where
    ``identity_per_source``); empty means records have no identity and equal records add up. ``carries_over``
    marks datasets whose records count in later periods too, so that a record landed again later is the same
    record. ``interval`` names a half-open pair of date columns. ``psa`` marks the MSP's own books: a failed
    control there leaves every key unreconciled (contract §5). ``must_have_rows`` marks the datasets for which
    zero rows is SOURCE_EMPTY.
    """

    name: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ()
    identity_per_source: bool = True
    carries_over: bool = False
    interval: tuple[str, str] | None = None
    psa: bool = False
    must_have_rows: bool = False

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Names of the columns a file must have."""
        return tuple(c.name for c in self.columns if c.required)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all canonical columns, in the contract's order."""
        return tuple(c.name for c in self.columns)


def _text(name: str, **kw: object) -> Column:
    return Column(name, Kind.TEXT, **kw)  # type: ignore[arg-type]


CHARGE_CATEGORIES = ("recurring", "usage", "one_time", "credit", "tax", "adjustment")

_ALL = (
    Dataset(
        "clients",
        (
            _text("client_id", required=True),
            _text("client_name", required=True),
            _text("status", default="active", choices=("active", "inactive")),
        ),
        identity=("client_id",),
        identity_per_source=False,
        psa=True,
    ),
    Dataset(
        "products",
        (
            _text("product_code", required=True),
            _text("product_name", required=True),
            Column("vendor_backed", Kind.BOOLEAN, default="true"),
            Column("default_unit_price", Kind.UNIT_PRICE),
            Column("currency", Kind.CURRENCY),
        ),
        identity=("product_code",),
        identity_per_source=False,
        psa=True,
    ),
    Dataset(
        "vendor_invoices",
        (
            _text("invoice_id", required=True),
            Column("invoice_date", Kind.DATE, required=True),
            Column("currency", Kind.CURRENCY, required=True),
            Column("invoice_total", Kind.VENDOR_AMOUNT, required=True),
        ),
        identity=("invoice_id",),
        carries_over=True,
    ),
    Dataset(
        "vendor_charges",
        (
            _text("line_id", required=True),
            _text("invoice_id", required=True),
            _text("vendor_customer_id", required=True),
            _text("vendor_customer_name"),
            _text("sku_id", required=True),
            _text("sku_name"),
            _text("subscription_id"),
            _text("charge_category", required=True, choices=CHARGE_CATEGORIES),
            _text("charge_type"),
            _text("term"),
            Column("quantity", Kind.QUANTITY, required=True),
            Column("unit_cost", Kind.UNIT_PRICE, required=True),
            Column("amount", Kind.VENDOR_AMOUNT, required=True),
            Column("currency", Kind.CURRENCY, required=True),
            Column("charge_period_start", Kind.DATE, required=True),
            Column("charge_period_end", Kind.DATE, required=True),
            _text("detail"),
        ),
        identity=("invoice_id", "line_id"),
        carries_over=True,
        interval=("charge_period_start", "charge_period_end"),
        must_have_rows=True,
    ),
    Dataset(
        "license_counts",
        (
            _text("vendor_customer_id", required=True),
            _text("vendor_customer_name"),
            _text("sku_id", required=True),
            _text("sku_name"),
            Column("as_of_date", Kind.DATE, required=True),
            Column("entitled_quantity", Kind.QUANTITY, required=True),
            Column("assigned_quantity", Kind.QUANTITY),
        ),
        must_have_rows=True,
    ),
    Dataset(
        "agreements",
        (
            _text("agreement_line_id", required=True),
            _text("agreement_id", required=True),
            _text("client_id", required=True),
            _text("product_code", required=True),
            Column("quantity", Kind.QUANTITY, required=True),
            Column("unit_price", Kind.UNIT_PRICE, required=True),
            Column("currency", Kind.CURRENCY, required=True),
            Column("effective_start", Kind.DATE, required=True),
            Column("effective_end", Kind.DATE),
        ),
        identity=("agreement_line_id",),
        interval=("effective_start", "effective_end"),
        psa=True,
        must_have_rows=True,
    ),
    Dataset(
        "invoice_lines",
        (
            _text("invoice_line_id", required=True),
            _text("invoice_id", required=True),
            _text("client_id", required=True),
            _text("product_code", required=True),
            Column("quantity", Kind.QUANTITY, required=True),
            Column("unit_price", Kind.UNIT_PRICE, required=True),
            Column("amount", Kind.CLIENT_AMOUNT, required=True),
            Column("currency", Kind.CURRENCY, required=True),
            Column("service_period_start", Kind.DATE, required=True),
            Column("service_period_end", Kind.DATE, required=True),
            _text("agreement_line_id"),
            _text("charge_category", default="recurring", choices=("recurring", "one_time")),
            _text("description"),
            Column("invoice_date", Kind.DATE),
            Column("due_date", Kind.DATE),
        ),
        identity=("invoice_id", "invoice_line_id"),
        carries_over=True,
        interval=("service_period_start", "service_period_end"),
        psa=True,
        must_have_rows=True,
    ),
)

DATASETS: dict[str, Dataset] = {d.name: d for d in _ALL}
"""The canonical datasets by name."""

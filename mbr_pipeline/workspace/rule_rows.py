"""The rows of an MSP's rule files as pydantic models: the one place that says which columns a
file has (contract §2).

What belongs here: each file's columns, how a cell is read, what an empty one stands
for, and its type in Arrow. What does not: reading files and refusing rules that
contradict each other (``mbr_pipeline.workspace.rules``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import pyarrow as pa
from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from mbr_pipeline.values import id_form, minor_units, parse_date, parse_decimal

BASES = ("vendor_billed", "entitled", "assigned", "agreement", "cost_plus")
"""What a product's expected unit-days are derived from (contract §4)."""

CLIENT_WORDS = {"!internal": "internal", "!ignore": "ignored"}
PRODUCT_WORDS = {"!not_billed": "not_billed"}
"""The words that may stand for a client or a product, each with the reason under which lines that it maps
are excluded (contract §2.2).
"""


def _not_negative(text: str) -> Decimal:
    number = parse_decimal(text, 12, 6)
    if number < 0:
        raise ValueError(f"{number} must not be below zero")
    return number


def _above_zero(text: str) -> Decimal:
    number = parse_decimal(text, 12, 6)
    if number <= 0:
        raise ValueError(f"{text!r} must be above zero")
    return number


def _basis(text: str) -> str:
    if text not in BASES:
        raise ValueError(f"{text!r} is not a basis: use one of {', '.join(BASES)}")
    return text


def _currency(text: str) -> str:
    if text not in minor_units():
        raise ValueError(f"{text!r} is not a currency of ISO 4217: write it like USD")
    return text


def _target(text: str, own: dict[str, str], other: dict[str, str], columns: tuple[str, str]) -> str:
    """An id, or one of the column's own words: nothing else that begins with ``!`` is taken for an id."""
    if text.lstrip().startswith("!") and text not in own:
        column, other_column = columns
        where = f"stands in {other_column}" if text.strip() in other else "is no word that MBR knows"
        raise ValueError(f"{text!r} {where}: use {' or '.join(own)}, or an id for {column}")
    return id_form(text)


def _client(text: str) -> str:
    columns = ("client_id", "product_code of sku_map.csv")
    return _target(text, CLIENT_WORDS, PRODUCT_WORDS, columns)


def _product(text: str) -> str:
    columns = ("product_code", "client_id of client_map.csv")
    return _target(text, PRODUCT_WORDS, CLIENT_WORDS, columns)


_QUANTITY = pa.decimal128(18, 6)

Text = Annotated[str, pa.string()]
Id = Annotated[str, BeforeValidator(id_form), pa.string()]
ClientOrWord = Annotated[str, BeforeValidator(_client), pa.string()]
ProductOrWord = Annotated[str, BeforeValidator(_product), pa.string()]
Day = Annotated[date, BeforeValidator(parse_date), pa.date32()]
Units = Annotated[Decimal, BeforeValidator(_above_zero), _QUANTITY]
Quantity = Annotated[Decimal, BeforeValidator(_not_negative), _QUANTITY]
Percent = Annotated[Decimal, BeforeValidator(lambda text: parse_decimal(text, 6, 6)), _QUANTITY]
UnitCost = Annotated[
    Decimal, BeforeValidator(lambda text: parse_decimal(text, 15, 10)), pa.decimal128(25, 10)
]
Basis = Annotated[str, BeforeValidator(_basis), pa.string()]
Currency = Annotated[str, BeforeValidator(_currency), pa.string()]


class RuleRow(BaseModel):
    """One rule. ``KEY`` names the columns for which only one rule may be in force at a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    KEY: ClassVar[tuple[str, ...]]


class DatedRow(RuleRow):
    """A rule in force from ``valid_from`` until the day before ``valid_to``; either may be open."""

    @model_validator(mode="after")
    def _in_order(self) -> DatedRow:
        first: date | None = getattr(self, "valid_from", None)
        end: date | None = getattr(self, "valid_to", None)
        if first and end and end < first:
            raise ValueError(f"valid_to {end} is before valid_from {first}: swap or correct them")
        return self


class ClientMapRow(DatedRow):
    """A vendor's customer is a client of the PSA, or one of the words for none."""

    KEY = ("source", "vendor_customer_id")
    source: Text
    vendor_customer_id: Id
    client_id: ClientOrWord
    valid_from: Day | None = None
    valid_to: Day | None = None
    note: Text | None = None


class SkuMapRow(DatedRow):
    """A vendor's SKU, in one commitment term or in any, is a product of the PSA, or the word for none."""

    KEY = ("source", "sku_id", "term")
    source: Text
    sku_id: Id
    term: Text | None = None
    product_code: ProductOrWord
    units_per: Units = Decimal(1)
    valid_from: Day | None = None
    valid_to: Day | None = None
    note: Text | None = None


class MeteringRow(RuleRow):
    """How a product's quantity or amount is computed."""

    KEY = ("product_code",)
    product_code: Id
    basis: Basis
    minimum_quantity: Quantity = Decimal(0)
    markup_pct: Percent = Decimal(0)
    margin_floor_pct: Percent | None = None
    count_source: Text | None = None


class CostListRow(DatedRow):
    """The price that a vendor agreed for a SKU, per full month."""

    KEY = ("source", "sku_id", "term", "currency")
    source: Text
    sku_id: Id
    term: Text | None = None
    unit_cost: UnitCost
    currency: Currency
    valid_from: Day | None = None
    valid_to: Day | None = None


class AccountingRow(RuleRow):
    """The accounting system's words for a product, written into its invoice import files (contract §10)."""

    KEY = ("product_code",)
    product_code: Id
    account_code: Text
    tax_type: Text
    item_name: Text | None = None


class ContactRow(RuleRow):
    """The accounting system's name of a client, likewise."""

    KEY = ("client_id",)
    client_id: Id
    contact_name: Text


def arrow_schema(row: type[RuleRow]) -> pa.Schema:
    """Return the Arrow schema of a file's rules, with the line that each was read from."""
    types = [(name, _arrow(name, field)) for name, field in row.model_fields.items()]
    return pa.schema([*types, ("line", pa.int32())])


def _arrow(name: str, field: Any) -> pa.DataType:
    marked = [
        *field.metadata,
        *(m for part in getattr(field.annotation, "__args__", ()) for m in _marks(part)),
    ]
    return next(mark for mark in marked if isinstance(mark, pa.DataType))


def _marks(part: Any) -> tuple[Any, ...]:
    marks: tuple[Any, ...] = getattr(part, "__metadata__", ())
    return marks

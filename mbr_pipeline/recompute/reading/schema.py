"""The canonical datasets: columns, types, identities, and one row's typing (contract §3).

What belongs here: what one cell may hold. What does not: opening files (``files``), and which
rows are kept (``inputs``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mbr_pipeline.recompute.money import MINOR_UNITS
from mbr_pipeline.recompute.reading.words import in_one_case, is_id

_DECIMAL = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CATEGORIES = ("recurring", "usage", "one_time", "credit", "tax", "adjustment")


@dataclass(frozen=True)
class Column:
    """One column: its name, the reader of its text, whether it must be filled, its default."""

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None


def _need(name: str, kind: str = "text", choices: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, True, choices)


# "quantity" 6 places, 12 integer digits; "price" 10 places; "cost" 12; "amount" the currency's;
# money 15 integer digits.
DATASETS: dict[str, tuple[Column, ...]] = {
    "clients": (
        _need("client_id"),
        _need("client_name"),
        Column("status", "choice", choices=("active", "inactive"), default="active"),
    ),
    "products": (
        _need("product_code"),
        _need("product_name"),
        Column("vendor_backed", "bool", default=True),
        Column("default_unit_price", "price"),
        Column("currency", "currency"),
    ),
    "vendor_invoices": (
        _need("invoice_id"),
        _need("invoice_date", "date"),
        _need("currency", "currency"),
        _need("invoice_total", "cost"),
    ),
    "vendor_charges": (
        _need("line_id"),
        _need("invoice_id"),
        _need("vendor_customer_id"),
        Column("vendor_customer_name"),
        _need("sku_id"),
        Column("sku_name"),
        Column("subscription_id"),
        _need("charge_category", "choice", _CATEGORIES),
        Column("charge_type"),
        Column("term"),
        _need("quantity", "quantity"),
        # Literal: "unit prices up to 10" holds for unit_cost too, "vendor amounts up to 12" for amount only.
        _need("unit_cost", "price"),
        _need("amount", "cost"),
        _need("currency", "currency"),
        _need("charge_period_start", "date"),
        _need("charge_period_end", "date"),
        Column("detail"),
    ),
    "license_counts": (
        _need("vendor_customer_id"),
        Column("vendor_customer_name"),
        _need("sku_id"),
        Column("sku_name"),
        _need("as_of_date", "date"),
        _need("entitled_quantity", "quantity"),
        Column("assigned_quantity", "quantity"),
    ),
    "agreements": (
        _need("agreement_line_id"),
        _need("agreement_id"),
        _need("client_id"),
        _need("product_code"),
        _need("quantity", "quantity"),
        _need("unit_price", "price"),
        _need("currency", "currency"),
        _need("effective_start", "date"),
        Column("effective_end", "date"),
    ),
    "invoice_lines": (
        _need("invoice_line_id"),
        _need("invoice_id"),
        _need("client_id"),
        _need("product_code"),
        _need("quantity", "quantity"),
        _need("unit_price", "price"),
        _need("amount", "amount"),
        _need("currency", "currency"),
        _need("service_period_start", "date"),
        _need("service_period_end", "date"),
        Column("agreement_line_id"),
        Column("charge_category", "choice", choices=("recurring", "one_time"), default="recurring"),
        Column("description"),
        Column("invoice_date", "date"),
        Column("due_date", "date"),
    ),
}

# Counts have no identity: equal rows add up. Clients and products are one register per MSP,
# so no source there.
IDENTITY: dict[str, tuple[str, ...]] = {
    "clients": ("client_id",),
    "products": ("product_code",),
    "vendor_invoices": ("source", "invoice_id"),
    "vendor_charges": ("source", "invoice_id", "line_id"),
    "agreements": ("source", "agreement_line_id"),
    "invoice_lines": ("source", "invoice_id", "invoice_line_id"),
}
PSA_DATASETS = ("clients", "products", "agreements", "invoice_lines")
NEVER_EMPTY = ("vendor_charges", "license_counts", "agreements", "invoice_lines")
CARRIED_OVER = ("vendor_charges", "invoice_lines", "vendor_invoices")
_PLACES = {"quantity": (6, 12), "price": (10, 15), "cost": (12, 15), "amount": (12, 15)}
_SPANS = {
    "vendor_charges": ("charge_period_start", "charge_period_end"),
    "agreements": ("effective_start", "effective_end"),
    "invoice_lines": ("service_period_start", "service_period_end"),
}

Fault = tuple[str | None, str]


def read_decimal(text: str, places: int, digits: int) -> Decimal:
    """Read ``-?digits[.digits]``, digits on either side of the point, with at most the given numbers of
    places and integer digits.

    Raises:
        ValueError: The text is no such number.
    """
    if _DECIMAL.fullmatch(text) is None:
        raise ValueError("not a decimal number")
    whole, _, fraction = text.lstrip("-").partition(".")
    if len(fraction.rstrip("0")) > places:
        raise ValueError(f"more than {places} decimal places")
    if len(whole.lstrip("0")) > digits:
        raise ValueError(f"more than {digits} integer digits")
    return Decimal(text)


def read_date(text: str) -> date:
    """Read ``YYYY-MM-DD``.

    Raises:
        ValueError: The text is no such date.
    """
    if _DATE.fullmatch(text) is None:
        raise ValueError("not a date YYYY-MM-DD")
    return date(int(text[:4]), int(text[5:7]), int(text[8:]))


def _read_cell(column: Column, text: str) -> Any:
    if column.kind in _PLACES:
        return read_decimal(text, *_PLACES[column.kind])
    if column.kind == "date":
        return read_date(text)
    if column.kind == "bool":
        if text.lower() not in ("true", "false"):
            raise ValueError("neither true nor false")
        return text.lower() == "true"
    if column.kind == "currency" and text not in MINOR_UNITS:
        raise ValueError("not an ISO 4217 currency")
    if column.kind == "choice" and text not in column.choices:
        raise ValueError("not one of " + ", ".join(column.choices))
    return text


def read_row(dataset: str, cells: dict[str, str | None]) -> tuple[dict[str, Any], list[Fault]]:
    """Type one row of a dataset.

    Args:
        dataset: A name of :data:`DATASETS`.
        cells: Texts by column; whitespace alone is empty, a missing column is empty.

    Returns:
        The typed values and the faults found; with any fault the row is rejected.
    """
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column in DATASETS[dataset]:
        text = cells.get(column.name)
        values[column.name] = column.default
        if text is None or not text.strip():
            if column.required:
                faults.append((column.name, "required value is empty"))
            continue
        try:
            values[column.name] = _read_cell(column, in_one_case(text) if is_id(column.name) else text)
        except ValueError as error:
            faults.append((column.name, str(error)))
    if not faults:
        faults = _row_faults(dataset, values)
    return values, faults


def _row_faults(dataset: str, values: dict[str, Any]) -> list[Fault]:
    faults: list[Fault] = []
    if dataset in _SPANS:
        start, end = (values[name] for name in _SPANS[dataset])
        if end is not None and end < start:
            faults.append((_SPANS[dataset][1], "ends before it starts"))
        if dataset == "invoice_lines" and values["charge_category"] == "recurring" and start == end:
            faults.append((_SPANS[dataset][1], "a recurring line without a day"))
    if dataset == "invoice_lines":
        places = MINOR_UNITS[values["currency"]]
        if (Fraction(values["amount"]) * 10**places).denominator != 1:
            faults.append(("amount", f"more than {places} decimal places"))
    price = next(
        (name for name in ("unit_cost", "unit_price") if name in values and "quantity" in values), None
    )
    if price and abs(Fraction(values["quantity"]) * Fraction(values[price])) >= 10**15:
        faults.append((price, "quantity times price is money of more than 15 integer digits"))
    # A row that is refused as a whole is listed with its first reason.
    return faults[:1]

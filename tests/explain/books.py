"""Records to explain, made by hand: client C-1 is customer T-1 of dist everywhere, SKU S-1 is product SEAT,
all in USD.

Belongs here: making them. February 2024, of 29 days, is the period in question. What must be derived from
them is in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from mbr_pipeline.explain.records import (
    MONEY_COLUMNS,
    AgreementLine,
    ClientRule,
    CostRule,
    Facts,
    Finding,
    InvoiceLine,
    MeteringRule,
    PeriodFacts,
    Product,
    SeatCount,
    SkuRule,
    VendorLine,
)

FEBRUARY = PeriodFacts(
    "acme", "2024-02", date(2024, 2, 1), date(2024, 3, 1), 1, {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
)
SEAT = Product("2024-02/psa/products.csv:2", "SEAT", "A seat", True, None, None)
_FIELDS = {
    "quantity",
    "unit_cost",
    "unit_price",
    "amount",
    "units_per",
    "minimum_quantity",
    "markup_pct",
    "margin_floor_pct",
    "entitled_quantity",
    "assigned_quantity",
    "default_unit_price",
}


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers written as text become Decimals, days written as text become dates."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, str) and name in _FIELDS:
            made[name] = Decimal(value)
        elif isinstance(value, str) and name.endswith(("_start", "_end", "_from", "_to", "_date")):
            made[name] = date.fromisoformat(value)
        else:
            made[name] = value
    return made


def vendor(line_id: str, quantity: str, unit_cost: str, amount: str, **other: Any) -> VendorLine:
    """A recurring vendor line of all February unless told otherwise."""
    line = VendorLine(
        "dist",
        "2024-02",
        f"2024-02/dist/vendor_charges.csv:{line_id}",
        "V-1",
        line_id,
        "T-1",
        None,
        "S-1",
        None,
        None,
        "recurring",
        None,
        None,
        Decimal(quantity),
        Decimal(unit_cost),
        Decimal(amount),
        "USD",
        date(2024, 2, 1),
        date(2024, 3, 1),
    )
    return replace(line, **_typed(other))


def invoice(line_id: str, quantity: str, unit_price: str, amount: str, **other: Any) -> InvoiceLine:
    """A recurring client invoice line of all February unless told otherwise."""
    line = InvoiceLine(
        "psa",
        "2024-02",
        f"2024-02/psa/invoice_lines.csv:{len(line_id)}",
        "I-1",
        line_id,
        "C-1",
        "SEAT",
        None,
        "recurring",
        Decimal(quantity),
        Decimal(unit_price),
        Decimal(amount),
        "USD",
        date(2024, 2, 1),
        date(2024, 3, 1),
    )
    return replace(line, **_typed(other))


def agreement(line_id: str, quantity: str, unit_price: str, **other: Any) -> AgreementLine:
    """An agreement line in force since the year before, open, unless told otherwise."""
    line = AgreementLine(
        "psa",
        f"2024-02/psa/agreements.csv:{len(line_id)}",
        line_id,
        "C-1",
        "SEAT",
        Decimal(quantity),
        Decimal(unit_price),
        "USD",
        date(2023, 1, 1),
        None,
    )
    return replace(line, **_typed(other))


def count(day: str, entitled: str, assigned: str | None = None, **other: Any) -> SeatCount:
    """A count of customer T-1's licences of S-1."""
    record = f"2024-02/dist/license_counts.csv:{int(day[-2:])}"
    known = None if assigned is None else Decimal(assigned)
    line = SeatCount("dist", record, "T-1", "S-1", date.fromisoformat(day), Decimal(entitled), known)
    return replace(line, **_typed(other))


def metering(basis: str, **other: Any) -> MeteringRule:
    """The product's row of metering.csv."""
    return replace(MeteringRule("SEAT", basis, Decimal(0), Decimal(0), None, None, 2), **_typed(other))


def listed(unit_cost: str, **other: Any) -> CostRule:
    """A row of cost_list.csv for S-1, any term, always valid."""
    return replace(CostRule("dist", "S-1", None, Decimal(unit_cost), "USD", None, None, 2), **_typed(other))


def sku(**other: Any) -> SkuRule:
    """A row of sku_map.csv: S-1 is SEAT."""
    return replace(SkuRule("dist", "S-1", None, "SEAT", Decimal(1), None, None, 2), **_typed(other))


def customer(**other: Any) -> ClientRule:
    """A row of client_map.csv: T-1 is C-1."""
    return replace(ClientRule("dist", "T-1", "C-1", None, None, 2), **_typed(other))


def books(*records: Any, **other: Any) -> Facts:
    """Facts with these records; both maps have their row unless rows are given as ``client_rules`` and
    ``sku_rules``.
    """
    kinds = {
        VendorLine: "vendor_lines",
        InvoiceLine: "invoice_lines",
        AgreementLine: "agreement_lines",
        SeatCount: "seat_counts",
        CostRule: "cost_rules",
    }
    made = {name: tuple(r for r in records if isinstance(r, kind)) for kind, name in kinds.items()}
    facts = Facts(FEBRUARY, product=SEAT, client_rules=(customer(),), sku_rules=(sku(),), **made)
    return replace(facts, **other)


def finding(code: str, **other: Any) -> Finding:
    """A finding about the key, without money unless told otherwise."""
    made = Finding(
        "0123456789abcdef01234567",
        "acme",
        "2024-02",
        code,
        "error",
        True,
        "open",
        "C-1",
        "SEAT",
        None,
        None,
        None,
        None,
        None,
        "USD",
        "A sentence.",
        (),
        dict.fromkeys(MONEY_COLUMNS, Decimal(0)),
    )
    return replace(made, **other)

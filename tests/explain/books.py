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

from mbr_pipeline.explain.case import Case
from mbr_pipeline.explain.records import MONEY_COLUMNS, Finding
from mbr_pipeline.recompute.periods import period_of
from mbr_pipeline.recompute.reading.policies import Policies
from mbr_pipeline.recompute.reading.records import (
    Agreement,
    InvoiceLine,
    LicenseCount,
    Origin,
    Product,
    VendorCharge,
)
from mbr_pipeline.recompute.reading.rules import CostRule, CustomerRule, Metering, SkuRule
from mbr_pipeline.recompute.reading.schema import DATASETS

FEBRUARY = period_of("2024-02")
SEAT = Product(Origin("psa", "2024-02", "products.csv", 2), "SEAT", "A seat", True, None, None)
DECLARED = {source: tuple(DATASETS) for source in ("dist", "rmm", "psa", "zeta")}
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


def _changed(record: Any, other: Mapping[str, Any]) -> Any:
    """The record with other values; ``source`` and ``landed_period`` are of its origin."""
    values = _typed(other)
    origin = record.origin
    source = values.pop("source", origin.source)
    landed = values.pop("landed_period", origin.landed)
    return replace(record, origin=replace(origin, source=source, landed=landed), **values)


def _ruled(rule: Any, names: tuple[str, ...], other: Mapping[str, Any]) -> Any:
    """The rule with other values, those of its scope by their names."""
    values = _typed(other)
    scope = dict(zip(names, rule.scope, strict=True))
    scope |= {name: values.pop(name) for name in names if name in values}
    return replace(rule, scope=tuple(scope.values()), **values)


def vendor(line_id: str, quantity: str, unit_cost: str, amount: str, **other: Any) -> VendorCharge:
    """A recurring vendor line of all February unless told otherwise."""
    line = VendorCharge(
        Origin("dist", "2024-02", "vendor_charges.csv", int(line_id)),
        line_id,
        "V-1",
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
    made: VendorCharge = _changed(line, other)
    return made


def invoice(line_id: str, quantity: str, unit_price: str, amount: str, **other: Any) -> InvoiceLine:
    """A recurring client invoice line of all February unless told otherwise."""
    line = InvoiceLine(
        Origin("psa", "2024-02", "invoice_lines.csv", len(line_id)),
        line_id,
        "I-1",
        "C-1",
        "SEAT",
        Decimal(quantity),
        Decimal(unit_price),
        Decimal(amount),
        "USD",
        date(2024, 2, 1),
        date(2024, 3, 1),
        None,
        "recurring",
    )
    made: InvoiceLine = _changed(line, other)
    return made


def agreement(line_id: str, quantity: str, unit_price: str, **other: Any) -> Agreement:
    """An agreement line in force since the year before, open, unless told otherwise."""
    line = Agreement(
        Origin("psa", "2024-02", "agreements.csv", len(line_id)),
        line_id,
        "A",
        "C-1",
        "SEAT",
        Decimal(quantity),
        Decimal(unit_price),
        "USD",
        date(2023, 1, 1),
        None,
    )
    made: Agreement = _changed(line, other)
    return made


def count(day: str, entitled: str, assigned: str | None = None, **other: Any) -> LicenseCount:
    """A count of customer T-1's licences of S-1."""
    known = None if assigned is None else Decimal(assigned)
    origin = Origin("dist", "2024-02", "license_counts.csv", int(day[-2:]))
    made: LicenseCount = _changed(
        LicenseCount(origin, "T-1", "S-1", date.fromisoformat(day), Decimal(entitled), known), other
    )
    return made


def metering(basis: str, **other: Any) -> dict[str, Metering]:
    """The product's row of metering.csv."""
    return {"SEAT": replace(Metering(basis, line=2), **_typed(other))}


def listed(unit_cost: str, **other: Any) -> CostRule:
    """A row of cost_list.csv for S-1, any term, always valid."""
    rule = CostRule(2, date.min, date.max, ("dist", "S-1", None, "USD"), Decimal(unit_cost))
    made: CostRule = _ruled(rule, ("source", "sku_id", "term", "currency"), other)
    return made


def sku(**other: Any) -> SkuRule:
    """A row of sku_map.csv: S-1 is SEAT."""
    rule = SkuRule(2, date.min, date.max, ("dist", "S-1", None), "SEAT", Decimal(1))
    made: SkuRule = _ruled(rule, ("source", "sku_id", "term"), other)
    return made


def customer(**other: Any) -> CustomerRule:
    """A row of client_map.csv: T-1 is C-1."""
    rule = CustomerRule(2, date.min, date.max, ("dist", "T-1"), "C-1")
    made: CustomerRule = _ruled(rule, ("source", "vendor_customer_id"), other)
    return made


def books(*records: Any, **other: Any) -> Case:
    """A case with these records; both maps have their row unless rows are given as ``client_rules`` and
    ``sku_rules``.
    """
    kinds = {
        VendorCharge: "vendor_lines",
        InvoiceLine: "invoice_lines",
        Agreement: "agreement_lines",
        LicenseCount: "seat_counts",
        CostRule: "cost_rules",
    }
    made = {name: tuple(r for r in records if isinstance(r, kind)) for kind, name in kinds.items()}
    case = Case(
        "acme",
        FEBRUARY,
        Policies(),
        DECLARED,
        product=SEAT,
        client_rules=(customer(),),
        sku_rules=(sku(),),
        **made,
    )
    return replace(case, **other)


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

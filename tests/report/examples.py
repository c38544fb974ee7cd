"""Worked examples for the close report: tables in the shape of contract §6, built from short rows.

Belongs here: rows, and the gate.json that goes with them. The sums stated in the comments are worked by hand.
Does not: fixtures (``conftest.py``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa

_MONEY = pa.decimal128(38, 2)


_IMPACTS = ("client_recoverable", "client_refund", "vendor_claim", "vendor_liability", "stranded")


_SCHEMAS: dict[str, dict[str, pa.DataType]] = {
    "fct_exceptions": {
        **dict.fromkeys(("exception_id", "msp_id", "period", "exception_code", "severity"), pa.string()),
        "blocking": pa.bool_(),
        **dict.fromkeys(
            ("status", "client_id", "product_code", "source", "vendor_customer_id", "sku_id"), pa.string()
        ),
        **dict.fromkeys(("line_id", "currency"), pa.string()),
        **dict.fromkeys((*_IMPACTS, "priced_at_cost"), _MONEY),
        **dict.fromkeys(("explanation", "evidence"), pa.string()),
    },
    "fct_reconciliation": {
        **dict.fromkeys(
            ("msp_id", "period", "client_id", "product_code", "currency", "basis", "verdict"), pa.string()
        ),
        "invoiced_unit_days": pa.decimal128(38, 6),
        "entitled_quantity": pa.decimal128(38, 6),
        **dict.fromkeys(("expected_amount", "invoiced_amount"), _MONEY),
    },
    "fct_variance_bridge": {
        **dict.fromkeys(("msp_id", "period", "client_id", "currency"), pa.string()),
        **dict.fromkeys(("expected_amount", "invoiced_amount", "classified_variance", "residual"), _MONEY),
    },
    "fct_line_dispositions": {
        **dict.fromkeys(("leg", "source", "invoice_id", "line_id"), pa.string()),
        "amount": pa.decimal128(38, 12),
        **dict.fromkeys(("currency", "disposition", "reason"), pa.string()),
    },
    "fct_client_gate": {
        **dict.fromkeys(("client_id", "verdict"), pa.string()),
        "open_exceptions": pa.int64(),
        "held_amount": _MONEY,
        "currency": pa.string(),
    },
    "fct_invoice_lines_ready": {
        **dict.fromkeys(("client_id", "invoice_line_id", "currency", "change"), pa.string()),
        "amount": _MONEY,
    },
    "fct_control_totals": {
        **dict.fromkeys(("source", "control", "dataset", "scope", "message"), pa.string()),
        **dict.fromkeys(("expected", "actual", "difference"), pa.decimal128(38, 12)),
        "passed": pa.bool_(),
    },
    "dim_client": dict.fromkeys(("client_id", "client_name"), pa.string()),
}


def make_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Build a table of contract §6 from rows; absent cells are null, money is given as text."""
    fields = _SCHEMAS[name]
    columns = {}
    for column, kind in fields.items():
        values = [row.get(column) for row in rows]
        if pa.types.is_decimal(kind):
            values = [None if value is None else Decimal(value) for value in values]
        columns[column] = pa.array(values, kind)
    return pa.table(columns)


def as_rows(columns: str, *rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(columns.split(), row, strict=True)) for row in rows]


def an_exception(place: int, code: str, **cells: Any) -> dict[str, Any]:
    impacts = dict.fromkeys(_IMPACTS, "0.00")
    defaults = {
        "severity": "error",
        "blocking": False,
        "status": "open",
        "currency": "USD",
        "explanation": f"About {code}.",
    }
    return {"exception_id": f"ex{place:04d}", "exception_code": code, **impacts, **defaults, **cells}


TOTALS = "source control scope expected actual difference passed"


_EXCEPTIONS = [
    an_exception(
        1,
        "UNDERBILLED_QUANTITY",
        client_id="ACME",
        product_code="M365",
        client_recoverable="100.00",
        blocking=True,
    ),
    an_exception(
        2,
        "UNDERBILLED_QUANTITY",
        client_id="ACME",
        product_code="EDR",
        client_recoverable="20.50",
        blocking=True,
    ),
    an_exception(
        3,
        "OVERBILLED_QUANTITY",
        client_id="BOLT",
        product_code="M365",
        client_refund="40.00",
        status="decided",
    ),
    an_exception(
        4,
        "INVOICE_PRICE_MISMATCH",
        client_id="ACME",
        product_code="BKP",
        client_recoverable="7.25",
        blocking=True,
    ),
    an_exception(
        5, "INVOICE_PRICE_MISMATCH", client_id="ACME", product_code="BKP", client_refund="3.00", blocking=True
    ),
    an_exception(
        6, "ROUNDING", client_id="CORA", severity="info", status="auto_cleared", client_recoverable="0.01"
    ),
    an_exception(7, "LATE_CHARGE", client_id="BOLT", severity="warning", client_recoverable="15.00"),
    an_exception(
        8, "DUPLICATE_VENDOR_CHARGE", severity="warning", source="pax8", line_id="L-9", vendor_claim="60.00"
    ),
    an_exception(9, "UNUSED_LICENSES", severity="info", source="pax8", sku_id="S1", stranded="12.00"),
    an_exception(
        10,
        "UNMAPPED_CUSTOMER",
        severity="warning",
        source="pax8",
        vendor_customer_id="V-77",
        priced_at_cost="88.00",
    ),
    an_exception(11, "SOLD_BELOW_COST", client_id="ACME", product_code="EDR", blocking=True),
    an_exception(
        12,
        "UNBILLED_PRODUCT",
        client_id="DUNE",
        product_code="M365",
        client_recoverable="9.99",
        currency="EUR",
        blocking=True,
    ),
]
"""USD: recoverable 100 + 20.50 + 7.25 + 0.01 + 15 = 142.76, refund 40 + 3 = 43.00, claim 60.00, liability
0.00, stranded 12.00. EUR: recoverable 9.99. Open of those in USD: recoverable 142.75 (without the cleared
cent), refund 3.00."""


RICH: dict[str, list[dict[str, Any]]] = {
    "fct_exceptions": _EXCEPTIONS,
    # USD invoiced 5,000.00; 100 + 20.50 + 7.25 + 0.01 - 40 - 3 = 84.76 more (no late charge); expected
    # 5,084.76.
    "fct_variance_bridge": as_rows(
        "client_id currency invoiced_amount expected_amount classified_variance residual",
        ("ACME", "USD", "3000.00", "3124.75", "124.75", "0.00"),
        ("BOLT", "USD", "1500.00", "1460.00", "-40.00", "0.00"),
        ("CORA", "USD", "500.00", "500.01", "0.01", "0.00"),
        ("DUNE", "EUR", "0.00", "9.99", "9.99", "0.00"),
    ),
    "fct_reconciliation": as_rows(
        "client_id product_code currency verdict invoiced_unit_days entitled_quantity invoiced_amount",
        ("ACME", "M365", "USD", "exception", "300", None, "3000.00"),
        ("ACME", "FAX", "USD", "unreconcilable", "30", None, "10.00"),
        ("ACME", "GONE", "USD", "unreconcilable", "0", None, "0.00"),
        ("BOLT", "M365", "USD", "exception", "150", None, "1500.00"),
        ("CORA", "M365", "USD", "matched", "60", "2", "500.00"),
        ("DUNE", "M365", "EUR", "exception", "0", None, "0.00"),
    ),
    "fct_line_dispositions": as_rows(
        "leg line_id amount currency disposition", ("vendor", "L-9", "60", "USD", "exception")
    ),
    "fct_client_gate": as_rows(
        "client_id currency verdict open_exceptions held_amount",
        ("ACME", "USD", "HOLD", 5, "3000.00"),
        ("ACME", "EUR", "HOLD", 0, "250.00"),
        ("DUNE", "EUR", "HOLD", 1, "0.00"),
        ("BOLT", "USD", "PASS_WITH_WAIVER", 1, "0.00"),
        ("CORA", "USD", "PASS", 0, "0.00"),
    ),
    "fct_invoice_lines_ready": as_rows(
        "client_id invoice_line_id currency change amount",
        ("BOLT", "1", "USD", "corrected", "1460.00"),
        ("CORA", "2", "USD", "unchanged", "500.00"),
        ("CORA", "3", "USD", "removed", "70.00"),
    ),
    "fct_control_totals": as_rows(
        TOTALS,
        ("pax8", "invoice_total", "INV-1", "60", "60", "0", True),
        ("pax8", "invoice_total", "INV-2", "7.5", "7.5", "0", True),
    ),
    "dim_client": as_rows(
        "client_id client_name", ("ACME", "Acme Ltd"), ("BOLT", "Bolt & Söhne"), ("CORA", "Cora")
    ),
}


GATE: dict[str, Any] = {
    "msp_id": "northwind",
    "msp_name": "Northwind IT",
    "period": "2025-03",
    "gate": "passed",
    "evaluated_at": "2025-04-02T06:00:00Z",
    "reasons": [],
    "controls": [],
    "suites": [
        {"name": name, "passed": True, "expected": 12, "evaluated": 12, "failed": []}
        for name in ("raw", "marts", "invoice_ready")
    ],
    "rejected_count": 0,
    "rejected_rows": [],
    "coverage": [{"currency": "USD", "mapped": "1912.00", "total": "2000.00", "pct": "95.6"}],
    "residual": "0.00",
    "clients": {"pass": 1, "pass_with_waiver": 1, "hold": 2},
    "exceptions": {
        "UNDERBILLED_QUANTITY": 2,
        "OVERBILLED_QUANTITY": 1,
        "INVOICE_PRICE_MISMATCH": 2,
        "ROUNDING": 1,
        "LATE_CHARGE": 1,
        "DUPLICATE_VENDOR_CHARGE": 1,
        "UNUSED_LICENSES": 1,
        "UNMAPPED_CUSTOMER": 1,
        "SOLD_BELOW_COST": 1,
        "UNBILLED_PRODUCT": 1,
    },
    "money": as_rows(
        f"currency {' '.join(_IMPACTS)}",
        ("USD", "142.76", "43.00", "60.00", "0.00", "12.00"),
        ("EUR", "9.99", "0.00", "0.00", "0.00", "0.00"),
    ),
    "inputs": [
        {
            "path": "northwind/2025-03/pax8/vendor_charges.csv",
            "sha256": "ab" * 32,
            "rows": 1200,
            "bytes": 345678,
        },
        {
            "path": "northwind/2025-03/connectwise/invoice_lines.csv",
            "sha256": "cd" * 32,
            "rows": 34,
            "bytes": 5678,
        },
    ],
    "warnings": ["pax8/vendor_charges.csv: extra column promo_code"],
    "input_hash": "9f" * 32,
}


Example = tuple[dict[str, Any], dict[str, pa.Table]]

"""The worked examples of the close report as fixtures: a passed month with held clients, and a blocked one.

Belongs here: fixtures. Does not: the rows they are made of (``examples.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from tests.report.examples import GATE, RICH, TOTALS, Example, an_exception, as_rows, make_table


@pytest.fixture
def table() -> Callable[[str, list[dict[str, Any]]], pa.Table]:
    """The builder of contract §6 tables."""
    return make_table


@pytest.fixture
def exception() -> Callable[..., dict[str, Any]]:
    """The builder of one row of fct_exceptions: number, code, cells that differ from an open USD error."""
    return an_exception


@pytest.fixture
def rich() -> Example:
    """A passed month: ACME (USD, EUR) and DUNE held, BOLT waived, CORA clean."""
    return dict(GATE), {name: make_table(name, rows) for name, rows in RICH.items()}


@pytest.fixture
def blocked() -> Example:
    """A run blocked before anything was reconciled: only control totals, and three rejected rows of 4,321."""
    gate = dict(
        GATE,
        gate="blocked",
        reasons=["CONTROL_TOTAL_MISMATCH", "ROW_REJECTED"],
        controls=[
            {
                "code": "CONTROL_TOTAL_MISMATCH",
                "source": "pax8",
                "dataset": "vendor_charges",
                "scope": "INV-3",
                "message": "The lines of INV-3 add up to less than its total.",
                "expected": "1500.00",
                "actual": "1499.10",
                "difference": "-0.90",
            }
        ],
        suites=[
            {
                "name": "raw",
                "passed": False,
                "expected": 12,
                "evaluated": 12,
                "failed": as_rows(
                    "expectation subject detail", ("rejected_rows_are_zero", "vendor_charges", "4321 rows")
                ),
            }
        ],
        rejected_count=4321,
        rejected_rows=[
            {
                "file": "vendor_charges.csv",
                "line": n,
                "column": "amount",
                "value": "1.2.3",
                "reason": "not a decimal",
            }
            for n in (7, 8, 9)
        ],
        coverage=[],
        residual="0.00",
        clients={"pass": 0, "pass_with_waiver": 0, "hold": 0},
        exceptions={},
        money=[],
    )
    failing = as_rows(TOTALS, ("pax8", "invoice_total", "INV-3", "1500", "1499.1", "-0.9", False))
    return gate, {
        "fct_control_totals": make_table("fct_control_totals", [*RICH["fct_control_totals"], *failing])
    }

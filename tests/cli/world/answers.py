"""Answers of a world and results of its month, written by hand.

Belongs here: what the tests of the command share. Does not: expectations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import write

HEADER = (
    "kind,msp_id,period,code,client_id,product_code,source,vendor_customer_id,sku_id,line_id,currency,"
    "impact_column,impact\n"
)


IMPACTS = (
    "client_recoverable",
    "client_refund",
    "vendor_claim",
    "vendor_liability",
    "stranded",
    "priced_at_cost",
)


NAMES = ("client_id", "product_code", "source", "vendor_customer_id", "sku_id", "line_id", "currency")


# --check, over a workspace whose results are written by hand: two months of one MSP, answers in the second

ANSWERS = (
    HEADER
    + "finding,acme,2026-10,UNDERBILLED_QUANTITY,C-1,SEAT,,,,,USD,client_recoverable,16.00\n"
    + "finding,acme,2026-10,UNMAPPED_SKU,,,vendor,,SKU-9,,EUR,priced_at_cost,7.50\n"
    + "finding,acme,2026-10,SOLD_BELOW_COST,C-2,SEAT,,,,,,,\n"
)


UNDERBILLED = {
    "exception_code": "UNDERBILLED_QUANTITY",
    "client_id": "C-1",
    "product_code": "SEAT",
    "currency": "USD",
    "client_recoverable": "16.0000",
}


UNMAPPED = {
    "exception_code": "UNMAPPED_SKU",
    "source": "vendor",
    "sku_id": "SKU-9",
    "currency": "EUR",
    "priced_at_cost": "7.5000",
}


BELOW_COST = {
    "exception_code": "SOLD_BELOW_COST",
    "client_id": "C-2",
    "product_code": "SEAT",
    "currency": "USD",
}


ALL = (UNDERBILLED, UNMAPPED, BELOW_COST)


def has_run(
    workspace: WorkspacePaths,
    period: str,
    findings: Sequence[Mapping[str, str]] = (),
    reasons: Sequence[str] = (),
    verdicts: Sequence[str] = ("matched", "exception"),
) -> None:
    """Leave behind what a run of a month does: gate.json, and the tables where they belong."""
    report = workspace.root / "reports/acme" / period
    write(
        report / "gate.json",
        json.dumps({"gate": "blocked" if reasons else "passed", "reasons": list(reasons)}),
    )
    folder = report / "blocked" if reasons else workspace.published / "acme" / period
    folder.mkdir(parents=True, exist_ok=True)
    text: dict[str, Any] = {name: [row.get(name) for row in findings] for name in ("exception_code", *NAMES)}
    money = {
        name: pa.array([Decimal(row.get(name, "0.0000")) for row in findings], pa.decimal128(28, 4))
        for name in IMPACTS
    }
    columns = {name: pa.array(values, pa.string()) for name, values in text.items()} | money
    pq.write_table(pa.table(columns), folder / "fct_exceptions.parquet")
    pq.write_table(
        pa.table({"verdict": pa.array(verdicts, pa.string())}), folder / "fct_reconciliation.parquet"
    )

"""Closed worlds to explain.

Belongs here: what the tests of `mbr explain` share. Does not: expectations of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mbr_pipeline.monthly_close import MonthlyClose
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.support.small import PERIOD, changed, settings, write, write_msp
from tests.worlds.compare import Builder, run_month

Row = dict[str, Any]


@dataclass(frozen=True)
class Closed:
    """A month that ran: published if its gate passed, else kept for inspection."""

    workspace: WorkspacePaths
    msp_id: str
    period: str
    folder: Path
    reasons: list[str]

    def rows(self, table: str, **where: Any) -> list[Row]:
        rows: list[Row] = pq.read_table(self.folder / f"{table}.parquet").to_pylist()
        return [row for row in rows if all(row[name] == value for name, value in where.items())]


def close(root: Path, msp_id: str, period: str, transformer: Builder) -> Closed:
    folder, document = run_month(root, msp_id, period, transformer)
    month = MonthlyClose.of(WorkspacePaths(root), msp_id, period)
    if document["gate"] == "passed":
        month.publish()
    return Closed(month.paths.workspace, msp_id, period, folder, document["reasons"])


def small_month(root: Path, transformer: Builder, **landed: str | None) -> Closed:
    write(root / "mbr.yml", settings(["acme"]))
    eleven = changed("vendor/vendor_charges.csv", "recurring,10,5.00,50.00", "recurring,11,5.00,55.00")
    eleven |= changed("vendor/vendor_invoices.csv", "50.00", "55.00") | changed(
        "vendor/license_counts.csv", "10,10", "11,11"
    )
    write_msp(root, "acme", {**eleven, **landed})
    return close(root, "acme", PERIOD, transformer)

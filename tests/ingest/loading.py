"""What the tests of loading share: a month of two sources, and what was loaded of it.

Belongs here: writing and reading back. Does not: expectations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

from mbr_pipeline.ingest import load
from mbr_pipeline.ingest.parse import ParsedFile
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace.settings import MspSettings, SourceSettings
from tests.support.small import LANDED

P = Period("2026-10")


HEADERS = {name.split("/")[1].removesuffix(".csv"): text.splitlines()[0] for name, text in LANDED.items()}


MSP = MspSettings(
    name="Acme",
    sources={
        "vendor": SourceSettings(datasets=["vendor_charges", "license_counts"]),
        "psa": SourceSettings(datasets=["clients", "invoice_lines"]),
    },
)


Land = Callable[..., ParsedFile]


def charge(
    line_id: str,
    amount: str = "50.00",
    start: str = "2026-10-01",
    end: str = "2026-11-01",
    customer: str = "T-1",
) -> str:
    return f"{line_id},V-1,{customer},SKU-1,recurring,10,5.00,{amount},USD,{start},{end}"


def in_raw(warehouse: duckdb.DuckDBPyConnection, dataset: str, *files: ParsedFile) -> list[tuple[Any, ...]]:
    load.load_dataset(warehouse, dataset, list(files), P)
    return warehouse.execute(f"select landed_period, record_id from raw.{dataset} order by 2").fetchall()


def rejected_rows(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return warehouse.execute("select file, line, column_name, value from raw.rejects order by all").fetchall()

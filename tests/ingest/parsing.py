"""What the tests of typing share: a charge written by hand, and what came of it.

Belongs here: writing and reading back. Does not: expectations.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq

from mbr_pipeline.ingest.parse import ParsedFile
from tests.support.small import LANDED

CHARGE = dict(
    zip(*(line.split(",") for line in LANDED["vendor/vendor_charges.csv"].splitlines()), strict=True)
)


LINE = dict(zip(*(line.split(",") for line in LANDED["psa/invoice_lines.csv"].splitlines()), strict=True))


Parse = Callable[..., ParsedFile]


def as_csv(base: dict[str, str], *changes: dict[str, str]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(base), lineterminator="\n")
    writer.writeheader()
    writer.writerows(base | change for change in changes)
    return buffer.getvalue()


def read_rows(file: ParsedFile) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = pq.read_table(file.rows_path).to_pylist()
    return sorted(content, key=lambda row: row["record_line"])


def rejects_in(file: ParsedFile) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in pq.read_table(file.rejects_path).to_pylist()]

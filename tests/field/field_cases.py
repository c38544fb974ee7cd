"""Reading the cases of the field: each a workspace as a person would have it.

Belongs here: what the tests of the cases share. Does not: expectations.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS
from connectors.registry import CONNECTORS
from mbr_pipeline.workspace.settings import load_settings

CASES = Path(__file__).with_name("cases")
Record = dict[str, Any]


def read(case: str, source: str, path: Path | None = None, **words: Any) -> tuple[list[Record], Any]:
    """Return the records of a case's only file of a source, or of another file, and the reader; ``words`` of
    the profile are others than the case declares.
    """
    declared = load_settings(CASES / case).msps["acme"].sources[source]
    path = path or sorted((CASES / case / "landing/acme").glob(f"*/{source}/*"))[-1]
    (dataset,) = declared.datasets
    settings = json.loads(json.dumps(declared.settings))
    if words:
        settings[dataset] |= words
    connector = CONNECTORS[declared.connector]
    file = connector.open(path, DATASETS[dataset], connector.check(settings))
    rows = [row for batch in file.batches() for row in batch.to_pylist()]
    return rows, file


def total(rows: list[Record], column: str = "amount", **where: Any) -> Decimal:
    """The sum of a column over the records with these values."""
    return sum(
        (Decimal(row[column]) for row in rows if all(row[name] == value for name, value in where.items())),
        Decimal(0),
    )

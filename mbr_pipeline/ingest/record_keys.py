"""The keys of a typed file: of each record only what decides whether it can matter to a later month.

What belongs here: which columns those are, and writing them beside the typed records. What does not: asking
them (``mbr_pipeline.ingest.history``). Keys are a few bytes a record, so that a month looks through the keys
of its whole history and opens the records of few files.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from connectors.datasets import Dataset
from mbr_pipeline.storage.warehouse import quoted

KEYS = "keys.parquet"

_SAME_CHARGE = (
    "vendor_customer_id",
    "sku_id",
    "subscription_id",
    "charge_category",
    "charge_type",
    "term",
    "quantity",
    "unit_cost",
    "amount",
    "currency",
    "charge_period_start",
    "charge_period_end",
    "detail",
)
"""What two vendor lines have in common that charge the same thing (contract §5: DUPLICATE_VENDOR_CHARGE)."""


def identity_key(dataset: Dataset) -> str:
    """Return the expression of a record's identity as one number, without its source: equal identities have
    equal keys. Two identities with one key only cost a closer look.
    """
    return f"hash({', '.join(dataset.identity)})"


def write_keys(connection: duckdb.DuckDBPyConnection, dataset: Dataset, rows: Path, keys: Path) -> None:
    """Write the keys of typed records: ``identity``; ``content`` of a charge; ``first_day`` and ``end_day``
    of the dataset's interval, null where it has none.
    """
    content = f"hash({', '.join(_SAME_CHARGE)})" if dataset.name == "vendor_charges" else "null::ubigint"
    start, end = dataset.interval or ("null::date", "null::date")
    connection.execute(
        f"copy (select {identity_key(dataset)} as identity, {content} as content, {start} as first_day,"
        f" {end} as end_day from read_parquet({quoted(str(rows))})) to {quoted(str(keys))}"
        " (format parquet, compression uncompressed)"  # hashes do not pack
    )

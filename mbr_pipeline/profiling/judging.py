"""Records of a preview judged as loading will judge them.

What belongs here: running loading's own typing over records that are not landed. What does not: the rules
(``mbr_pipeline.ingest.typing_sql``).
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb
import pyarrow as pa

from connectors.datasets import Dataset
from connectors.files.records import Fault
from mbr_pipeline.ingest.typing_sql import typing_query
from mbr_pipeline.values import minor_units


class Judge:
    """Says of batches of records which loading would refuse, as far as their columns are decided."""

    def __init__(self, dataset: Dataset, decided: Collection[str], *, are_rows_open: bool = False) -> None:
        """Begin; columns that are not ``decided`` are not missed, nor are cells of rows that may be no
        records.
        """
        self._dataset, self._are_rows_open = dataset, are_rows_open
        self._decided = frozenset(decided)
        if "charge_category" in dataset.column_names and "charge_category" not in self._decided:
            self._decided -= {"quantity"}  # that of usage is rounded

    def __enter__(self) -> Judge:
        self._connection = duckdb.connect()
        currencies = pa.table({"currency": list(minor_units()), "minor_units": list(minor_units().values())})
        self._connection.register("currencies", currencies)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def faults(self, batch: pa.RecordBatch) -> list[Fault]:
        """Return every value of a batch that loading would refuse, in the order of the rows."""
        self._connection.register("incoming", pa.Table.from_batches([batch]))
        found = self._connection.execute(
            f"select record_line, unnest(errors) from ({typing_query(self._dataset)})"
            " where errors is not null order by 1"
        ).fetchall()
        self._connection.unregister("incoming")
        return [
            Fault(line, error["column"], error["value"] or "", error["reason"])
            for line, error in found
            if error["column"] in self._decided and not (self._are_rows_open and error["value"] is None)
        ]

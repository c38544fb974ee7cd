"""The records of a landed file on their way into DuckDB, as the text that a reader gives.

What belongs here: handing them over batch by batch, and what a reader reports beside them. What does not:
what the text means (``typing_sql``).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from connectors.datasets import Dataset
from connectors.files.records import RecordFile, UnreadableFile

_MOST_HOLLOW = 200_000
"""How many rows may come, batch by batch, in which at most one required column has anything."""

_FAULT_SCHEMA = pa.schema(
    [("line", pa.int64()), ("column_name", pa.string()), ("value", pa.string()), ("reason", pa.string())]
)


class Incoming:
    """Hands a reader's batches to DuckDB and keeps what else it reports: faults as compact Arrow,
    and why it stopped.

    An exception that crosses DuckDB loses its type, so it is kept here and raised again afterwards.
    """

    def __init__(self, records: RecordFile, dataset: Dataset, name: str) -> None:
        """Begin; ``name`` is what the file is called in messages."""
        self._records, self._dataset, self._name, self._hollow = records, dataset, name, 0
        self._faults: list[pa.Table] = []
        self.unreadable: UnreadableFile | None = None

    def reader(self) -> pa.RecordBatchReader:
        """The records as text: the dataset's columns, ``_line`` and ``_extra``. They are read once."""
        texts = [(name, pa.string()) for name in self._dataset.column_names]
        schema = pa.schema([("_line", pa.int64()), *texts, ("_extra", pa.string())])
        return pa.RecordBatchReader.from_batches(schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._records.batches():
                self._keep_faults()
                self._refuse_hollow(batch)
                yield batch
        except UnreadableFile as error:
            self.unreadable = error
        self._keep_faults()

    def _refuse_hollow(self, batch: pa.RecordBatch) -> None:
        """Stop at a file of nothing but fragments, such as one whose first quote never closes: to list them
        one by one would take for ever and tell nothing.
        """
        filled = [c for c in self._dataset.required_columns if batch[c].null_count < batch.num_rows]
        self._hollow += batch.num_rows if len(filled) < min(2, len(self._dataset.required_columns)) else 0
        if self._hollow > _MOST_HOLLOW:
            raise UnreadableFile(
                self._name,
                f"more than {_MOST_HOLLOW} rows have next to nothing in them: a quote that never closes, or"
                " another separator; export it again",
            )

    @property
    def faults(self) -> pa.Table:
        """What could not be read, so far: line, column_name, value, reason."""
        return pa.concat_tables([_FAULT_SCHEMA.empty_table(), *self._faults])

    def _keep_faults(self) -> None:
        faults = self._records.faults
        if faults:
            rows = [
                {"line": f.line, "column_name": f.column, "value": f.value, "reason": f.reason}
                for f in faults
            ]
            self._faults.append(pa.Table.from_pylist(rows, schema=_FAULT_SCHEMA))
            faults.clear()

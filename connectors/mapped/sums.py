"""Bills whose total no column names: the sum of their lines.

What belongs here: adding up the records of one bill. What does not: reading them (``reader``).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal

import pyarrow as pa

from connectors.datasets import Dataset
from connectors.files.layout import schema
from connectors.files.records import EXTRA, LINE, Fault, RecordFile
from connectors.mapping import plain
from connectors.safe_text import clip

_WIDE = Context(prec=400)
_SUM, _KEY = "invoice_total", "invoice_id"


def summed(file: RecordFile, batches: Iterator[pa.RecordBatch], dataset: Dataset) -> Iterator[pa.RecordBatch]:
    """Yield one record for each bill, on the line of its first row.

    Rows of one bill that differ in another column than the sum are faults of the file, and so is the bill.
    """
    bills: dict[str | None, dict[str, object]] = {}
    sums: dict[str | None, Decimal] = {}
    wrong: set[str | None] = set()
    for batch in batches:
        for row in batch.to_pylist():
            key = row[_KEY]
            first = bills.setdefault(key, row)
            sums[key] = _WIDE.add(sums.get(key, Decimal(0)), Decimal(row[_SUM]))
            for name in dataset.column_names:
                if name != _SUM and row[name] != first[name]:
                    wrong.add(key)
                    reason = f"is {first[name]!r} in line {first[LINE]} of the same bill; correct the file"
                    file.faults.append(Fault(row[LINE], name, clip(row[name] or ""), reason))
    records = [{**row, _SUM: plain(sums[key])} for key, row in bills.items() if key not in wrong]
    names = (LINE, *dataset.column_names, EXTRA)
    columns = [[record[name] for record in records] for name in names]
    layout = schema(dataset.column_names)
    arrays = [pa.array(column, layout.field(name).type) for name, column in zip(names, columns, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, schema=layout)

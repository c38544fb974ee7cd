"""A vendor's own records as canonical ones, by a mapping that each source declares.

What belongs here: reading files of native records (what ``mbr fetch`` lands, and what people download from
portals), and what a mapping may ask of a record. What does not: any one vendor's mapping (its declaration),
typing and rejecting (``mbr_pipeline.ingest.parse``). The native record is kept whole with each canonical one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from connectors.datasets import Dataset
from connectors.files.layout import schema
from connectors.files.opening import open_records
from connectors.files.records import EXTRA, LINE, Fault, RecordFile
from connectors.mapping import Mapper, MappingError, Native, Reading, Row
from connectors.safe_text import clip


class NativeFile:
    """A file of native records as a ``RecordFile`` of a canonical dataset.

    Its header names all canonical columns, or, for a table (CSV, XLSX, Parquet) that lacks what ``needs``
    lists for a column, all but that; one is there twice if a heading that it may come from is.
    """

    header_is_final = True

    def __init__(
        self,
        path: Path,
        dataset: Dataset,
        mapper: Mapper,
        settings: Mapping[str, str],
        needs: Mapping[str, tuple[str, ...]] | None = None,
        inner: RecordFile | None = None,
        rename: Callable[[str], str] = lambda name: name,
    ) -> None:
        """Open the file; ``inner`` is how its format is read where that is not by suffix, ``rename`` makes
        native names of headings.

        Raises:
            UnreadableFile: Its beginning cannot be read.
        """
        self._inner = inner or open_records(path, ())
        self._dataset, self._mapper, self._settings, self._rename = dataset, mapper, settings, rename
        self._reading = Reading()
        self.faults: list[Fault] = []
        self.warnings: list[str] = []
        found = Counter(rename(name) for name in self._inner.header)
        lacking = {
            column: names
            for column, names in (needs or {}).items()
            if found and not found.keys() & set(names)
        }
        repeated = tuple(
            column for column, names in (needs or {}).items() if any(found[name] > 1 for name in names)
        )
        self.header = tuple(name for name in dataset.column_names if name not in lacking) + repeated
        self.warnings += [
            f"{column} needs the column {' or '.join(names)}" for column, names in lacking.items()
        ]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records; see ``RecordFile``."""
        passed_over = 0
        for batch in self._inner.batches():
            self.faults += self._inner.faults
            self._inner.faults.clear()
            lines: list[int] = []
            rows: list[tuple[str | None, ...]] = []
            for line, packed in zip(
                batch.column(LINE).to_pylist(), batch.column(EXTRA).to_pylist(), strict=True
            ):
                mapped = self._mapped(line, packed)
                passed_over += mapped == []
                for row in mapped or ():
                    lines.append(line)
                    rows.append((*(row.get(name) for name in self._dataset.column_names), packed))
            yield self._batch(lines, rows)
        self.warnings += self._inner.warnings
        self._reading.ordinals.close()
        self.warnings += [f"{count} records {text}" for text, count in self._reading.remarks.items()]
        if passed_over:
            self.warnings.append(f"{passed_over} records are not {self._dataset.name} and were passed over")

    def _mapped(self, line: int, packed: str | None) -> list[Row] | None:
        """Return the canonical rows of a record, an empty list if it has none to give, None if
        it became a fault.
        """
        found: dict[str, str] = json.loads(packed) if packed else {}
        native = Native(
            {self._rename(name): value for name, value in found.items()}, self._settings, self._reading
        )
        try:
            return list(self._mapper(native))
        except MappingError as error:
            self.faults.append(
                Fault(line, error.column, None if error.value is None else clip(error.value), error.reason)
            )
        except ArithmeticError:  # such as the day after 9999-12-31
            self.faults.append(
                Fault(
                    line,
                    None,
                    None,
                    "holds a date or a number out of all bounds; ask the vendor or correct the file",
                )
            )
        return None

    def _batch(self, lines: list[int], rows: list[tuple[str | None, ...]]) -> pa.RecordBatch:
        names = self._dataset.column_names
        columns = [pa.array(list(cells), pa.string()) for cells in zip(*rows, strict=True)] if rows else []
        columns = columns or [pa.nulls(0, pa.string()) for _ in (*names, EXTRA)]
        return pa.RecordBatch.from_arrays([pa.array(lines, pa.int64()), *columns], schema=schema(names))

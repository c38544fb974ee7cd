"""Landed files that are not canonical: their records as the source's connector hands them on (contract §3).

What belongs here: asking a connector's reader for text in canonical columns. What does not: typing the
text, which this engine does by itself (``schema``), and canonical files, which it opens by itself
(``files``). The meaning of a vendor's format (FOCUS, a profile, a system's records) is all that this engine
takes from the connectors.
"""

from __future__ import annotations

from pathlib import Path

from connectors.datasets import DATASETS
from connectors.files.records import LINE, UnreadableFile
from connectors.registry import CONNECTORS
from mbr_pipeline.recompute.reading.files import RawRow, Table
from mbr_pipeline.recompute.reading.rules import SourceReader


def read_by_connector(path: Path, dataset: str, reader: SourceReader) -> Table:
    """Read a landed file; one that its connector cannot read has an empty header and no row."""
    try:
        records = CONNECTORS[reader.connector].open(path, DATASETS[dataset], reader.settings)
        rows: list[RawRow] = []
        for batch in records.batches():
            names = batch.schema.names
            rows += [
                RawRow(cells.pop(LINE), cells)
                for cells in (
                    dict(zip(names, row, strict=True)) for row in zip(*_columns(batch), strict=True)
                )
            ]
        refused = [RawRow(fault.line, {}, fault.reason, fault.column) for fault in records.faults]
    except UnreadableFile:
        return Table([])
    return Table(list(records.header), rows + refused)


def name_says(dataset: str, reader: SourceReader) -> bool:
    """Whether the name of a file is part of what it says."""
    return "file_name" in CONNECTORS[reader.connector].beside(reader.settings, dataset)


def _columns(batch: object) -> list[list[object]]:
    return [column.to_pylist() for column in batch.columns]  # type: ignore[attr-defined]

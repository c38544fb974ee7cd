"""What every file reader hands on: records as text, faults, warnings; and the one way to open a file.

What belongs here: the interface (``RecordFile``, ``Fault``, ``UnreadableFile``) and
``open_records``. What does not: how a format is parsed (one module per format in this folder) and
what a value means (``mbr_pipeline.ingest.load``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from connectors.safe_text import printable

MAX_COLUMNS = 10_000

LINE = "_line"
EXTRA = "_extra"


@dataclass(frozen=True)
class Fault:
    """A record or cell that cannot be handed on, so that it becomes a rejected row.

    Attributes:
        line: Its position, counted from 1: the physical line on which the record begins (CSV, JSON lines),
            the sheet row (XLSX), the record's number (Parquet).
        column: The column's name as found, or None where the whole record is at fault.
        value: The offending text, at most 200 characters, or None where there is none to show.
        reason: What is wrong and what to do about it.
    """

    line: int
    column: str | None
    value: str | None
    reason: str


class UnreadableFile(Exception):
    """A file of which nothing can be trusted; the message is one line that says what to do."""

    def __init__(self, name: str, reason: str) -> None:
        """Joins the file's name and the reason into one line, whatever characters they bring along."""
        super().__init__(" ".join(f"{printable(name)}: {printable(reason)}".split()))


class RecordFile(Protocol):
    """One file as record batches of one fixed schema.

    Every batch has ``_line`` (int64, see ``Fault.line``), then one utf8 column per expected name, in the
    expected order and null where the file lacks it, then ``_extra`` (utf8): a JSON object of the non-null
    values of all other columns in the order found, null when there is none. Empty and whitespace-only
    text is null; other text is kept exactly. Of a repeated column the first is taken. Records with a
    fault are left out.

    Attributes:
        header: Column names as found, stripped, repeated ones repeated. For JSON lines the keys met so far,
            complete once all batches are read. A file without a header has none.
        header_is_final: Whether ``header`` is all there is before the first batch; not so for JSON lines.
        faults: Grows while batches are read. A consumer may take them and clear the list after each batch, so
            that a file of nothing but faults stays bounded too; readers never look back at it.
        warnings: What a person should know although every record is fine; complete once all batches are read.
    """

    header: tuple[str, ...]
    header_is_final: bool
    faults: list[Fault]
    warnings: list[str]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the records from the beginning of the file; call it once.

        Raises:
            UnreadableFile: The rest of the file cannot be read, so the records handed on so far must not be
                used.
        """
        ...

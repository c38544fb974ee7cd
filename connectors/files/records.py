"""What every file reader hands on: records as text, faults, warnings; and the one way to open a file.

What belongs here: the interface (``RecordFile``, ``Fault``, ``UnreadableFile``) and ``open_records``. What does not:
how a format is parsed (one module per format beside this one) and what a value means (``mbr_pipeline.loading``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import pyarrow as pa

MAX_FAULT_VALUE = 200
MAX_COLUMNS = 10_000

LINE = "_line"
EXTRA = "_extra"


@dataclass(frozen=True)
class Fault:
    """A record or cell that cannot be handed on, so that it becomes a rejected row.

    Attributes:
        line: Where it stands, counted from 1: the physical line on which the record begins (CSV, JSON lines), the sheet
            row (XLSX), the record's number (Parquet).
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

    Every batch has ``_line`` (int64, see ``Fault.line``), then one utf8 column per expected name, in the expected order
    and null where the file lacks it, then ``_extra`` (utf8): a JSON object of the non-null values of all other columns
    in the order found, null when there is none. Empty and whitespace-only text is null; other text is kept exactly.
    Of a repeated column the first is taken. Records with a fault are left out.

    Attributes:
        header: Column names as found, stripped, repeated ones repeated. For JSON lines the keys met so far, complete
            once all batches are read. A file without a header has none.
        faults: Grows while batches are read. A consumer may take them and clear the list after each batch, so that a
            file of nothing but faults stays bounded too; readers never look back at it.
        warnings: Whatever a person should know though every record is fine; complete once all batches are read.
    """

    header: tuple[str, ...]
    faults: list[Fault]
    warnings: list[str]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the records from the beginning of the file; call it once.

        Raises:
            UnreadableFile: The rest of the file cannot be read, so the records handed on so far must not be used.
        """
        ...


# Modules are named, not imported: they import this one, and openpyxl need not be loaded to read CSV.
_READERS = {
    ".csv": ("csv_files", "CsvFile"),
    ".jsonl": ("jsonl", "JsonlFile"),
    ".xlsx": ("xlsx", "XlsxFile"),
    ".parquet": ("parquet", "ParquetFile"),
}
SUFFIXES = tuple(_READERS)


def open_records(path: Path, expected: Sequence[str], null_texts: Sequence[str] = ()) -> RecordFile:
    """Opens a file by its suffix: ``.csv``, ``.jsonl``, ``.xlsx`` or ``.parquet``, each also followed by ``.gz``.

    Args:
        path: The file. It is read as a stream; only one batch of about 8 MB is held at a time.
        expected: The columns every batch shall have (see ``RecordFile``).
        null_texts: Texts that mean null besides the empty one, such as the ``NULL`` of FOCUS files.

    Raises:
        UnreadableFile: The suffix is unknown, or the file's beginning cannot be read.
    """
    name = path.name.lower().removesuffix(".gz")
    reader = next((reader for suffix, reader in _READERS.items() if name.endswith(suffix)), None)
    if reader is None:
        raise UnreadableFile(path.name, f"unknown kind of file; use one of {', '.join(SUFFIXES)}, also with .gz")
    module, class_name = reader
    opened = getattr(import_module(f"{__package__}.{module}"), class_name)
    return cast(RecordFile, opened(path, tuple(expected), tuple(null_texts)))


def clip(text: str) -> str:
    """Shortens a value for a fault to 200 characters and makes it safe to store as UTF-8."""
    return printable(text[:MAX_FAULT_VALUE])[:MAX_FAULT_VALUE]


def printable(text: str) -> str:
    r"""Replaces what no UTF-8 text can hold: undecodable bytes show as ``\xNN``, NUL as ``\x00``."""
    return "".join(_visible(c) for c in text) if not text.isascii() or "\0" in text else text


def _visible(character: str) -> str:
    code = ord(character)
    if code == 0:
        return "\\x00"
    if 0xDC80 <= code <= 0xDCFF:  # how "surrogateescape" carries a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code <= 0xDFFF else character


def text_problem(text: str) -> str | None:
    """Says why a text cannot be handed on as UTF-8, or None if it can."""
    if "\0" in text:
        return "contains a NUL character; export the file again as plain UTF-8 text"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "is not valid UTF-8; save the file with encoding UTF-8"
    return None

"""The one way to open a file: by its suffix.

What belongs here: which reader reads which format. What does not: how a format is parsed (one module per
format in this folder).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

from connectors.files.records import RecordFile, UnreadableFile

# Modules are named, not imported: they import this one, and openpyxl need not be loaded to read CSV.
_READERS = {
    ".csv": ("csv_fast", "CsvFile"),
    ".jsonl": ("jsonl", "JsonlFile"),
    ".xlsx": ("xlsx", "XlsxFile"),
    ".parquet": ("parquet", "ParquetFile"),
}


SUFFIXES = tuple(_READERS)


def open_records(path: Path, expected: Sequence[str], null_texts: Sequence[str] = ()) -> RecordFile:
    """Opens a file by its suffix: ``.csv``, ``.jsonl``, ``.xlsx`` or ``.parquet``, each
    also followed by ``.gz``.

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
        raise UnreadableFile(
            path.name, f"unknown kind of file; use one of {', '.join(SUFFIXES)}, also with .gz"
        )
    module, class_name = reader
    opened = getattr(import_module(f"{__package__}.{module}"), class_name)
    return cast(RecordFile, opened(path, tuple(expected), tuple(null_texts)))

"""Opening one canonical file: CSV, JSON lines, XLSX or Parquet, plain or gzipped, as a header and rows of
text (contract §3).

What belongs here: file formats. What does not: what the texts mean (``schema``), and files
of other connectors (``connector_files``).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import load_workbook
from pyarrow import parquet

_NAME = re.compile(r"(?P<dataset>[a-z_]+)(\..+)?\.(?i:csv|jsonl|xlsx|parquet)(?i:\.gz)?")

_MARK = "\ufeff"
_MARKED_LINE = re.compile("^\ufeff+", re.MULTILINE)


@dataclass(slots=True)
class RawRow:
    """One record: its line in the file (a header is line 1; Parquet has none), its texts, and a fault that no
    text of it explains, with the column it is in, if it is in one.
    """

    line: int
    cells: dict[str, str | None]
    fault: str | None = None
    column: str | None = None


@dataclass
class Table:
    """What a file holds: the header, ``None`` if the format has none to show, and the records."""

    header: list[str] | None
    rows: list[RawRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many records there are, refused ones included; several faults of one line are one record."""
        sound = sum(row.fault is None for row in self.rows)
        return sound + len({row.line for row in self.rows if row.fault is not None})


def dataset_of(path: Path) -> str | None:
    """Return the dataset that a file name means, ``<dataset>[.<anything>].<ext>[.gz]``, or ``None``."""
    match = _NAME.fullmatch(path.name)
    return match["dataset"] if match else None


def read_table(path: Path) -> Table:
    """Read a landed file; one that cannot be opened in the format of its name has an empty header and no row.

    Args:
        path: A file whose name :func:`dataset_of` accepts.
    """
    data = path.read_bytes()
    name = path.name.lower()
    readers = {"csv": _read_csv, "jsonl": _read_jsonl, "xlsx": _read_xlsx, "parquet": _read_parquet}
    try:
        if name.endswith(".gz"):
            data, name = gzip.decompress(data), name[: -len(".gz")]
        return _of_texts(readers[name.rpartition(".")[2]](data))
    except (ValueError, OSError, EOFError, KeyError, csv.Error, zipfile.BadZipFile, zlib.error):
        # The page names no code for it; no required column can be found, which is SCHEMA_DRIFT.
        return Table([])


def _of_texts(table: Table) -> Table:
    """The table, with a fault in place of each record that has a cell which is no text: bytes that are not
    UTF-8 concern their record, not the file.
    """
    rows = []
    for row in table.rows:
        wrong = [name for name, cell in row.cells.items() if row.fault is None and not _is_text(cell)]
        rows += [RawRow(row.line, {}, "is no text in UTF-8", name) for name in wrong] or [row]
    return Table(table.header, rows) if all(map(_is_text, table.header or [])) else Table([])


def _is_text(cell: str | None) -> bool:
    if cell is None or (cell.isascii() and "\0" not in cell):
        return True
    return "\0" not in cell and not any("\ud800" <= character <= "\udfff" for character in cell)


def _decoded(data: bytes) -> str:
    """The text, without byte order marks: files that were joined or saved twice have them at the beginning of
    lines too.
    """
    return _MARKED_LINE.sub("", data.decode("utf-8", "surrogateescape"))


def _read_csv(data: bytes) -> Table:
    reader = csv.reader(io.StringIO(_decoded(data), newline=""))
    # An empty file has an empty header: every required column is missing.
    header = [name.lstrip(_MARK) for name in next(reader, [])]
    table = Table(header)
    before = reader.line_num
    for cells in reader:
        if cells:
            table.rows.append(_row(before + 1, header, cells))
        before = reader.line_num
    return table


def _row(line: int, header: list[str], cells: list[str | None] | list[str]) -> RawRow:
    fault = "more cells than the header" if len(cells) > len(header) else None
    unmarked = [cell.lstrip(_MARK) if cell else cell for cell in cells]
    return RawRow(line, dict(zip(header, unmarked, strict=False)), fault)


def _read_jsonl(data: bytes) -> Table:
    names: dict[str, None] = {}
    repeated: list[str] = []
    rows: list[RawRow] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for name, _ in items:
            if name in seen:
                repeated.append(name)
            seen.add(name)
        return dict(items)

    for number, line in enumerate(_decoded(data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            # Numbers are read exactly: 0.10 keeps its places, and 1e5 is JSON's way to write 100000.
            record = json.loads(line, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=pairs)
        except ValueError:
            rows.append(RawRow(number, {}, "not JSON"))
            continue
        if not isinstance(record, dict):
            rows.append(RawRow(number, {}, "not a JSON object"))
            continue
        names.update(dict.fromkeys(record))
        rows.append(RawRow(number, {name: _text(value) for name, value in record.items()}))
    # JSON lines have no header: the columns are those that any record names; no record,
    # nothing to be missing.
    return Table([*names, *repeated] if names else None, rows)


def _read_xlsx(data: bytes) -> Table:
    sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
    return _grid(sheet.iter_rows(values_only=True))


def _grid(lines: Iterable[tuple[Any, ...]]) -> Table:
    table = Table([])
    for number, values in enumerate(lines, start=1):
        cells = [_controls(_text(value)) for value in values]
        while cells and cells[-1] is None:
            cells.pop()
        if number == 1:
            table.header = [cell or "" for cell in cells]
        elif cells:
            table.rows.append(_row(number, table.header or [], cells))
    return table


def _controls(text: str | None) -> str | None:
    """Return a workbook's text with the control characters that it has as ``_x000D_``."""
    for code in range(32) if text and "_x00" in text else ():
        text = re.sub(f"_x{code:04X}_", chr(code), text or "", flags=re.IGNORECASE)
    return text


def _read_parquet(data: bytes) -> Table:
    content = parquet.read_table(io.BytesIO(data))
    table = Table(list(content.column_names))
    columns = [_values(content.column(index)) for index in range(content.num_columns)]
    for number, values in enumerate(zip(*columns, strict=True), start=1):
        table.rows.append(RawRow(number, dict(zip(content.column_names, map(_text, values), strict=True))))
    return table


def _values(column: pa.ChunkedArray) -> list[Any]:
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        found = column.cast(pa.binary()).to_pylist()
        return [value and value.decode("utf-8", "surrogateescape") for value in found]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value.lstrip(_MARK)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime) and (value.hour, value.minute, value.second, value.microsecond) == (
        0,
        0,
        0,
        0,
    ):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        # Spreadsheets keep numbers in binary: the shortest text that reads back is what the sender typed.
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)

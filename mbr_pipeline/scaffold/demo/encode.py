"""Writes tables as CSV, JSON lines, XLSX and Parquet bytes that are the same every time.

What belongs here: formats, with every clock and file date fixed. What does not: which table goes into which
file (``layout``) and what it holds.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Value = str | Decimal | date | None
_ZIP_TIME = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Table:
    """Named columns and rows of typed values; None is null."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def table_of(kind: type[Any], records: Sequence[Any]) -> Table:
    """Return records of one dataclass as a table of its fields."""
    columns = tuple(f.name for f in fields(kind))
    return Table(columns, tuple(tuple(getattr(record, name) for name in columns) for record in records))


def text_of(value: Value) -> str:
    """Return a value as the contract writes it (§3): plain decimals, ISO dates, nothing for null."""
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def to_csv(table: Table) -> bytes:
    """Return comma CSV with a header row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([text_of(value) for value in row] for row in table.rows)
    return out.getvalue().encode()


def to_jsonl(table: Table) -> bytes:
    """Return one JSON object per line; decimals are number literals of all their digits, nulls are left out.
    """
    lines = []
    for row in table.rows:
        members = [
            f"{json.dumps(name)}: {text_of(value) if isinstance(value, Decimal) else json.dumps(text_of(value))}"
            for name, value in zip(table.columns, row, strict=True)
            if value is not None and value != ""
        ]
        lines.append("{" + ", ".join(members) + "}\n")
    return "".join(lines).encode()


def to_xlsx(table: Table) -> bytes:
    """Return a workbook with one sheet: numbers as numbers, everything else as text."""
    from openpyxl import Workbook  # a second of import that an empty workspace does not need

    book = Workbook()
    book.properties.creator = "Acronis partner portal"
    book.properties.created = datetime(*_ZIP_TIME)
    sheet = book.create_sheet("Report", 0)
    book.remove(book.worksheets[1])
    sheet.append(list(table.columns))
    for row in table.rows:
        sheet.append([value if isinstance(value, Decimal) else text_of(value) or None for value in row])
    saved = io.BytesIO()
    book.save(saved)
    return _without_clock(saved.getvalue())


def _without_clock(archive: bytes) -> bytes:
    """Repack a workbook with fixed times: openpyxl stamps the hour into the archive and its properties."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(name, _ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def to_parquet(table: Table) -> bytes:
    """Return Parquet with text, exact decimals of ten places and dates."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {}
    for position, name in enumerate(table.columns):
        values = [row[position] for row in table.rows]
        kind = next((type(value) for value in values if value is not None), str)
        arrow_type = {Decimal: pa.decimal128(28, 10), date: pa.date32()}.get(kind, pa.string())
        arrays[name] = pa.array([None if value == "" else value for value in values], arrow_type)
    out = io.BytesIO()
    pq.write_table(pa.table(arrays), out)
    return out.getvalue()


def encode(name: str, table: Table) -> bytes:
    """Return a table in the format its file name ends in: csv, jsonl, xlsx or parquet, each also with
    ``.gz``.
    """
    if name.endswith(".gz"):
        return gzip.compress(encode(name.removesuffix(".gz"), table), mtime=0)
    writers = {"csv": to_csv, "jsonl": to_jsonl, "xlsx": to_xlsx, "parquet": to_parquet}
    return writers[name.rpartition(".")[2]](table)

"""Turns rows into the bytes of a CSV, JSON Lines, XLSX or Parquet file, the same bytes for the same rows.

Only encodings are here; which file gets which format is ``writer``'s choice. Numbers are written digit by
digit from ``Decimal``: no value passes through binary floating point.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from mbr_pipeline.scaffold.world.model import Row, Value

_STAMP = (2024, 1, 1, 0, 0, 0)
_EXCEL_DIGITS = 15


def text(value: Value) -> str:
    """A value as a CSV cell: plain digits, ISO dates, true/false, empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def to_csv(columns: list[str], rows: list[Row], bom: bool, line_end: str) -> bytes:
    """Comma CSV in UTF-8, with or without a byte order mark; ``columns`` may name one twice."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator=line_end)
    sheet.writerow(columns)
    sheet.writerows([text(row.get(column)) for column in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def to_jsonl(columns: list[str], rows: list[Row], quoted: bool) -> bytes:
    """One JSON object a line; numbers as JSON numbers or ``quoted`` as strings; nulls as null or
    left out in turn.
    """
    lines = []
    for index, row in enumerate(rows):
        pairs = []
        for column in columns:
            value = row.get(column)
            if value is None and index % 2:
                continue
            pairs.append(f"{json.dumps(column)}: {_json_value(value, quoted)}")
        lines.append("{" + ", ".join(pairs) + "}\n")
    return "".join(lines).encode()


def _json_value(value: Value, quoted: bool) -> str:
    if value is None:
        return "null"
    if not quoted and isinstance(value, bool | Decimal):
        return text(value)
    return json.dumps(text(value), ensure_ascii=False)


def to_xlsx(columns: list[str], rows: list[Row]) -> bytes:
    """One sheet: dates as date cells, numbers as number cells where Excel can hold the digits,
    all else as text.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    header: Row = {column: column for column in columns}
    for index, row in enumerate([header, *rows], start=1):
        for number, column in enumerate(columns, start=1):
            value = row.get(column)
            if value is None:
                continue
            if isinstance(value, Decimal) and len(text(value).lstrip("-0.")) > _EXCEL_DIGITS:
                value = text(value)
            cell = sheet.cell(index, number, value)
            if isinstance(value, str):
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return _without_clock(out.getvalue())


def _without_clock(content: bytes) -> bytes:
    """Replace the times that openpyxl stamps into the archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2024-01-01T00:00:00Z", body)
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, body)
    return out.getvalue()


def to_parquet(columns: list[str], rows: list[Row], typed: bool) -> bytes:
    """A Parquet file of strings, or with decimal, date and boolean columns where every value
    is of that kind.
    """
    arrays = []
    for column in columns:
        values = [row.get(column) for row in rows]
        kind = _arrow_type(values) if typed else pa.string()
        if pa.types.is_string(kind):
            values = [None if value is None else text(value) for value in values]
        arrays.append(pa.array(values, type=kind))
    out = io.BytesIO()
    pq.write_table(pa.table(arrays, names=columns), out)
    return out.getvalue()


def _arrow_type(values: list[Value]) -> pa.DataType:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, bool) for value in present):
        return pa.bool_()
    if present and all(isinstance(value, date) for value in present):
        return pa.date32()
    if present and all(isinstance(value, Decimal) for value in present):
        scales = [-int(value.as_tuple().exponent) for value in present if isinstance(value, Decimal)]
        return pa.decimal128(38, max(0, *scales))
    return pa.string()


def to_gzip(content: bytes) -> bytes:
    """Gzip without a time stamp."""
    return gzip.compress(content, mtime=0)

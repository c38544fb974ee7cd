"""Parquet files: the exact text of every value.

What belongs here: which text a Parquet type becomes. What does not: typing
the text again (``mbr_pipeline.ingest.load``).

Decimals are exact. Dates are ISO; a timestamp at midnight is its ISO date, any other the full ISO text,
in UTC with ``Z`` where the column has a time zone. Binary floating point is its shortest decimal that
reads back the same, written without exponent, and the file gets a warning naming the column. Nested
values are JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.files.layout import Layout
from connectors.files.records import MAX_COLUMNS, Fault, UnreadableFile
from connectors.files.streams import seekable
from connectors.plain_numbers import plain_decimal
from connectors.safe_text import clip, text_problem

_BATCH_RECORDS = 50_000
_FIRST_RECORDS = 1_000
_BATCH_BYTES = 16 << 20
_FREE_BYTES = 256 << 20
_MOST_TIMES_ITS_SIZE = 1_000
_DAMAGED = "is damaged or no Parquet file; fetch or export it again"


class ParquetFile:
    """A Parquet file as a ``RecordFile``; ``_line`` is the record's number from 1."""

    header_is_final = True

    def __init__(self, path: Path, expected: tuple[str, ...], null_texts: tuple[str, ...] = ()) -> None:
        """Reads the schema.

        Raises:
            UnreadableFile: The file is damaged or no Parquet.
        """
        self.faults: list[Fault] = []
        self.warnings: list[str] = []
        self._path = path
        with seekable(path) as stream:
            opened = self._open(stream)
            if opened.metadata.num_columns > MAX_COLUMNS:
                raise UnreadableFile(
                    path.name, f"has more than {MAX_COLUMNS} columns; export only those needed"
                )
            fields = list(opened.schema_arrow)
        self.header = tuple(field.name.strip() for field in fields)
        self._layout = Layout(self.header, expected, null_texts)
        for field in fields:
            if pa.types.is_floating(field.type):
                self.warnings.append(
                    f"column {field.name!r} is binary floating point, which is not exact; export it as"
                    " DECIMAL or text"
                )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the records; see ``RecordFile``."""
        with seekable(self._path) as stream:
            batches = self._open(stream).iter_batches(_BATCH_RECORDS, use_threads=False)
            line, at_once, texts = 1, _FIRST_RECORDS, 0
            while (batch := self._next(batches)) is not None:
                at = 0
                while at < batch.num_rows:
                    part = self._texts(batch.slice(at, at_once), line)
                    yield part
                    read = min(at_once, batch.num_rows - at)
                    at, line, texts = at + read, line + read, texts + part.nbytes
                    self._refuse_endless(texts)
                    # a page of some bytes can stand for gigabytes of equal texts
                    at_once = max(1, min(_BATCH_RECORDS, read * _BATCH_BYTES // max(1, part.nbytes)))

    def _refuse_endless(self, texts: int) -> None:
        if texts > max(_FREE_BYTES, self._path.stat().st_size * _MOST_TIMES_ITS_SIZE):
            raise UnreadableFile(
                self._path.name,
                f"unpacks to more than {_MOST_TIMES_ITS_SIZE} times its size; export it again, or as CSV",
            )

    def _open(self, stream: object) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(stream, pre_buffer=False)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(self._path.name, _DAMAGED) from error

    def _next(self, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
        try:
            return next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(self._path.name, _DAMAGED) from error

    def _texts(self, batch: pa.RecordBatch, line: int) -> pa.RecordBatch:
        lines = pa.array(range(line, line + batch.num_rows), pa.int64())
        columns = []
        bad: set[int] = set()
        for name, column in zip(self.header, batch.columns, strict=True):
            texts, problems = _column_texts(column)
            columns.append(texts)
            for row, (value, reason) in problems.items():
                bad.add(row)
                self.faults.append(Fault(line + row, name, clip(value), reason))
        if bad:
            good = pa.array([row not in bad for row in range(batch.num_rows)], pa.bool_())
            lines, columns = lines.filter(good), [column.filter(good) for column in columns]
        return self._layout.batch(lines, columns)


Problems = dict[int, tuple[str, str]]
"""Value and reason by row."""


def _column_texts(column: pa.Array) -> tuple[pa.Array, Problems]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _column_texts(column.dictionary_decode())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _number_texts(column)
    if pa.types.is_timestamp(kind):
        return _timestamp_texts(column), {}
    if pa.types.is_nested(kind):
        texts = [
            None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()
        ]
        return _checked(pa.array(texts, pa.string()))
    if _is_text(kind):
        return _checked(column.cast(pa.binary()))
    return column.cast(pa.string()), {}


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary)
    return any(test(kind) for test in (*tests, pa.types.is_large_binary, pa.types.is_fixed_size_binary))


def _checked(column: pa.Array) -> tuple[pa.Array, Problems]:
    """Makes utf8 of text or bytes; Parquet readers do not check that text is UTF-8."""
    try:
        texts = column.cast(pa.string())
        if not pc.any(pc.match_substring(texts, "\0")).as_py():
            return texts, {}
    except pa.ArrowInvalid:
        pass
    problems: Problems = {}
    kept: list[str | None] = []
    for row, value in enumerate(column.cast(pa.binary()).to_pylist()):
        text = None if value is None else value.decode("utf-8", "surrogateescape")
        reason = text_problem(text) if text else None
        if text and reason:
            problems[row] = (text, reason)
        kept.append(None if reason else text)
    return pa.array(kept, pa.string()), problems


def _number_texts(column: pa.Array) -> tuple[pa.Array, Problems]:
    texts = column.cast(pa.string())
    odd = pc.match_substring_regex(texts, "[^0-9.-]")  # exponents, nan, inf
    if not pc.any(odd).as_py():
        return texts, {}
    values = texts.to_pylist()
    problems: Problems = {}
    for row in pc.indices_nonzero(odd).to_pylist():
        plain = plain_decimal(values[row])
        if plain is None:
            problems[row] = (values[row], "is not a finite number of bounded size; correct it at the source")
        values[row] = plain
    return pa.array(values, pa.string()), problems


def _timestamp_texts(column: pa.Array) -> pa.Array:
    zone = "Z" if column.type.tz else ""
    moments = column.cast(
        pa.timestamp(column.type.unit)
    )  # stored in UTC; dropping the zone keeps the instant
    days = moments.cast(pa.date32(), safe=False)
    midnight = pc.equal(days.cast(moments.type), moments)
    full = pc.replace_substring_regex(moments.cast(pa.string()), r"\.0+$", "")
    full = pc.binary_join_element_wise(pc.replace_substring(full, " ", "T"), zone, "")
    return pc.if_else(midnight, days.cast(pa.string()), full)

"""Turns columns as found in a file into the one schema of ``RecordFile``.

What belongs here: picking the expected columns, nulls, and the JSON text of the other columns; every reader
ends here, so that equal files of different formats give equal batches. What does not: parsing any format.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.records import EXTRA, LINE
from connectors.files.streams import MARK

_STRING = pa.string()
_CONTROLS = "[\\x00-\\x1f]"


def schema(expected: Sequence[str]) -> pa.Schema:
    """The schema of all batches for these expected columns."""
    return pa.schema([(LINE, pa.int64()), *((name, _STRING) for name in expected), (EXTRA, _STRING)])


class Layout:
    """Which column of a file goes where.

    Args:
        header: The file's column names.
        expected: The columns wanted.
        null_texts: Texts that mean null besides empty and whitespace-only ones.
    """

    def __init__(
        self, header: Sequence[str], expected: Sequence[str], null_texts: Sequence[str] = ()
    ) -> None:
        """Resolves names to positions; of a repeated name the first position counts."""
        self.header = tuple(header)
        self.expected = tuple(expected)
        self._schema = schema(expected)
        self._positions: dict[str, int] = {}
        for position, name in enumerate(self.header):
            self._positions.setdefault(name, position)
        self._extras = [name for name in self._positions if name not in set(self.expected)]
        self._null_texts = pa.array(null_texts, _STRING) if null_texts else None

    def batch(self, lines: pa.Array, columns: Sequence[pa.Array]) -> pa.RecordBatch:
        """Builds a batch from utf8 columns in the header's order."""
        absent = pa.nulls(len(lines), _STRING)
        found = {name: self._nullified(columns[at]) for name, at in self._positions.items()}
        extra = json_objects(len(lines), [(name, found[name]) for name in self._extras])
        arrays = [lines, *(found.get(name, absent) for name in self.expected), extra]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def batch_of_rows(self, lines: Sequence[int], rows: Sequence[Sequence[str | None]]) -> pa.RecordBatch:
        """Builds a batch from rows that have exactly the header's number of cells."""
        columns = [pa.array(list(cells), _STRING) for cells in zip(*rows, strict=True)] if rows else []
        columns = columns or [pa.nulls(len(lines), _STRING) for _ in self.header]
        return self.batch(pa.array(lines, pa.int64()), columns)

    def _nullified(self, column: pa.Array) -> pa.Array:
        if pc.any(pc.starts_with(column, MARK)).as_py():
            column = pc.utf8_ltrim(column, characters=MARK)
        if pc.any(pc.starts_with(column, MARK)).as_py():
            column = pc.utf8_ltrim(column, characters=MARK)
        blank = pc.or_(pc.utf8_is_space(column), pc.equal(pc.binary_length(column), 0))
        if self._null_texts is not None:
            blank = pc.or_(blank, pc.is_in(column, value_set=self._null_texts))
        if not pc.any(blank).as_py():
            return column
        return pc.if_else(blank, pa.scalar(None, _STRING), column)


def json_objects(rows: int, columns: Sequence[tuple[str, pa.Array]]) -> pa.Array:
    """Writes one JSON object per row from its non-null values; null for a row that has none."""
    members = [
        pc.binary_join_element_wise(f'{json.dumps(name, ensure_ascii=False)}:"', _escaped(column), '"', "")
        for name, column in columns
        if column.null_count < rows
    ]
    if not members:
        return pa.nulls(rows, _STRING)
    inside = _joined(members)
    empty = pc.equal(pc.binary_length(inside), 0)
    return pc.if_else(empty, pa.scalar(None, _STRING), pc.binary_join_element_wise("{", inside, "}", ""))


def merged_objects(first: pa.Array, second: pa.Array) -> pa.Array:
    """Joins the members of two columns of ``json_objects`` row by row; no name may be in both."""
    inside = [pc.utf8_slice_codeunits(objects, 1, -1) for objects in (first, second)]
    neither = pc.and_(pc.is_null(first), pc.is_null(second))
    return pc.if_else(
        neither, pa.scalar(None, _STRING), pc.binary_join_element_wise("{", _joined(inside), "}", "")
    )


def _joined(columns: Sequence[pa.Array]) -> pa.Array:
    """Joins the non-null texts of each row by commas; the empty text keeps rows of nothing but
    nulls in their place.
    """
    joined = pc.binary_join_element_wise("", *columns, ",", null_handling="skip")
    return pc.utf8_slice_codeunits(joined, 1)


def _escaped(column: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(column, _CONTROLS)).as_py():  # rare, so slow is fine
        return pa.array(
            [t if t is None else json.dumps(t, ensure_ascii=False)[1:-1] for t in column.to_pylist()], _STRING
        )
    column = pc.replace_substring(column, "\\", "\\\\")
    return pc.replace_substring(column, '"', '\\"')

"""The JSON text of columns that were not expected, against Python's own json module.

Belongs here: ``json_objects`` and ``merged_objects``. Does not: readers (their own modules).
"""

from __future__ import annotations

import json

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.layout import json_objects, merged_objects

TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=5)
ROWS = st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=5)
NAMES = ("x", 'y "\\\n', "é")


def _columns(rows: list[tuple[str | None, ...]], names: tuple[str, ...]) -> list[tuple[str, pa.Array]]:
    return [(name, pa.array([row[at] for row in rows], pa.string())) for at, name in enumerate(names)]


def _dumped(row: dict[str, str | None]) -> str | None:
    kept = {name: value for name, value in row.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else None


@given(ROWS, st.integers(min_value=0, max_value=3))
def test_each_row_becomes_the_json_object_of_its_values(
    rows: list[tuple[str | None, ...]], width: int
) -> None:
    got = json_objects(len(rows), _columns(rows, NAMES[:width])).to_pylist()
    assert got == [_dumped(dict(zip(NAMES[:width], row, strict=False))) for row in rows]


@given(ROWS)
def test_merged_objects_have_the_members_of_both(rows: list[tuple[str | None, ...]]) -> None:
    columns = _columns(rows, NAMES)
    merged = merged_objects(json_objects(len(rows), columns[:1]), json_objects(len(rows), columns[1:]))
    assert merged.to_pylist() == [_dumped(dict(zip(NAMES, row, strict=True))) for row in rows]

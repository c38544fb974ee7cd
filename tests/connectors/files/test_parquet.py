"""Parquet: which text a typed value becomes.

Belongs here: the Parquet reader through ``open_records``. Does not: other formats (their own modules).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.files.records import RecordFile, UnreadableFile

Read = Callable[..., tuple[list[dict[str, Any]], RecordFile]]

UTC = dt.UTC
BIG = "-1234567890123456789012345678.0123456789"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (pa.string(), " x ", " x "),
        (pa.large_string(), "", None),
        (pa.dictionary(pa.int32(), pa.string()), "x", "x"),
        (pa.binary(), "é".encode(), "é"),
        (pa.int64(), -12, "-12"),
        (pa.uint64(), 2**64 - 1, "18446744073709551615"),
        (pa.bool_(), True, "true"),
        (pa.decimal128(20, 11), Decimal("0.00000080000"), "0.00000080000"),
        (pa.decimal128(38, 10), Decimal(BIG), BIG),
        (pa.date32(), dt.date(2024, 2, 29), "2024-02-29"),
        (pa.timestamp("us"), dt.datetime(2024, 2, 29), "2024-02-29"),
        (pa.timestamp("ns"), dt.datetime(2024, 2, 29, 13, 5), "2024-02-29T13:05:00"),
        (pa.timestamp("ms"), dt.datetime(1969, 12, 31, 23, 59, 59, 500000), "1969-12-31T23:59:59.500"),
        (pa.timestamp("us", "America/New_York"), dt.datetime(2024, 3, 1, tzinfo=UTC), "2024-03-01"),
        (pa.timestamp("us", "UTC"), dt.datetime(2024, 3, 1, 1, tzinfo=UTC), "2024-03-01T01:00:00Z"),
        (pa.float64(), 0.1, "0.1"),
        (pa.float64(), 8e-07, "0.0000008"),
        (pa.float64(), 1e22, "10000000000000000000000"),
        (pa.float32(), 0.1, "0.1"),
        (pa.list_(pa.int64()), [1, 2], "[1, 2]"),
        (pa.struct([("k", pa.string())]), {"k": "é"}, '{"k": "é"}'),
    ],
)
def test_a_value_becomes_its_exact_text(
    tmp_path: Path, read: Read, kind: Any, value: Any, text: str | None
) -> None:
    pq.write_table(pa.table({"a": pa.array([value, None], kind)}), tmp_path / "x.parquet")
    records, opened = read(tmp_path / "x.parquet")
    assert opened.faults == []
    assert [(r["_line"], r["a"]) for r in records] == [(1, text), (2, None)]


def test_binary_floating_point_brings_a_warning_naming_the_column(tmp_path: Path, read: Read) -> None:
    pq.write_table(pa.table({"a": [0.5], "b": ["x"]}), tmp_path / "x.parquet")
    _, opened = read(tmp_path / "x.parquet")
    assert len(opened.warnings) == 1
    assert "'a'" in opened.warnings[0]


def test_what_is_no_number_or_no_text_is_a_fault_of_its_own_row(tmp_path: Path, read: Read) -> None:
    binary = pa.array([b"ok", b"caf\xe9", b"nul\0", b"fine"])
    unchecked = pa.Array.from_buffers(pa.string(), 4, binary.buffers())  # text that never was UTF-8
    table = pa.table({"a": unchecked, "b": [float("nan"), 1.5, 2.5, 3.0]})
    pq.write_table(table, tmp_path / "x.parquet")
    records, opened = read(tmp_path / "x.parquet")
    assert [(r["_line"], r["a"], r["b"]) for r in records] == [(4, "fine", "3")]
    assert [(f.line, f.column, f.value) for f in opened.faults] == [
        (2, "a", "caf\\xe9"),
        (3, "a", "nul\\x00"),
        (1, "b", "nan"),
    ]


def test_a_damaged_page_makes_the_file_unreadable(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(
        pa.table({"a": [str(i) for i in range(5000)]}), path, compression="gzip", use_dictionary=False
    )
    data = bytearray(path.read_bytes())
    data[200:1200] = b"\0" * 1000
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match="damaged"):
        read(path)

"""Small files that would become gigabytes, or hours: refused in one line, before that.

Belongs here: every reader, whatever it would have to hold. Does not: what damaged files say (each reader's
own tests).
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.files import parquet, streams
from connectors.files.delimited import DelimitedFile
from connectors.files.opening import open_records
from connectors.files.records import UnreadableFile


def _drained(path: Path) -> int:
    return sum(batch.num_rows for batch in open_records(path, ("a", "b")).batches())


@pytest.mark.parametrize("blank", [b"\n", b" \n", b"\r\n", b"  \t  \n"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_an_archive_of_blank_lines_is_refused(blank: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"bill.{suffix}.gz"
    head = b"a,b\n1,2\n" if suffix == "csv" else b'{"a":1,"b":2}\n'
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(head + blank * 2_100_000)
    with pytest.raises(
        UnreadableFile, match="^bill.*: has more than 1000000 lines that are next to all blank"
    ):
        _drained(path)
    if suffix == "csv":
        with pytest.raises(UnreadableFile, match="next to all blank"):
            list(DelimitedFile(path, "utf-8", ",").batches())


def test_many_short_lines_with_something_on_them_are_records(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1_100_000)
    assert _drained(path) == 1_100_000


def test_text_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_UNPACKED_BYTES", 1000)
    path = tmp_path / "bill.csv"
    path.write_text("a,b\n" + "1,2\n" * 249, encoding="utf-8")
    assert _drained(path) == 249
    path.write_text("a,b\n" + "1,2\n" * 250, encoding="utf-8")
    with pytest.raises(UnreadableFile, match="holds more than 8 GiB"):
        _drained(path)


def test_a_parquet_file_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bill.parquet"
    for columns in (10_000, 10_001):
        pq.write_table(pa.table({f"c{number}": ["x"] for number in range(columns)}), path)
        if columns == 10_000:
            open_records(path, ("c1",))
    with pytest.raises(UnreadableFile, match="has more than 10000 columns"):
        open_records(path, ("c1",))


def test_a_parquet_file_of_one_long_text_many_times_is_refused_and_read_in_bounded_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bill.parquet"
    rows = 40_000
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 2000]))
    pq.write_table(pa.table({"a": text, "b": list(range(rows))}), path)
    sizes = [batch.nbytes for batch in open_records(path, ("a", "b")).batches()]
    assert sum(sizes) > rows * 2000 and max(sizes) < 32 << 20
    lines = [batch["_line"].to_pylist() for batch in open_records(path, ("a", "b")).batches()]
    assert [line for part in lines for line in part] == list(range(1, rows + 1))
    monkeypatch.setattr(parquet, "_FREE_BYTES", 0)
    monkeypatch.setattr(parquet, "_MOST_TIMES_ITS_SIZE", 2)
    with pytest.raises(UnreadableFile, match="unpacks to more than 2 times its size"):
        _drained(path)

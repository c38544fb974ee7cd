"""Opening files: suffixes, gzip that must be whole, number literals, and equal files of different formats.

Belongs here: what holds for all formats. Does not: what one format's values mean (its own module).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.files.records import RecordFile, UnreadableFile
from connectors.plain_numbers import plain_decimal
from connectors.safe_text import clip

Read = Callable[..., tuple[list[dict[str, Any]], RecordFile]]
Write = Callable[..., Path]

ROWS = [("1.5", "x"), (None, 'q"\\'), ("2", None)]


def _written(folder: Path, suffix: str) -> Path:
    path = folder / f"x{suffix}"
    if suffix == ".csv":
        path.write_text('a,z\n1.5,x\n,"q""\\"\n2,\n')
    elif suffix == ".jsonl":
        path.write_text(
            "".join(json.dumps({"a": a and float(a), "z": z}) + "\n" for a, z in ROWS).replace("2.0", "2")
        )
    elif suffix == ".parquet":
        pq.write_table(pa.table({"a": [a for a, _ in ROWS], "z": [z for _, z in ROWS]}), path)
    else:
        book = openpyxl.Workbook()
        for row in [("a", "z"), *((a and float(a), z) for a, z in ROWS)]:
            book.active.append(row)
        book.save(path)
    return path


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_equal_files_of_any_format_give_equal_records(
    tmp_path: Path, read: Read, suffix: str, zipped: bool
) -> None:
    path = _written(tmp_path, suffix)
    if zipped:
        plain, path = path, path.with_name(path.name.upper() + ".gz")
        path.write_bytes(gzip.compress(plain.read_bytes()))
    records, opened = read(path)
    assert [(r["a"], r["b"], r["_extra"]) for r in records] == [
        ("1.5", None, '{"z":"x"}'),
        (None, None, '{"z":"q\\"\\\\"}'),
        ("2", None, None),
    ]
    assert opened.header == ("a", "z")
    first = 1 if suffix in (".jsonl", ".parquet") else 2
    assert [r["_line"] for r in records] == [first, first + 1, first + 2]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
@pytest.mark.parametrize("keep", [0.0, 0.5, 0.98])
def test_a_gzip_cut_off_is_never_read_as_if_whole(
    tmp_path: Path, suffix: str, keep: float, read: Read
) -> None:
    data = gzip.compress(_written(tmp_path, suffix).read_bytes())
    path = tmp_path / f"cut{suffix}.gz"
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(UnreadableFile, match="gzip is damaged or cut off"):
        read(path)


def test_a_gzip_cut_off_late_fails_while_reading_not_at_the_end_of_a_good_half(
    tmp_path: Path, read: Read
) -> None:
    lines = "".join(f"{i},{i * 7919 % 100003}\n" for i in range(1_000_000))
    data = gzip.compress(f"a,b\n{lines}".encode(), compresslevel=1)
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(data[:-2000])
    with pytest.raises(UnreadableFile):
        read(path)


@pytest.mark.parametrize(
    ("name", "content"), [("x.parquet", b"PAR1"), ("x.xlsx", b"PK\3\4"), ("x.csv.gz", b"a,b\n")]
)
def test_a_damaged_file_is_one_line_that_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, read: Read
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path / name)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["x.xls", "x.gz", "csv"])
def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path, name: str, read: Read) -> None:
    with pytest.raises(UnreadableFile, match=r"\.csv, \.jsonl, \.xlsx, \.parquet"):
        read(tmp_path / name)


def test_a_missing_file_is_unreadable(tmp_path: Path, read: Read) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(tmp_path / "none.csv")


def test_a_hostile_file_name_stays_on_one_line() -> None:
    assert str(UnreadableFile("a\nb\r.csv", "is\nbad")) == "a b .csv: is bad"


@pytest.mark.parametrize(
    ("literal", "plain"),
    [
        ("0.10", "0.10"),
        ("1e3", "1000"),
        ("1.25E-3", "0.00125"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-1E+2", "-100"),
        ("+1", None),
        ("1_000", None),
        ("NaN", None),
        ("", None),
        ("1e61", None),
        ("\u0661", None),
        ("1,5", None),
    ],
)
def test_number_literals_become_plain_decimals_of_the_same_value(literal: str, plain: str | None) -> None:
    assert plain_decimal(literal) == plain


def test_a_clipped_value_has_at_most_200_characters_and_is_utf8() -> None:
    assert clip("\udce9" * 300).encode() == (b"\\xe9" * 50)

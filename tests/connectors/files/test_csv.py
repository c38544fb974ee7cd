"""CSV: what is a record, where it stands, what is a fault; and that the fast path never shows.

Belongs here: the CSV reader through ``open_records``. Does not: other formats (their own modules).
"""

from __future__ import annotations

import csv
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import streams
from connectors.files.csv_fast import CsvFile
from connectors.files.opening import open_records
from connectors.files.records import Fault, RecordFile, UnreadableFile

Read = Callable[..., tuple[list[dict[str, Any]], RecordFile]]
Write = Callable[..., Path]

PLAIN_BLOCK = streams.BLOCK_BYTES


def test_values_are_kept_exactly_and_blank_ones_are_null(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", "a,b\n x ,\n\u00a0,0010.50\n"))
    assert records == [
        {"_line": 2, "a": " x ", "b": None, "_extra": None},
        {"_line": 3, "a": None, "b": "0010.50", "_extra": None},
    ]
    assert opened.header == ("a", "b")
    assert opened.faults == []
    assert opened.warnings == []


def test_mark_crlf_and_spaces_around_names_do_not_matter(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", b"\xef\xbb\xbf a ,b\r\n1,2\r\n"))
    assert opened.header == ("a", "b")
    assert records == [{"_line": 2, "a": "1", "b": "2", "_extra": None}]


def test_a_quoted_cell_may_hold_quotes_commas_and_line_breaks_and_lines_stay_physical(
    read: Read, write: Write
) -> None:
    records, _ = read(write("x.csv", 'a,b\n"x\n""y"",\n",1\nz,2\n'))
    assert [(r["_line"], r["a"], r["b"]) for r in records] == [(2, 'x\n"y",\n', "1"), (5, "z", "2")]


def test_blank_lines_are_no_records_but_count_as_lines(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", "\na,b\n\n1,2\n \t\n,\n"))
    assert [(r["_line"], r["a"], r["b"]) for r in records] == [(4, "1", "2"), (6, None, None)]
    assert opened.faults == []


def test_fewer_cells_are_null_and_more_are_a_fault_that_costs_only_its_own_record(
    read: Read, write: Write
) -> None:
    records, opened = read(write("x.csv", "a,b\n1\n1,2,3\n4,5\n"))
    assert [(r["_line"], r["a"], r["b"]) for r in records] == [(2, "1", None), (4, "4", "5")]
    assert [(f.line, f.column, f.value) for f in opened.faults] == [(3, None, "3")]
    assert "more cells than the header" in opened.faults[0].reason


def test_surplus_cells_are_a_fault_even_if_empty(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", "a,b\n1,2,\n"))
    assert records == []
    assert opened.faults[0].line == 2


def test_missing_columns_are_null_and_unexpected_ones_go_to_extra_as_json(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", 'b,n,"say ""hi""",t\n1,,"q""\\",\n2,,,\n3,"x\ny",,z\n'))
    assert opened.header == ("b", "n", 'say "hi"', "t")
    assert [(r["a"], r["b"], r["_extra"]) for r in records] == [
        (None, "1", '{"say \\"hi\\"":"q\\"\\\\"}'),
        (None, "2", None),
        (None, "3", '{"n":"x\\ny","t":"z"}'),
    ]


def test_of_a_repeated_column_the_first_is_taken_and_the_header_shows_both(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", "a,b, a\n1,2,3\n"))
    assert opened.header == ("a", "b", "a")
    assert records == [{"_line": 2, "a": "1", "b": "2", "_extra": None}]


def test_text_that_is_not_utf8_or_has_nul_is_a_fault_naming_the_column(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", b"a,b\n1,caf\xe9\n2\x00,3\n4,5\n"))
    assert [r["_line"] for r in records] == [4]
    assert [(f.line, f.column, f.value) for f in opened.faults] == [(2, "b", "caf\\xe9"), (3, "a", "2\\x00")]
    assert "UTF-8" in opened.faults[0].reason


def test_a_quote_never_closed_costs_only_the_line_that_opens_it(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", 'a,b\n1,"oops\n3,4\n5,6\n'))
    assert [(r["_line"], r["a"]) for r in records] == [(3, "3"), (4, "5")]
    assert [(f.line, f.column) for f in opened.faults] == [(2, None)]
    assert "quote" in opened.faults[0].reason


@pytest.mark.parametrize("cell", ['"T"1', '"T" ', '""1', '"a,"b', '"a""b"c', '"""T"""1', '"T"""1"x'])
def test_text_after_a_closing_quote_is_a_fault_and_never_joined_to_the_cell(
    cell: str, read: Read, write: Write
) -> None:
    records, opened = read(write("x.csv", f'a,b\n"p",1\n{cell},2\n3,"q"\n'))
    assert [(r["_line"], r["a"], r["b"]) for r in records] == [(2, "p", "1"), (4, "3", "q")]
    assert [(f.line, f.column) for f in opened.faults] == [(3, None)]
    assert "goes on after its closing quote" in opened.faults[0].reason


def test_a_quote_that_the_next_one_seems_to_close_costs_only_its_line(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", 'a,b\n1,"oops\n"x",4\n5,6\n'))
    assert [(r["_line"], r["a"], r["b"]) for r in records] == [(3, "x", "4"), (4, "5", "6")]
    assert [(f.line, f.value) for f in opened.faults] == [(2, '1,"oops\n')]


def test_quotes_in_a_cell_that_does_not_begin_with_one_are_text(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", 'a,b\n19" rack,x"y"\n "z",""\n'))
    assert [(r["a"], r["b"]) for r in records] == [('19" rack', 'x"y"'), (' "z"', None)]
    assert opened.faults == []


def test_a_large_file_of_such_faults_is_read_to_its_end(read: Read, write: Write) -> None:
    with patch("connectors.files.csv_exact.MAX_REREAD_BYTES", 20):
        assert len(read(write("x.csv", "a,b\n" + '"T"1,2\n' * 10))[1].faults) == 10


def test_a_cell_beyond_the_csv_limit_is_a_fault_and_its_value_is_clipped(read: Read, write: Write) -> None:
    records, opened = read(write("x.csv", "a,b\n1," + "x" * 131_073 + "\n2," + "y" * 131_072 + "\n"))
    assert [(r["_line"], len(r["b"])) for r in records] == [(3, 131_072)]
    assert [(f.line, len(f.value or "")) for f in opened.faults] == [(2, 200)]


def test_a_file_of_endless_quotes_is_refused_and_does_not_take_for_ever(write: Write, read: Read) -> None:
    # every line ends inside a quote, whether it begins inside one or not
    path = write("x.csv", "a,b\n" + 'x",""",\n' * 60_000)
    begin = time.process_time()
    with pytest.raises(UnreadableFile, match="quotes never close"):
        read(path)
    assert time.process_time() - begin < 20


@pytest.mark.parametrize("text", ["", "\n\n \n"])
def test_a_file_without_header_has_none_and_no_records(read: Read, write: Write, text: str) -> None:
    records, opened = read(write("x.csv", text))
    assert (records, opened.header) == ([], ())


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n".encode("utf-16"), "a,b\n1,2\n".encode("utf-16-le"), b"caf\xe9,b\n"]
)
def test_a_file_that_is_not_utf8_at_all_says_how_to_save_it(write: Write, content: bytes, read: Read) -> None:
    with pytest.raises(UnreadableFile, match=r"^x\.csv: .*UTF-8$"):
        read(write("x.csv", content))


def test_semicolons_bring_a_warning(read: Read, write: Write) -> None:
    assert "comma" in read(write("x.csv", "a;b\n1;2\n"))[1].warnings[0]


def test_an_endless_line_is_refused(write: Write, read: Read) -> None:
    with pytest.raises(UnreadableFile, match="16 MiB"):
        read(write("x.csv.gz", b"a,b\n" + b"x" * (25 << 20)))


CELL = st.text(st.sampled_from('ab ,"\n\r;é\u2028\x0b'), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=12),
    style=st.sampled_from([(csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_MINIMAL, "\r\n")]),
    block=st.sampled_from([7, 30, PLAIN_BLOCK]),
)
def test_whatever_is_written_is_read_back_with_its_line(
    rows: list[tuple[str, str, str]], style: tuple[Literal[0, 1], str], block: int
) -> None:
    text, expected = "a,b,c\n", []
    for row in rows:
        written = io.StringIO()
        csv.writer(written, quoting=style[0], lineterminator=style[1]).writerow(row)
        line = 1 + text.count("\n") + text.replace("\r\n", "").count("\r")
        expected.append((line, *(cell if cell.strip() else None for cell in row)))
        text += written.getvalue()
    got = [tuple(r.values())[:4] for r in _read_bytes(text.encode(), block)[0]]
    assert got == expected


class ExactOnly(CsvFile):
    """The CSV reader without its fast path."""

    def _fast_batch(self, block: bytes, line: int) -> None:
        return None


@settings(max_examples=400, deadline=None)
@given(
    body=st.lists(
        st.sampled_from([b"a", b",", b'"', b"\n", b"\r", b"\r\n", b" ", b"\xff", b"\0", b"x,y,z\n"]),
        max_size=40,
    ),
    block=st.sampled_from([5, 16, PLAIN_BLOCK]),
)
def test_fast_and_exact_path_agree_on_anything(body: list[bytes], block: int) -> None:
    data = b"a,b,c\n" + b"".join(body)
    both = _read_bytes(data, block)
    with patch("connectors.files.csv_fast.CsvFile", ExactOnly):
        assert both == _read_bytes(data, block)


def test_the_fast_path_is_taken_for_regular_text_with_quotes(write: Write, read: Read) -> None:
    path = write("x.csv", 'a,b\n1,"x ""y"""\n2,"p\nq"\n')
    with patch.object(CsvFile, "_exact_batches", side_effect=AssertionError("exact path taken")):
        records, _ = read(path)
    assert [(r["_line"], r["b"]) for r in records] == [(2, 'x "y"'), (3, "p\nq")]


def _read_bytes(data: bytes, block: int) -> tuple[list[dict[str, Any]], list[Fault]]:
    with tempfile.TemporaryDirectory() as folder, patch.object(streams, "BLOCK_BYTES", block):
        path = Path(folder) / "x.csv"
        path.write_bytes(data)
        opened = open_records(path, ("a", "b", "c"))
        return [record for batch in opened.batches() for record in batch.to_pylist()], opened.faults

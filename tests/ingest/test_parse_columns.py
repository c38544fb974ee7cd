"""Columns of a landed file: missing, repeated, further ones, and files without any (contract §3).

Belongs here: what the header and the reader say of a file. Does not: values (``test_parse_values``).
"""

from __future__ import annotations

import gzip

from tests.ingest.parsing import Parse, read_rows, rejects_in


def test_a_short_row_has_empty_cells_and_a_long_one_is_refused(parsed: Parse) -> None:
    file = parsed("clients", "client_id,client_name,status\nC-1,One\nC-2,Two,active,surplus\n")
    assert [row["client_id"] for row in read_rows(file)] == ["C-1"]
    assert [line for line, *_ in rejects_in(file)] == [3]
    assert file.rejected == 1


def test_a_missing_and_a_repeated_column_make_the_whole_file_unusable(parsed: Parse) -> None:
    missing = parsed("clients", "client_id,name\nC,One\n")
    assert (missing.missing_columns, missing.repeated_columns, missing.is_drifted) == (
        ("client_name",),
        (),
        True,
    )
    repeated = parsed("clients", "client_id,client_name,client_id\nC,One,D\n")
    assert (repeated.repeated_columns, repeated.is_drifted) == (("client_id",), True)


def test_a_file_that_lacks_or_repeats_columns_has_no_records_at_all(parsed: Parse) -> None:
    for text in ("client_id,name\nC,One\n", "client_id,client_name,client_id\nC,One,D\n"):
        file = parsed("clients", text)
        assert (file.is_drifted, file.rows, file.rejected, file.totals) == (True, 0, 0, {})
        assert not file.rows_path.exists()


def test_missing_and_repeated_and_extra_columns_are_named_in_order(parsed: Parse) -> None:
    file = parsed("clients", "f,e,d,c,b,a,z,f,e,d,c,b,a,,\n1\n")
    assert (file.missing_columns, file.repeated_columns) == (
        ("client_id", "client_name"),
        ("a", "b", "c", "d", "e", "f"),
    )
    file = parsed("clients", "f,client_name,d,c,client_id,a,b,e\n1,2,3,4,5\n")
    assert (file.extra_columns, file.is_drifted) == (("a", "b", "c", "d", "e", "f"), False)


def test_json_lines_without_any_line_lack_nothing_and_have_nothing(parsed: Parse) -> None:
    file = parsed("clients", "", "jsonl")
    assert (file.rows, file.missing_columns, file.repeated_columns, file.is_drifted) == (0, (), (), False)
    assert read_rows(file) == []


def test_json_lines_tell_a_missing_column_too(parsed: Parse) -> None:
    file = parsed("clients", '{"client_id": "C"}\n', "jsonl")
    assert (file.missing_columns, file.is_drifted) == (("client_name",), True)


def test_an_empty_file_has_no_header(parsed: Parse) -> None:
    assert parsed("clients", "").missing_columns == ("client_id", "client_name")


def test_what_cannot_be_read_is_unreadable_and_says_why(parsed: Parse) -> None:
    file = parsed("clients", b"PK\x03\x04 no workbook", "xlsx")
    assert file.is_drifted
    assert file.unreadable
    assert "clients.xlsx" in file.unreadable
    assert parsed("clients", b"\x1f\x8b cut short", "csv.gz").unreadable


def test_extra_columns_are_kept_and_named(parsed: Parse) -> None:
    file = parsed("clients", "client_id,client_name,colour\nC,One,red\n")
    assert file.extra_columns == ("colour",)
    assert read_rows(file)[0]["extra"] == '{"colour":"red"}'


def test_warnings_of_the_reader_are_kept_and_an_unreadable_file_has_none(parsed: Parse) -> None:
    [warning] = parsed("clients", "client_id;client_name\nC;One\n").warnings
    assert "no comma" in warning
    unreadable = parsed("clients", b"\x1f\x8b cut short", "csv.gz")
    assert (unreadable.warnings, unreadable.rows, unreadable.rejected, unreadable.totals) == ((), 0, 0, {})
    assert (unreadable.missing_columns, unreadable.repeated_columns, unreadable.extra_columns) == ((), (), ())


def test_a_file_that_breaks_off_in_the_middle_is_unreadable_whatever_was_read_of_it(parsed: Parse) -> None:
    rows = "".join(f"C-{number},client {number * 7919 % 10007}\n" for number in range(60_000))
    whole = gzip.compress(("client_id,client_name\n" + rows).encode())
    assert parsed("clients", whole, "csv.gz").rows == 60_000
    file = parsed("clients", whole[: len(whole) // 2], "csv.gz")
    assert (file.is_drifted, file.rows) == (True, 0)
    assert "clients.csv.gz" in str(file.unreadable)


def test_a_reader_that_gives_up_after_good_records_leaves_none_of_them(parsed: Parse) -> None:
    good = '{"client_id": "C-1", "client_name": "Alder"}\n'
    keys = ", ".join(f'"key {number}": 1' for number in range(10_001))  # one more than a file may have
    file = parsed("clients", good + "{" + keys + "}\n", "jsonl")
    assert (file.is_drifted, file.rows) == (True, 0)
    assert "more than 10000 different keys" in str(file.unreadable)

"""XLSX: the first visible sheet as Excel shows it, and workbooks that mean harm.

Belongs here: the XLSX reader through ``open_records``. Does not: other formats (their own modules).
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from connectors.files.records import RecordFile, UnreadableFile

Read = Callable[..., tuple[list[dict[str, Any]], RecordFile]]


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Saves a workbook whose first sheet has these rows."""

    def _book(*rows: tuple[Any, ...], more: dict[str, str] | None = None, edit: Any = None) -> Path:
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(row)
        for title, cell in (more or {}).items():
            workbook.create_sheet(title)["C3"] = cell or None
        if edit:
            edit(workbook)
        workbook.save(tmp_path / "x.xlsx")
        return tmp_path / "x.xlsx"

    return _book


def _rewrite(path: Path, part: str, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        ("  ", None),
        ("Copilot_x000D_\nper user_x0009_", "Copilot\r\nper user\t"),
        ("SKU_x0041_", "SKU_x0041_"),  # no control character: Excel does not write it so
        (12, "12"),
        (12.0, "12"),
        (0.1 + 0.2, "0.3"),
        (1234.5600000000001, "1234.56"),
        (1e-7, "0.0000001"),
        (-2.5, "-2.5"),
        (999_999_999_999_999, "999999999999999"),
        (999_999_999_999_999.0, "999999999999999"),
        (-999_999_999_999_999.0, "-999999999999999"),
        (99_999_999_999_999.5, "99999999999999.5"),
        (True, "true"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.datetime(2024, 2, 29, 13, 5), "2024-02-29T13:05:00"),
    ],
)
def test_a_cell_becomes_the_text_that_excel_shows(
    book: Callable[..., Path], read: Read, value: Any, text: Any
) -> None:
    records, opened = read(book(("a", "b"), (value, "x")))
    assert opened.faults == []
    assert records == [{"_line": 2, "a": text, "b": "x", "_extra": None}]


def test_empty_rows_are_passed_over_and_lines_are_sheet_rows(book: Callable[..., Path], read: Read) -> None:
    rows = [(None, None), (" a ", "b", None), (1, 2), (None, None), (3,), (None,), (None, None)]
    records, opened = read(book(*rows))
    assert opened.header == ("a", "b")
    assert [(r["_line"], r["a"], r["b"]) for r in records] == [(3, "1", "2"), (5, "3", None)]


def test_dates_follow_the_workbook_s_1904_calendar(book: Callable[..., Path], read: Read) -> None:
    def edit(workbook: Any) -> None:
        workbook.epoch = CALENDAR_MAC_1904

    path = book(("a",), (dt.date(2024, 2, 29),), edit=edit)
    with zipfile.ZipFile(path) as archive:
        assert b"43889" in archive.read(SHEET)  # days since 1904-01-01; 45351 in the other calendar
    assert read(path)[0][0]["a"] == "2024-02-29"


def test_only_the_first_visible_sheet_is_read_and_others_with_cells_are_named(
    book: Callable[..., Path], read: Read
) -> None:
    def hide_first(workbook: Any) -> None:
        workbook.create_sheet("secret", 0)["A1"] = "no"
        workbook["secret"].sheet_state = "hidden"

    records, opened = read(book(("a",), ("1",), more={"Notes": "see", "Empty": ""}, edit=hide_first))
    assert [r["a"] for r in records] == ["1"]
    assert len(opened.warnings) == 1
    assert "'Notes'" in opened.warnings[0]


def test_a_formula_without_stored_value_is_a_fault_and_one_with_a_value_is_that_value(
    book: Callable[..., Path], read: Read
) -> None:
    path = book(("a", "b"), ("=1+1", "x"), ("=2+2", "y"), ('=""', "z"))

    def store(xml: str) -> str:
        xml = xml.replace("<f>2+2</f><v />", "<f>2+2</f><v>4</v>").replace(
            "<f>2+2</f><v></v>", "<f>2+2</f><v>4</v>"
        )
        return xml.replace('<c r="A4">', '<c r="A4" t="str">')

    _rewrite(path, SHEET, store)
    records, opened = read(path)
    assert [(r["_line"], r["a"]) for r in records] == [(3, "4"), (4, None)]
    assert [(f.line, f.column, f.value) for f in opened.faults] == [(2, "a", "=1+1")]
    assert "open the file in Excel and save it" in opened.faults[0].reason


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (("#N/A", "x"), "a", "Excel error"),
        ((1234567890123456, "x"), "a", "more than 15 digits"),
        ((-1234567890123456, "x"), "a", "more than 15 digits"),
        ((1_000_000_000_000_000, "x"), "a", "more than 15 digits"),
        ((1e15, "x"), "a", "more than 15 digits"),
        ((-1e15, "x"), "a", "more than 15 digits"),
        ((1.2345678901234568e16, "x"), "a", "more than 15 digits"),
        ((1e300, "x"), "a", "more than 15 digits"),
        (("x", "y", "z"), None, "more cells than the header"),
    ],
)
def test_a_cell_that_cannot_be_trusted_is_a_fault(
    book: Callable[..., Path], read: Read, row: tuple[Any, ...], column: str | None, reason: str
) -> None:
    records, opened = read(book(("a", "b"), row, (1, 2)))
    assert [r["_line"] for r in records] == [3]
    assert [(f.line, f.column) for f in opened.faults] == [(2, column)]
    assert reason in opened.faults[0].reason


def test_two_long_numbers_that_excel_stores_alike_are_two_faults_and_no_record(
    book: Callable[..., Path], read: Read
) -> None:
    path = book(("a",), (1,), (2,))
    # 12345678901234567 and ...68 are both kept as 1.2345678901234568E+16
    stored = "<v>1.2345678901234568E+16</v>"
    _rewrite(path, SHEET, lambda xml: xml.replace("<v>1</v>", stored).replace("<v>2</v>", stored))
    records, opened = read(path)
    assert records == []
    assert [(f.line, f.column, f.value) for f in opened.faults] == [
        (2, "a", "12345678901234568"),
        (3, "a", "12345678901234568"),
    ]


def test_a_date_beyond_the_calendar_is_a_fault(book: Callable[..., Path], read: Read) -> None:
    path = book(("a",), (dt.date(2024, 2, 29),))
    _rewrite(path, SHEET, lambda xml: xml.replace("45351", "99999999"))
    assert [f.line for f in read(path)[1].faults] == [2]


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/media/image1.bin"])
def test_an_archive_that_swells_is_refused(book: Callable[..., Path], part: str, read: Read) -> None:
    path = book(("a",), (1,))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(part + "x", "w") as bomb:
        for _ in range(20):
            bomb.write(b"\0" * (1 << 20))
    with pytest.raises(UnreadableFile, match="export it as CSV"):
        read(path)


def test_rows_without_end_are_refused(book: Callable[..., Path], read: Read) -> None:
    path = book(("a",), (1,))
    _rewrite(
        path,
        SHEET,
        lambda xml: xml.replace('<row r="2"', '<row r="99999999999"').replace("A2", "A99999999999"),
    )
    with pytest.raises(UnreadableFile, match="more than 1048576 rows"):
        read(path)


def test_a_protected_workbook_says_so(tmp_path: Path, read: Read) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(UnreadableFile, match="password"):
        read(tmp_path / "x.xlsx")


def test_entity_expansion_is_refused(book: Callable[..., Path], read: Read) -> None:
    path = book(("a",), (1,))
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "x" * 100}">' for i in range(9))

    def bomb(xml: str) -> str:
        start = xml.index("<worksheet")
        return (
            xml[:start] + f"<!DOCTYPE worksheet [{levels}]>" + xml[start:].replace("<v>1</v>", "<v>&e8;</v>")
        )

    _rewrite(path, SHEET, bomb)
    with pytest.raises(UnreadableFile, match="damaged"):
        read(path)

"""XLSX workbooks: the first visible sheet, or the one asked for, as Excel shows it.

What belongs here: bounds against hostile archives, and which text a cell becomes. What does not: typing the
text again (``mbr_pipeline.ingest.load``). Formulas are never evaluated and external links never followed.

A number is plain decimal text of at most 15 significant digits, which is all Excel keeps and shows; one
with more digits before the point may have lost some already, even if it ends in zeros, and is a fault.
A date at midnight is its ISO date, other times the full ISO text. Control characters of a text, which XML
cannot hold, are written as ``_x000D_`` (ECMA-376 part 1, ST_Xstring) and read as themselves. Rows without
any value are passed over wherever they stand.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from connectors.files.layout import Layout
from connectors.files.records import Fault, UnreadableFile
from connectors.files.streams import seekable
from connectors.safe_text import clip, text_problem

MAX_UNPACKED_BYTES = 2 << 30
MAX_PART_BYTES = 256 << 20
"""Bound for every part but the sheets themselves, which are streamed; the others are held in memory."""
MAX_RATIO = 200
RATIO_FROM_BYTES = 16 << 20
MAX_ROWS = 1_048_576

_BATCH_RECORDS = 20_000
_INEXACT_FROM = 10**15
_OTHER_EPOCH = 1904
_LITERAL = re.compile(r'"[^"]*"|\\.')
_CONTROL = re.compile(r"_x(00[01][0-9A-Fa-f])_")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_OLE = b"\xd0\xcf\x11\xe0"
_NO_VALUE = "is a formula without a stored value; open the file in Excel and save it"
_ERROR = "is an Excel error; correct the cell"
_TOO_LONG = (
    "is a whole number of more than 15 digits, which Excel cannot hold exactly; format the cell as text"
)
_EXTRA_CELLS = "more cells than the header; give the column a name or clear the cell"

Cells = tuple[Any, ...]


class XlsxFile:
    """A workbook's first visible sheet as a ``RecordFile``; ``_line`` is the sheet row."""

    header_is_final = True

    def __init__(
        self,
        path: Path,
        expected: tuple[str, ...],
        null_texts: tuple[str, ...] = (),
        *,
        sheet: str | None = None,
        header_row: int = 1,
        point: str = ".",
        percents: bool = False,
        names: Callable[[tuple[str, ...]], tuple[str, ...]] = tuple,
    ) -> None:
        """Reads the header: the first row that has a value, from ``header_row`` on, of the sheet of this name
        or the first visible one; rows above it are kept in ``above``. ``names`` says how headings are called.

        ``point`` is written into cells that hold a number, where text cells of the sheet are written with
        another than ``.``; with ``percents``, cells that are shown in percent are written so.

        Raises:
            UnreadableFile: The file is damaged, protected, beyond the bounds, or has no such visible sheet.
        """
        self._sheet, self._point, self._percents = sheet, point, percents
        self.is_from_1904 = False
        self.faults: list[Fault] = []
        self.warnings: list[str] = []
        self._path = path
        with self._sheets() as (values, _, others), _quiet():
            self._header_row, cells = 0, ()
            self.above: list[tuple[int, list[str]]] = []
            for number, row in _filled_rows(values):
                if number >= header_row:
                    self._header_row, cells = number, row
                    break
                self.above.append((number, [_cell_text(cell)[0] or "" for cell in row]))
            for name in (sheet.title for sheet in others if any(_filled_rows(sheet.iter_rows()))):
                self.warnings.append(
                    f"sheet {name!r} is not read, only the first sheet is; land it as a file of its own"
                )
        self.header = names(self._header(cells))
        self._layout = Layout(self.header, expected, null_texts)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the records; see ``RecordFile``."""
        with self._sheets() as (values, formulas, _):
            rows = (item for item in _filled_rows(values, formulas) if item[0] > self._header_row)
            while chunk := self._take(rows):
                good = [
                    (row, texts) for row, cells in chunk if (texts := self._texts(row, cells)) is not None
                ]
                yield self._layout.batch_of_rows([row for row, _ in good], [texts for _, texts in good])

    def _take(self, rows: Iterator[tuple[int, Cells]]) -> list[tuple[int, Cells]]:
        with _quiet():
            chunk = list(islice(rows, _BATCH_RECORDS))
        if chunk and chunk[-1][0] > MAX_ROWS:
            raise UnreadableFile(self._path.name, f"has more than {MAX_ROWS} rows; export it as CSV")
        return chunk

    def _header(self, cells: Cells) -> tuple[str, ...]:
        names = []
        for cell in cells:
            text, problem = _cell_text(cell)
            if problem:
                raise UnreadableFile(self._path.name, f"a column name {problem}")
            names.append((text or "").strip())
        return tuple(names)

    def _texts(self, row: int, cells: Cells) -> list[str | None] | None:
        faults = []
        texts: list[str | None] = []
        for position, cell in enumerate(cells):
            text, problem = _cell_text(cell)
            if position >= len(self.header):
                faults.append(Fault(row, None, clip(text or ""), _EXTRA_CELLS))
                break
            if type(cell.value) in (int, float) and text and not problem:
                if self._percents and "%" in _LITERAL.sub("", cell.number_format):
                    text = f"{Decimal(text).scaleb(2):f}%"
                text = text.replace(".", self._point)
            if problem:
                faults.append(Fault(row, self.header[position], clip(text or ""), problem))
            texts.append(text)
        self.faults += faults
        return None if faults else texts + [None] * (len(self.header) - len(texts))

    @contextmanager
    def _sheets(self) -> Iterator[tuple[Iterator[Cells], Iterator[Cells] | None, list[Any]]]:
        """Opens the first visible sheet's rows by value, by formula where it has any, and
        the other visible sheets.
        """
        with seekable(self._path) as stream:
            has_formulas = _check_archive(stream, self._path.name)
            try:
                values = self._chosen(_visible_sheets(stream, data_only=True))
                if not values:
                    raise UnreadableFile(
                        self._path.name, "has no visible sheet with cells; save the data in one"
                    )
                formulas = (
                    self._chosen(_visible_sheets(stream, data_only=False))[0].iter_rows()
                    if has_formulas
                    else None
                )
                self.is_from_1904 = values[0].parent.epoch.year == _OTHER_EPOCH
                yield values[0].iter_rows(), formulas, values[1:]
            except UnreadableFile:
                raise
            except Exception as error:  # openpyxl raises nearly anything on a damaged workbook
                raise UnreadableFile(
                    self._path.name, "is damaged or no XLSX workbook; save it again as .xlsx"
                ) from error

    def _chosen(self, sheets: list[Any]) -> list[Any]:
        found = [sheet for sheet in sheets if self._sheet in (None, sheet.title)]
        if sheets and not found:
            titles = ", ".join(repr(sheet.title) for sheet in sheets)
            raise UnreadableFile(
                self._path.name,
                f"has no visible sheet {self._sheet!r}, only {titles}; correct `sheet` or the file",
            )
        return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences openpyxl's warnings about what it skips (styles, links, macros); never held
    while a consumer works.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _visible_sheets(stream: BinaryIO, *, data_only: bool) -> list[Any]:
    import openpyxl  # noqa: PLC0415 - most months have no workbook, and importing takes a fifth of a second

    with _quiet():
        book = openpyxl.load_workbook(stream, read_only=True, data_only=data_only, keep_links=False)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        sheet.reset_dimensions()  # the size that the file states may be wrong
    return sheets


def _check_archive(stream: BinaryIO, name: str) -> bool:
    """Refuses archive bombs and files that are not archives; says whether any sheet has formulas."""
    if stream.read(4) == _OLE:
        raise UnreadableFile(
            name, "is protected by a password or an old .xls; save it as .xlsx without a password"
        )
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES or any(map(_is_excessive, parts)):
                raise UnreadableFile(name, "unpacks to more than a workbook should; export it as CSV")
            return any(_has_formulas(archive, part) for part in parts if _is_sheet(part))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(name, "is damaged or no XLSX workbook; save it again as .xlsx") from error


def _is_sheet(part: zipfile.ZipInfo) -> bool:
    return "worksheets/" in part.filename and part.filename.endswith(".xml")


def _is_excessive(part: zipfile.ZipInfo) -> bool:
    swollen = part.file_size > RATIO_FROM_BYTES and part.file_size > MAX_RATIO * max(part.compress_size, 1)
    return swollen or (part.file_size > MAX_PART_BYTES and not _is_sheet(part))


def _has_formulas(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    tail = b""
    with archive.open(part) as xml:
        while chunk := xml.read(1 << 20):
            if _FORMULA.search(tail + chunk):
                return True
            tail = chunk[-64:]
    return False


def _filled_rows(
    values: Iterator[Cells], formulas: Iterator[Cells] | None = None
) -> Iterator[tuple[int, Cells]]:
    """Numbers the rows and leaves out empty ones; formulas that have no value stand in their empty cells."""
    for number, row in enumerate(values, start=1):
        cells = row if formulas is None else tuple(map(_value_or_formula, row, next(formulas)))
        width = len(cells)
        while width and cells[width - 1].value is None:
            width -= 1
        if width or number > MAX_ROWS:
            yield number, cells[:width]


def _value_or_formula(value: Any, formula: Any) -> Any:
    stored = (
        value.value is not None or value.data_type == "str"
    )  # "str" is a formula's stored text, here the empty one
    return value if stored or formula.data_type != "f" else formula


def _cell_text(cell: Any) -> tuple[str | None, str | None]:
    """Gives a cell's text and what is wrong with it, if anything."""
    value = cell.value
    if value is None:
        return None, None
    if cell.data_type == "f":
        return str(getattr(value, "text", value)), _NO_VALUE
    if cell.data_type == "e":
        return str(value), _ERROR
    if isinstance(value, str):
        text = _CONTROL.sub(lambda code: chr(int(code[1], 16)), value)
        return text, text_problem(text)
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, int):
        return str(value), None if abs(value) < _INEXACT_FROM else _TOO_LONG
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat(), None
    return value.isoformat() if hasattr(value, "isoformat") else str(value), None


def _float_text(value: float) -> tuple[str, str | None]:
    shown = Decimal(format(value, ".15g"))
    if not shown.is_finite():
        return str(value), _ERROR
    if abs(shown) >= _INEXACT_FROM:
        return str(int(value)), _TOO_LONG
    text = format(shown, "f")
    return ("0" if shown == 0 else text.rstrip("0").rstrip(".") if "." in text else text), None

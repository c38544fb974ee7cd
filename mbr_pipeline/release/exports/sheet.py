"""A table as a workbook of one sheet, and reading it back from its XML.

What belongs here: XLSX. What does not: what is in a table, and CSV (``files``).

Numbers are numbers, but one with more digits than a spreadsheet holds, which is text: nothing is rounded.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from decimal import Context, Decimal
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.release.exports.cells import Cell, shown

_NO_TIME = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"
_TIMES = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_NOT_OF_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a reference."""

_MOST_TEXT = 32_767
"""Characters of a cell; the library would drop the rest."""

_MOST_DIGITS = 15
_SHOWN = Context(prec=_MOST_DIGITS)


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write a workbook; equal tables give equal bytes.

    Raises:
        ConfigError: A text is longer than a cell may be.
    """
    for text in (_visible(shown(cell)) for row in rows for cell in row if isinstance(cell, str)):
        if len(text) > _MOST_TEXT:
            raise ConfigError(
                f"a text of {len(text):,} characters is more than a cell of a workbook holds"
                f" ({_MOST_TEXT:,}): export to csv, or shorten it: {text[:60]!r} …"
            )
    book = Workbook(write_only=True)
    page = book.create_sheet(path.stem)
    page.append(list(columns))
    for row in rows:
        page.append([_made(page, cell) for cell in row])
    by_library = BytesIO()
    book.save(by_library)
    with zipfile.ZipFile(by_library) as source, zipfile.ZipFile(path, "w") as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            # the library writes when a workbook was made
            target.writestr(info, _TIMES.sub(b"", content) if name == _CORE else content, compresslevel=6)


def read(path: Path, columns: int) -> list[list[str]]:
    """Return the characters of all cells.

    Raises:
        MbrError: A cell is a formula.
    """
    with zipfile.ZipFile(path) as book:
        # our own file, written a moment ago
        page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    found = []
    for row in page.iter(f"{_MAIN}row"):
        cells = [""] * columns
        for cell in row:
            if cell.find(f"{_MAIN}f") is not None:
                raise MbrError(f"{path}: a cell became a formula: nothing was exported")
            is_text = cell.get("t") == "inlineStr"
            value = _text(cell) if is_text else _number(cell.findtext(f"{_MAIN}v", ""))
            letters, _ = coordinate_from_string(cell.get("r", ""))
            cells[column_index_from_string(letters) - 1] = value
        found.append(cells)
    return found


def is_same(text: str, cell: Cell) -> bool:
    """Whether what was read is what a cell says."""
    if isinstance(cell, Decimal):
        return Decimal(text) == cell
    return text == _visible(shown(cell))


def _made(page: object, cell: Cell) -> object:
    if isinstance(cell, Decimal) and len(cell.as_tuple().digits) <= _MOST_DIGITS:
        made = WriteOnlyCell(page, value=cell)  # type: ignore[arg-type]
        exponent = cell.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        made.number_format = f"0.{'0' * places}" if places else "0"
        return made
    return _visible(shown(cell)) or None


def _visible(text: str) -> str:
    """Text as XML can hold it: without control characters, and with one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_OF_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _number(text: str) -> str:
    """The number that a spreadsheet shows: the library writes 0.085 as 0.08500000000000001."""
    return format(_SHOWN.create_decimal(text), "f") if text else ""


def _text(element: ElementTree.Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{_MAIN}t"))

"""The beginning of a vendor's file: its encoding, the line of its headings, and its first rows.

What belongs here: encoding, delimiter, line of the headings, sheets. What does not: what the
columns mean (``headings``, ``styles``).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from connectors.files.delimited import DelimitedFile
from connectors.files.opening import open_records
from connectors.files.records import EXTRA, RecordFile, UnreadableFile
from connectors.files.streams import unpacked
from connectors.files.xlsx import XlsxFile
from connectors.mapped.words import TODO

_BYTES = 1 << 20
_ROWS = 2_000
_LOOKED_AT = 200
_SHEET_ROWS = 20
_DELIMITERS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?[0-9][0-9.,' \u00a0\u202f:/-]*\W?\w{0,3}\)?")
_LETTERS = frozenset("äöüßÄÖÜáàâãåæçéèêëíìîïñóòôõøœúùûýÿÁÀÂÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÕØŒÚÙÛÝ")
_SIGNS = frozenset("€£§°–—’‘“”„«»®™©µ×½²³\u00a0…·¿¡")


@dataclass
class Sample:
    """What was seen.

    Attributes:
        settings: Words of the profile that say how the file is read; a TODO marks what the file does not
            show.
        why: The reason of each.
        headings: The vendor's columns in their order.
        rows: The first rows, by heading; empty cells are left out.
        notes: What else a person should know.
    """

    settings: dict[str, str]
    why: dict[str, str]
    headings: tuple[str, ...] = ()
    rows: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def values(self, heading: str) -> list[str]:
        """Return the texts of a column that are not empty."""
        return [row[heading] for row in self.rows if row.get(heading)]


def take_sample(path: Path) -> Sample:
    """Look at the beginning of a CSV or XLSX file.

    Raises:
        UnreadableFile: It is neither, or its beginning cannot be read.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".xlsx"):
        sample, file = _sheet(path)
    elif name.endswith(".csv"):
        sample, file = _text(path)
    else:
        raise UnreadableFile(
            path.name, "is no .csv or .xlsx, also with .gz; export one of these, or rename it"
        )
    sample.headings = file.header
    batches = file.batches()
    while len(sample.rows) < _ROWS and (batch := next(batches, None)) is not None:
        packed = [json.loads(text) if text else {} for text in batch.column(EXTRA).to_pylist()]
        sample.rows += [{name: text.strip() for name, text in row.items()} for row in packed if row]
    sample.rows = sample.rows[:_ROWS]
    sample.notes += (
        [f"{len(file.faults)} of its first rows cannot be read, the first in line {file.faults[0].line}"]
        if file.faults
        else []
    )
    if not sample.rows:
        raise UnreadableFile(path.name, "has no rows below its headings; take a sample with some")
    return sample


def _sheet(path: Path) -> tuple[Sample, RecordFile]:
    titles = [
        warning.split(" is not read")[0].removeprefix("sheet ") for warning in open_records(path, ()).warnings
    ]
    found = [XlsxFile(path, (), header_row=row) for row in range(1, _SHEET_ROWS + 1)]
    widths = [len([name for name in file.header if name]) for file in found]
    best = next(
        (at for at, file in enumerate(found) if widths[at] == max(widths) and _is_header(file.header)), 0
    )
    sample = Sample({}, {})
    if best:
        sample.settings["header_row"], sample.why["header_row"] = (
            str(best + 1),
            "the first row that is filled with names",
        )
    if titles:
        sample.settings["sheet"] = f"{TODO} which one"
        sample.why["sheet"] = f"there are more than the first, which is shown here: {', '.join(titles)}"
    return sample, found[best]


def _text(path: Path) -> tuple[Sample, RecordFile]:
    with unpacked(path) as stream:
        data = stream.read(_BYTES)
        is_cut = bool(stream.read(1))
    sample = Sample({}, {})
    encoding, text = _encoding(data, is_cut, sample)
    lines = list(islice(io.StringIO(text, newline=""), _LOOKED_AT * 4))
    delimiter = _delimiter(lines, sample)
    header_row = _header_row(_records(lines, delimiter), sample)
    return sample, DelimitedFile(path, encoding, delimiter, header_row)


def _encoding(data: bytes, is_cut: bool, sample: Sample) -> tuple[str, str]:
    """Return what the text is read as here, and the text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        sample.settings["encoding"], sample.why["encoding"] = "utf-16", "its first bytes say so"
        return "utf-16", data[: len(data) // 2 * 2].decode("utf-16", "replace")
    for encoding, zeros in (("utf-16-le", data[1:400:2]), ("utf-16-be", data[0:400:2])):
        if len(zeros) > 1 and zeros.count(0) > len(zeros) // 2:
            sample.settings["encoding"], sample.why["encoding"] = encoding, "every other byte is zero"
            return encoding, data[: len(data) // 2 * 2].decode(encoding, "replace")
    try:
        text = (data[: data.rfind(b"\n") + 1] if is_cut else data).decode("utf-8-sig")
        sample.settings["encoding"] = "utf-8"
        sample.why["encoding"] = (
            "it has only ASCII" if text.isascii() else "its umlauts and accents are UTF-8"
        )
        return "utf-8", text
    except UnicodeDecodeError:
        pass
    likely = [encoding for encoding in ("cp1252", "cp850", "mac-roman") if _is_western(data, encoding)]
    encoding = likely[0] if len(likely) == 1 else "iso-8859-1"  # which reads any bytes: for looking only
    text = data.decode(encoding)
    word = next((word for word in re.findall(r"\w+", text) if not word.isascii()), "")
    if len(likely) == 1:
        sample.settings["encoding"], sample.why["encoding"] = (
            encoding,
            f"not UTF-8, and it reads well: {word[:40]}",
        )
    else:
        sample.settings["encoding"] = TODO
        sample.why["encoding"] = (
            f"not UTF-8: {' or '.join(likely) or 'cp1250, iso-8859-2 or another'}; as iso-8859-1 it has"
            f" {word[:40]}"
        )
    return encoding, text


def _is_western(data: bytes, encoding: str) -> bool:
    """Whether the bytes make western letters and signs in this encoding, and no sign is inside a word."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return all(c.isascii() or c in _LETTERS or c in _SIGNS for c in set(text)) and not re.search(
        r"[^\W\d_][€£§°®™©µ×½²³¿¡·][^\W\d_]", text
    )


def _records(lines: list[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the first records with the physical line that each begins on; blank lines are skipped."""
    reader = csv.reader(lines, delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in islice(reader, _LOOKED_AT):
            if any(cell.strip() for cell in cells):
                found.append((line, cells))
            line = reader.line_num + 1
    except csv.Error:  # a quote that never closes: use what came before
        pass
    return found


def _delimiter(lines: list[str], sample: Sample) -> str:
    widths = {mark: _width(_records(lines, mark)) for mark in _DELIMITERS}
    most = max(widths.values())
    best = [mark for mark in _DELIMITERS if widths[mark] == most]
    names = {mark: "tab" if mark == "\t" else mark for mark in _DELIMITERS}
    if most > 1 and len(best) == 1:
        sample.settings["delimiter"], sample.why["delimiter"] = names[best[0]], f"it makes {most} columns"
    else:
        sample.settings["delimiter"] = TODO
        sample.why["delimiter"] = (
            f"nothing tells which of {' '.join(names.values())}; shown here with {names[best[0]]}"
        )
    return best[0]


def _width(records: list[tuple[int, list[str]]]) -> int:
    """Return the number of cells that most records with several cells have, 1 where few have several."""
    counts = Counter(len(cells) for _, cells in records if len(cells) > 1)
    return counts.most_common(1)[0][0] if sum(counts.values()) * 2 >= len(records) and counts else 1


def _header_row(records: list[tuple[int, list[str]]], sample: Sample) -> int:
    width = _width(records)
    named = next((line for line, cells in records if len(cells) >= width and _is_header(tuple(cells))), None)
    if named is None:
        sample.settings["header_row"], sample.why["header_row"] = TODO, "no line looks like headings"
        return 1
    if named > 1:
        sample.settings["header_row"], sample.why["header_row"] = (
            str(named),
            "the first line that is filled with names",
        )
    return named


def _is_header(cells: tuple[str, ...]) -> bool:
    """Whether cells look like headings: mostly filled, each another text, and none a number or date."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return (
        len(filled) * 10 >= len(cells) * 6
        and len(set(filled)) == len(filled)
        and not any(map(_NUMBER.fullmatch, filled))
    )

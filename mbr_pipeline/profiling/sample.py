"""The beginning of a vendor's file: its encoding, the line of its headings, and its first rows.

What belongs here: encoding, delimiter, line of the headings, sheets. What does not: what the
columns mean (``headings``, ``styles``).
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.files.delimited import DelimitedFile
from connectors.files.opening import open_records
from connectors.files.records import EXTRA, RecordFile, UnreadableFile
from connectors.files.streams import unpacked
from connectors.files.xlsx import XlsxFile
from connectors.mapped.headings import named
from connectors.mapped.values import bare
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.decided.held import AS_ANSWERED, Held
from mbr_pipeline.profiling.heading_line import heading_line, width_of
from mbr_pipeline.profiling.total_rows import set_footer_apart, set_inner_totals_apart, set_totals_apart
from mbr_pipeline.safe_text import shortened

_BYTES = 1 << 20
_ROWS = 2_000
_SHOWN = 5
_LOOKED_AT = 200
_SHEET_ROWS = 20
_DELIMITERS = (",", ";", "\t", "|")
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
        totals: Rows that add up others, which are not among ``rows``.
        sections: Texts of rows that have nothing but a first cell which rows below leave empty; these are not
            among ``rows`` either.
        above: The lines above the headings.
        notes: What else a person should know.
        absent: By heading the texts that say that nothing is there, which are empty in ``rows``.
    """

    settings: dict[str, Any]
    why: dict[str, str]
    headings: tuple[str, ...] = ()
    rows: list[dict[str, str]] = field(default_factory=list)
    totals: list[dict[str, str]] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    above: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    name: str = ""
    absent: dict[str, list[str]] = field(default_factory=dict)

    def values(self, heading: str) -> list[str]:
        """Return the texts of a column that are not empty."""
        return [row[heading] for row in self.rows if row.get(heading)]


def take_sample(path: Path, held: Held | None = None) -> Sample:
    """Look at the beginning of a CSV or XLSX file, read as is decided; only at rows that are to be read, if
    any of them is.

    Raises:
        UnreadableFile: It is neither, or its beginning cannot be read.
    """
    held = held or Held()
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".xlsx"):
        sample, file = _sheet(path, held)
    elif name.endswith(".csv"):
        sample, file = _text(path, held)
    else:
        raise UnreadableFile(
            path.name, "is no .csv or .xlsx, also with .gz; export one of these, or rename it"
        )
    sample.headings, sample.name = file.header, path.name
    batches = file.batches()
    while len(sample.rows) < _ROWS and (batch := next(batches, None)) is not None:
        packed = [json.loads(text) if text else {} for text in batch.column(EXTRA).to_pylist()]
        sample.rows += [{name: bare(text) for name, text in row.items()} for row in packed if row]
    sample.rows = sample.rows[:_ROWS]
    set_totals_apart(sample)
    set_footer_apart(sample)
    set_inner_totals_apart(sample)
    sample.rows = [row for row in sample.rows if held.is_read(row)] or sample.rows
    twice = [h.removesuffix("#2") for h in sample.headings if h.endswith("#2")]
    sample.notes += [f"“{h}” is the heading of several columns: {h}#1 is the first of them" for h in twice]
    sample.notes += (
        [f"{len(file.faults)} of its first rows cannot be read, the first in line {file.faults[0].line}"]
        if file.faults
        else []
    )
    if not sample.rows and file.faults:
        first = file.faults[0]
        where = f"line {first.line}, {first.column or 'the whole row'}"
        raise UnreadableFile(path.name, f"none of its rows can be read, the first in {where}: {first.reason}")
    if not sample.rows and not any(sample.headings):
        raise UnreadableFile(path.name, "is empty; export it again, or leave it out")
    if not sample.rows:
        shown = shortened(", ".join(list(filter(None, sample.headings))[:_SHOWN]))
        told = f"has headings ({shown}) and no row below them; take a file with some, or leave it out"
        raise UnreadableFile(path.name, told)
    return sample


def said_above(sample: Sample) -> Iterator[tuple[str, str]]:
    """Give the labels of the lines above the headings with what stands beside them, or behind a colon."""
    for cells in sample.above:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if len(filled) == 1 and ":" in filled[0]:
            filled = [part.strip() for part in filled[0].split(":", 1)]
        if len(filled) == 2 and all(filled):
            yield filled[0].rstrip(":"), filled[1]


def _sheet(path: Path, held: Held) -> tuple[Sample, RecordFile]:
    titles = [
        warning.split(" is not read")[0].removeprefix("sheet ") for warning in open_records(path, ()).warnings
    ]
    sheet = held.text("sheet")
    with suppress(UnreadableFile):
        return _sheet_called(path, held, sheet, titles)
    return _sheet_called(path, held, None, titles)


def _sheet_called(path: Path, held: Held, sheet: str | None, titles: list[str]) -> tuple[Sample, RecordFile]:
    found = {1: XlsxFile(path, (), sheet=sheet, header_row=1).header}
    for row in range(2, _SHEET_ROWS + 1):
        with suppress(UnreadableFile):  # a cell that no heading can be may stand in a row of data
            found[row] = XlsxFile(path, (), sheet=sheet, header_row=row).header
    lines = [(row, list(header)) for row, header in found.items() if any(header)]
    line = _answered_line(held) or heading_line(lines) or 1
    sample = Sample({}, {})
    if found.get(line) != found[1]:
        sample.settings["header_row"], sample.why["header_row"] = (
            str(line),
            "the row that is as wide as the table and filled with names",
        )
        sample.above = [cells for at, cells in lines if at < line]
    if titles and sheet is None:
        sample.settings["sheet"] = f"{TODO} which one"
        sample.why["sheet"] = f"there are more than the first, which is shown here: {', '.join(titles)}"
    return sample, XlsxFile(path, (), sheet=sheet, header_row=line, percents=True, names=named)


def _answered_line(held: Held) -> int | None:
    line = held.text("header_row") or ""
    return int(line) if line.isascii() and line.isdecimal() and 0 < int(line) <= _LOOKED_AT else None


def _text(path: Path, held: Held) -> tuple[Sample, RecordFile]:
    with unpacked(path) as stream:
        data = stream.read(_BYTES)
        is_cut = bool(stream.read(1))
    sample = Sample({}, {})
    encoding, text = _answered_encoding(data, is_cut, sample, held) or _encoding(data, is_cut, sample)
    lines = list(islice(io.StringIO(text, newline=""), _LOOKED_AT * 4))
    delimiter = _delimiter(lines, sample, held)
    records = _records(lines, delimiter)
    line = _answered_line(held) or heading_line(records)
    if line is None:
        sample.settings["header_row"], sample.why["header_row"] = TODO, "no line looks like headings"
    elif line > 1:
        sample.settings["header_row"], sample.why["header_row"] = (
            str(line),
            "the line that is as wide as the table and filled with names",
        )
        sample.above = [cells for at, cells in records if at < line]
    return sample, DelimitedFile(path, encoding, delimiter, line or 1, names=named)


def _answered_encoding(data: bytes, is_cut: bool, sample: Sample, held: Held) -> tuple[str, str] | None:
    """Return the encoding that a person named, and the text; None if that cannot read it."""
    encoding = held.text("encoding")
    if encoding in (None, "utf-8", "utf-16"):  # which the bytes show themselves
        return None
    try:
        text = codecs.getincrementaldecoder(encoding or "")().decode(data, final=not is_cut)
    except (LookupError, UnicodeError):
        return None
    sample.settings["encoding"], sample.why["encoding"] = encoding, AS_ANSWERED
    return encoding or "", text


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
    """Whether the bytes make western letters and signs in this encoding, no sign inside a word, and no such
    letter alone behind a number, where a currency's sign may be.
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return all(c.isascii() or c in _LETTERS or c in _SIGNS for c in set(text)) and not re.search(
        r"[^\W\d_][€£§°®™©µ×½²³¿¡·][^\W\d_]|[0-9] ?[À-ÿ](?!\w)|[a-z][ÄÖÜÁÀÂÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÕØŒÚÙÛÝ](?![A-Z])",
        text,
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


def _delimiter(lines: list[str], sample: Sample, held: Held) -> str:
    names = {mark: "tab" if mark == "\t" else mark for mark in _DELIMITERS}
    said = held.text("delimiter") or ""
    if len(said) == 1 or said == "tab":
        sample.settings["delimiter"], sample.why["delimiter"] = said, AS_ANSWERED
        return "\t" if said == "tab" else said
    widths = {mark: width_of(_records(lines, mark)) for mark in _DELIMITERS}
    most = max(widths.values())
    best = [mark for mark in _DELIMITERS if widths[mark] == most]
    if most > 1 and len(best) == 1:
        sample.settings["delimiter"], sample.why["delimiter"] = names[best[0]], f"it makes {most} columns"
    else:
        sample.settings["delimiter"] = TODO
        sample.why["delimiter"] = (
            f"nothing tells which of {' '.join(names.values())}; shown here with {names[best[0]]}"
        )
    return best[0]

"""Delimited text as vendors write it: any declared encoding and delimiter, with lines above the headings.

What belongs here: turning such text into UTF-8 on the way, and finding the headings. What does not: records
and their lines (``csv_exact``), and CSV in the project's own form, which is read faster (``csv_fast``).
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from connectors.files.csv_exact import ExactCsv
from connectors.files.layout import Layout
from connectors.files.records import MAX_COLUMNS, Fault, UnreadableFile
from connectors.files.streams import MARK, LineBlocks, unpacked
from connectors.safe_text import clip, text_problem

ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1250",
    "cp850",
    "cp437",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "mac-roman",
)
"""The encodings that a profile may declare."""

Names = Callable[[Sequence[str]], Sequence[str]]
"""What the headings of a file are called, by their texts as they stand."""

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_BATCH_RECORDS = 20_000
_EXTRA_CELLS = "more cells than the header; quote cells that contain the delimiter"


class DelimitedFile:
    """A text file of separated cells as a ``RecordFile`` without expected columns: all its
    values are in ``_extra``.

    The headings are the first line that is not blank, from physical line ``header_row`` on; what is above it
    is kept in ``above``, by line, and is no record.
    """

    header_is_final = True

    def __init__(
        self, path: Path, encoding: str, delimiter: str, header_row: int = 1, names: Names = tuple
    ) -> None:
        """Reads the headings; ``names`` says what they are called.

        Raises:
            UnreadableFile: The file cannot be opened, is not of this encoding, or its headings are no text.
        """
        self.faults: list[Fault] = []
        self.warnings: list[str] = []
        self.above: list[tuple[int, list[str]]] = []
        self._path, self._encoding, self._delimiter, self._header_row = path, encoding, delimiter, header_row
        self.header: tuple[str, ...] = ()
        with unpacked(path) as stream:
            blocks, exact = self._beginning(stream)
            self.header = tuple(names(self._read_header(blocks, exact)))
        self._layout = Layout(self.header, ())

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the records; see ``RecordFile``."""
        if not self.header:
            return
        with unpacked(self._path) as stream:
            blocks, exact = self._beginning(stream)
            self._read_header(blocks, exact)
            while _loaded(blocks, exact):
                yield self._batch(blocks, exact)

    def _beginning(self, stream: BinaryIO) -> tuple[LineBlocks, ExactCsv]:
        name = self._path.name
        blocks = LineBlocks(_Recoded(stream, self._encoding, name), name, lone_cr_ends_lines=True)  # type: ignore[arg-type]  # only read()
        exact = ExactCsv(blocks.next_block, name, self._delimiter)
        above = self._header_row - 1
        while above and (block := blocks.next_block()):
            lines = block.splitlines(keepends=True)
            skipped = min(above, len(lines))
            if not self.header:
                self._keep_above(lines[:skipped], exact.line)
            above -= skipped
            exact.load(b"".join(lines[skipped:]), exact.line + skipped)
        return blocks, exact

    def _keep_above(self, lines: list[bytes], first: int) -> None:
        """Keep the cells of lines above the headings, each line by itself: they are no records."""
        for number, line in enumerate(lines, start=first):
            text = line.decode("utf-8", "replace").rstrip("\r\n").lstrip(MARK)
            try:
                self.above += [(number, row) for row in csv.reader([text], delimiter=self._delimiter)]
            except csv.Error:
                continue

    def _read_header(self, blocks: LineBlocks, exact: ExactCsv) -> tuple[str, ...]:
        while _loaded(blocks, exact):
            record = exact.record()
            if record.is_blank_line():
                continue
            if record.cells is None or len(record.cells) > MAX_COLUMNS:
                raise UnreadableFile(
                    self._path.name,
                    f"line {record.line} has no headings; correct `header_row` or the delimiter",
                )
            problem = text_problem(record.text)
            if problem:
                raise UnreadableFile(
                    self._path.name,
                    f"the headings in line {record.line} are not {self._encoding}; correct `encoding`",
                )
            return tuple(cell.strip() for cell in record.cells)
        return ()

    def _batch(self, blocks: LineBlocks, exact: ExactCsv) -> pa.RecordBatch:
        width = len(self.header)
        lines: list[int] = []
        rows: list[list[str]] = []
        met = 0
        while met < _BATCH_RECORDS and exact.pending():
            met += 1
            record = exact.record()
            if record.is_blank_line():
                continue
            if record.cells is not None and len(record.cells) > width:
                self.faults.append(Fault(record.line, None, clip(record.cells[width]), _EXTRA_CELLS))
            elif record.cells is None or text_problem(record.text):
                self.faults += record.faults(self.header)
            else:
                lines.append(record.line)
                rows.append(record.cells + [""] * (width - len(record.cells)))
        return self._layout.batch_of_rows(lines, rows)


def _loaded(blocks: LineBlocks, exact: ExactCsv) -> bool:
    """Whether a line is left to read, which is loaded then."""
    while not exact.pending():
        block = blocks.next_block()
        if not block:
            return False
        exact.load(block, exact.line)
    return True


class _Recoded:
    """Bytes of a declared encoding, read as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str, name: str) -> None:
        self._stream, self._encoding, self._name = stream, encoding, name
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._begun = False

    def read(self, size: int) -> bytes:
        while True:
            chunk = self._stream.read(size)
            if not self._begun:
                self._refuse_other_mark(chunk)
                self._begun = True
            if self._encoding == "utf-8":  # its faults are those of single records
                return chunk
            try:
                text = self._decoder.decode(chunk, final=not chunk).encode("utf-8")
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    self._name, f"is not {self._encoding}; declare the encoding it was saved with"
                ) from error
            if text or not chunk:  # a chunk of nothing but half a character is not the end
                return text

    def _refuse_other_mark(self, chunk: bytes) -> None:
        marked = next((encoding for mark, encoding in _MARKS.items() if chunk.startswith(mark)), None)
        if marked and not self._encoding.startswith(marked):
            raise UnreadableFile(
                self._name, f"begins with the mark of {marked}; declare `encoding: {marked}`"
            )
        if self._encoding == "utf-16" and chunk and not marked:
            raise UnreadableFile(
                self._name, "has no byte order mark; declare `encoding: utf-16-le`, `utf-16-be` or another"
            )

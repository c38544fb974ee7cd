"""CSV files: comma, UTF-8, doubled quotes, line breaks allowed inside quotes.

What belongs here: the header and the choice, block by block, between Arrow's parser (regular blocks, about a
million records of 16 columns a second) and the csv module (``csv_exact``). What does not: typing values.

A quote inside an unquoted cell is an ordinary character to both parsers; text behind a closing quote,
which Arrow would join to the cell, is a fault. Arrow's result for a block is taken only if nothing
about it is irregular and every line break is either the end of a record or inside a cell, which also
proves that the block did not end inside quotes. Everything else goes through the exact path, so the
choice affects only speed.

Rules where RFC 4180 is silent: a line of nothing but whitespace is no record; a record with fewer cells than
the header has nulls for the rest; one with more is a fault, even if the surplus cells are empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from connectors.files.csv_exact import MAX_CELL_CHARACTERS, ExactCsv
from connectors.files.layout import Layout
from connectors.files.records import MAX_COLUMNS, Fault, UnreadableFile
from connectors.files.streams import LineBlocks, unpacked
from connectors.safe_text import text_problem

_BLANK_LINE = re.compile(rb"\n\r?\n")
_BATCH_RECORDS = 50_000


class CsvFile:
    """A CSV file as a ``RecordFile``."""

    header_is_final = True

    def __init__(self, path: Path, expected: tuple[str, ...], null_texts: tuple[str, ...] = ()) -> None:
        """Reads the header.

        Raises:
            UnreadableFile: The file cannot be opened, or its header is not UTF-8.
        """
        self.faults: list[Fault] = []
        self.warnings: list[str] = []
        self._path = path
        with unpacked(path) as stream:
            blocks = LineBlocks(stream, path.name, lone_cr_ends_lines=True)
            self.header = self._read_header(blocks, ExactCsv(blocks.next_block, path.name))
        self._layout = Layout(self.header, expected, null_texts)
        if len(self.header) == 1 and re.search("[;\t|]", self.header[0]):
            self.warnings.append(
                "the header has no comma but another separator; save the file as comma-separated"
            )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the records; see ``RecordFile``."""
        if not self.header:
            return
        with unpacked(self._path) as stream:
            blocks = LineBlocks(stream, self._path.name, lone_cr_ends_lines=True)
            exact = ExactCsv(blocks.next_block, self._path.name)
            self._read_header(blocks, exact)
            line, rest = exact.line, exact.rest()
            while block := rest + blocks.next_block():
                whole, rest = _split_at_even_quotes(block)
                batch = self._fast_batch(whole, line)
                if batch is not None:
                    line += whole.count(b"\n")
                    yield batch
                    continue
                exact.load(block, line)
                yield from self._exact_batches(exact, line + exact.loaded())
                line, rest = exact.line, exact.rest()

    def _read_header(self, blocks: LineBlocks, exact: ExactCsv) -> tuple[str, ...]:
        while True:
            if not exact.pending():
                block = blocks.next_block()
                if not block:
                    return ()
                exact.load(block, exact.line)
            record = exact.record()
            if not record.is_blank_line():
                break
        cells = record.cells
        if cells is None or len(cells) > MAX_COLUMNS:
            raise UnreadableFile(
                self._path.name, "the header is no CSV header; put the column names on the first line"
            )
        problem = text_problem(record.text)
        if problem:
            raise UnreadableFile(self._path.name, f"the header {problem}")
        return tuple(cell.strip() for cell in cells)

    def _fast_batch(self, block: bytes, line: int) -> pa.RecordBatch | None:
        if len(self.header) < 2 or _is_irregular(block) or _has_quotes_elsewhere(block):
            return None
        table = _parse_with_arrow(block, len(self.header))
        if table is None:
            return None
        columns = [column.combine_chunks() for column in table.columns]
        breaks = _line_breaks_inside(columns) if b'"' in block else None
        inside = pc.sum(breaks).as_py() or 0 if breaks is not None else 0
        if table.num_rows + inside != block.count(b"\n"):
            return None
        if any((pc.max(pc.binary_length(column)).as_py() or 0) > MAX_CELL_CHARACTERS for column in columns):
            return None  # perhaps too long: here bytes are counted, there characters
        lines = pa.array(range(line, line + table.num_rows), pa.int64())
        if breaks is not None:
            lines = pc.add(lines, pc.subtract(pc.cumulative_sum(breaks), breaks))
        return self._layout.batch(lines, columns)

    def _exact_batches(self, exact: ExactCsv, before: int) -> Iterator[pa.RecordBatch]:
        width = len(self.header)
        while exact.pending(before):
            lines: list[int] = []
            rows: list[list[str]] = []
            met = 0
            while exact.pending(before) and met < _BATCH_RECORDS:
                met += 1
                record = exact.record()
                if record.is_blank_line():
                    continue
                faults = record.faults(self.header)
                if faults or record.cells is None:
                    self.faults += faults
                    continue
                lines.append(record.line)
                rows.append(record.cells + [""] * (width - len(record.cells)))
            yield self._layout.batch_of_rows(lines, rows)


def _split_at_even_quotes(block: bytes) -> tuple[bytes, bytes]:
    """Cuts a block after the last line break that has an even number of quotes before it, if any has."""
    quotes, end = block.count(b'"'), len(block)
    while quotes % 2 and end:
        cut = block.rfind(b"\n", 0, end - 1) + 1
        quotes -= block.count(b'"', cut, end)
        end = cut
    return (block[:end], block[end:]) if end else (block, b"")


def _is_irregular(block: bytes) -> bool:
    return (
        b"\0" in block
        or (b"\r" in block and block.count(b"\r") != block.count(b"\r\n"))
        or block.startswith((b"\n", b"\r"))
        or _BLANK_LINE.search(block) is not None
    )


def _has_quotes_elsewhere(block: bytes) -> bool:
    """Whether any quote is neither at the beginning or end of a cell nor doubled inside a quoted one.

    Up to the first such quote, every second text between quotes is outside of quoted cells: it must begin and
    end with what separates cells, or be empty (between doubled quotes).
    """
    if b'"' not in block:
        return False
    first, *outside = block.split(b'"')[::2]
    ends = (b",", b"\n")
    if not (first == b"" or first.endswith(ends)):
        return True
    last = outside.pop() if outside else b""
    if last and not last.startswith((b",", b"\n", b"\r\n")):
        return True
    return any(
        text and not (text.startswith((b",", b"\n", b"\r\n")) and text.endswith(ends))
        for text in set(outside)
    )


def _parse_with_arrow(block: bytes, width: int) -> pa.Table | None:
    """Parses a block, or gives None if any record is ragged or not UTF-8."""
    names = [str(position) for position in range(width)]
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, column_names=names, block_size=len(block) + 1
            ),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=b'"' in block, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid:
        return None


def _line_breaks_inside(columns: list[pa.Array]) -> pa.Array:
    counts = [pc.fill_null(pc.count_substring(column, "\n"), 0) for column in columns]
    total = counts[0]
    for count in counts[1:]:
        total = pc.add(total, count)
    return pc.cast(total, pa.int64())

"""CSV records one by one with Python's csv module: the exact, slower path for whatever is irregular.

What belongs here: records with the physical line they begin on, their faults, and the way back after a
quote that never closes. What does not: header and schema, and the fast path (``csv_fast``), which must
give the same records.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass

from connectors.files.records import Fault, UnreadableFile
from connectors.files.streams import MAX_LINE_BYTES
from connectors.safe_text import clip, text_problem

MAX_CELL_CHARACTERS = 131_072
"""The csv module's own limit. A longer cell is nearly always caused by a quote that was never closed."""

MAX_REREAD_BYTES = 64 << 20
"""How much may be read again in one file after quotes that never close; a file full of them would otherwise
take for ever.
"""

_UNCLOSED = (
    f"a quote opened on this line is never closed, or a cell is longer than {MAX_CELL_CHARACTERS} characters;"
    " close the quote, and double every quote inside a quoted cell"
)
_GOES_ON = (
    "a cell that begins on this line goes on after its closing quote; double every quote inside a quoted"
    " cell, and write nothing between its last quote and the separator"
)
_EXTRA_CELLS = "more cells than the header; quote cells that contain a comma"


@dataclass(frozen=True)
class Record:
    """One record: the line it begins on, and its cells, or None in their place where its quotes
    are wrong, and how.
    """

    line: int
    cells: list[str] | None
    text: str
    wrong: str = _UNCLOSED

    def is_blank_line(self) -> bool:
        """Whether the line holds nothing but whitespace (a lone quoted empty cell is a record)."""
        return not self.text.strip()

    def faults(self, header: tuple[str, ...]) -> list[Fault]:
        """Everything that keeps the record from being handed on."""
        if self.cells is None:
            return [Fault(self.line, None, clip(self.text), self.wrong)]
        if len(self.cells) > len(header):
            return [Fault(self.line, None, clip(self.cells[len(header)]), _EXTRA_CELLS)]
        if text_problem(self.text) is None:
            return []
        problems = zip(header, self.cells, map(text_problem, self.cells), strict=False)
        return [Fault(self.line, name, clip(cell), problem) for name, cell, problem in problems if problem]


class ExactCsv:
    """Reads records from lines of bytes, pulling further blocks while a quoted cell runs on.

    Args:
        next_block: Gives further whole lines, or ``b""`` at the end.
        name: The file's name, for messages.
        delimiter: The character between cells.
    """

    def __init__(self, next_block: Callable[[], bytes], name: str, delimiter: str = ",") -> None:
        """Starts before line 1 with nothing loaded."""
        self.line = 1
        self._next_block = next_block
        self._name = name
        self._lines: list[bytes] = []
        self._at = 0
        self._begin = 0
        self._held = 0
        self._reread = 0
        self._ran_out = False
        self._reader = csv.reader(self, delimiter=delimiter, strict=True)
        self._misplaced = f"'{delimiter}' expected after"

    def load(self, block: bytes, line: int) -> None:
        """Takes whole lines of which the first is physical line ``line``; all earlier ones
        must be used up.
        """
        self._lines, self._at, self.line = block.splitlines(keepends=True), 0, line

    def pending(self, before: int | None = None) -> bool:
        """Whether loaded lines are left, or, with ``before``, such lines before that physical line."""
        return self._at < len(self._lines) and (before is None or self.line < before)

    def loaded(self) -> int:
        """How many loaded lines are left."""
        return len(self._lines) - self._at

    def rest(self) -> bytes:
        """Hands back the loaded lines that were not read."""
        rest = b"".join(self._lines[self._at :])
        self._lines, self._at = [], 0
        return rest

    def record(self) -> Record:
        """Reads the next record; call it only while ``pending()``.

        Where quotes are wrong, only the line that opens them is given up, and the next one is read afresh.

        Raises:
            UnreadableFile: So many quotes never close that no record can be trusted.
        """
        self._begin, self._held, self._ran_out = self._at, 0, False
        wrong = _UNCLOSED
        try:
            cells: list[str] | None = next(self._reader)
        except csv.Error as error:
            cells = None
            wrong = _GOES_ON if str(error).startswith(self._misplaced) else _UNCLOSED
        if cells is None or self._ran_out or (self._held > MAX_CELL_CHARACTERS and _has_long_cell(cells)):
            cells, self._at = None, self._begin + 1
            self._reread += self._held - len(self._lines[self._begin])
            if self._reread > MAX_REREAD_BYTES:
                raise UnreadableFile(
                    self._name, f"quotes never close in many places up to line {self.line}; export it anew"
                )
        lines = self._lines[self._begin : self._at]
        record = Record(self.line, cells, b"".join(lines).decode("utf-8", "surrogateescape"), wrong)
        self.line += len(lines)
        return record

    def __iter__(self) -> ExactCsv:
        """Makes the csv module take its lines from here."""
        return self

    def __next__(self) -> str:
        """Gives the csv module one more line of the current record."""
        if self._at == len(self._lines):
            self._lines, self._at, self._begin = self._lines[self._begin :], self._at - self._begin, 0
            self._lines += self._next_block().splitlines(keepends=True)
        if self._at == len(self._lines):
            self._ran_out = True
            raise StopIteration
        line = self._lines[self._at]
        self._at += 1
        self._held += len(line)
        if self._held > MAX_LINE_BYTES:
            raise csv.Error("record too long")
        return line.decode("utf-8", "surrogateescape")


def _has_long_cell(cells: list[str]) -> bool:
    return any(len(cell) > MAX_CELL_CHARACTERS for cell in cells)

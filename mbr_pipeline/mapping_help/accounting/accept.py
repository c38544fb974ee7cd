"""Adding rows that a person chose to accounting.csv and contacts.csv.

What belongs here: the checks of one row, and of rows together; a write of all or none. What does not: reading
a table (``table``), and how a file is written (``mbr_pipeline.mapping_help.accept``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept import Accepted, rules_locked, write_rows
from mbr_pipeline.mapping_help.accounting.lacking import FILE_OF, ID_OF, Kind
from mbr_pipeline.mapping_help.unmapped import table_rows
from mbr_pipeline.safe_text import short
from mbr_pipeline.values import id_form
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.rules import WORD_FILES, load_words
from mbr_pipeline.workspace.workspace import Workspace

_TABLE_OF: dict[Kind, str] = {"client": "dim_client", "product": "dim_product"}


@dataclass(frozen=True)
class WordRow:
    """A row as somebody wrote it: cells by column, without those left empty; ``line`` of a table, else 0."""

    kind: Kind
    cells: Mapping[str, str]
    line: int = 0


@dataclass(frozen=True)
class Added:
    """What was written by file, and how many rows stood there already."""

    accepted: tuple[Accepted, ...]
    already: int


class WrongWords(ConfigError):
    """Rows that cannot be added, each by its line and what is wrong with it; nothing was written."""

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        """Take the faults in the order of the rows."""
        super().__init__("; ".join(text for _, text in faults))
        self.faults = tuple(faults)


def known_ids(month: MonthPaths, kind: Kind) -> list[str]:
    """Return the clients or products of the month's last run."""
    return [row[ID_OF[kind]] for row in table_rows(month, _TABLE_OF[kind], columns=[ID_OF[kind]])]


def add_words(workspace: Workspace, month: MonthPaths, rows: Sequence[WordRow]) -> Added:
    """Add rows; one that stands there already, saying exactly this, is passed over.

    Raises:
        WrongWords: A client or product is not of the month, a cell is wrong, or a row about it says something
            else: all are named, and nothing is written.
    """
    with rules_locked(month):
        words = load_words(workspace.paths.root, month.msp_id)
        standing: dict[tuple[Kind, str], tuple[str, Mapping[str, Any]]] = {
            (kind, row[ID_OF[kind]]): (f"line {row['line']} of {file}.csv", row)
            for kind, file in FILE_OF.items()
            for row in words[file]
        }
        known = {kind: set(known_ids(month, kind)) for kind in FILE_OF}
        new: dict[str, list[dict[str, str]]] = {}
        faults: list[tuple[int, str]] = []
        already = 0
        for row in rows:
            identifier = id_form(row.cells[ID_OF[row.kind]])
            cells = {**row.cells, ID_OF[row.kind]: identifier}
            where, other = standing.get((row.kind, identifier), ("", None))
            if identifier not in known[row.kind]:
                run = f"{month.msp_id} {month.period.text}"
                faults.append((row.line, f"no {row.kind} {short(identifier)} in the last run of {run}"))
            elif isinstance(rule := _as_row(row.kind, cells), str):
                faults.append((row.line, rule))
            elif other is None:
                standing[row.kind, identifier] = (f"line {row.line} of the table", rule)
                new.setdefault(FILE_OF[row.kind], []).append(cells)
            elif any(rule[column] != other[column] for column in rule):
                faults.append((row.line, f"{short(identifier)} has another row, {where}: change that one"))
            else:
                already += 1
        if faults:
            raise WrongWords(faults)
        return Added(tuple(write_rows(month, new)), already)


def _as_row(kind: Kind, cells: Mapping[str, str]) -> dict[str, Any] | str:
    """Read cells as the file reads them; returns what is wrong where they cannot be."""
    filled = {column: cell for column, cell in cells.items() if cell.strip()}
    try:
        return WORD_FILES[FILE_OF[kind]].row.model_validate(filled).model_dump()
    except ValidationError as error:
        first = error.errors()[0]
        column = first["loc"][0] if first["loc"] else ""
        said = "is empty: fill it in" if first["type"] == "missing" else first["msg"]
        return f"{column} {said.removeprefix('Value error, ')}"

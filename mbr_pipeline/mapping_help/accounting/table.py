"""The list of what lacks words as one CSV table that a person fills in, and taking it.

What belongs here: columns, and what a filled-in cell means. What does not: the habits of spreadsheets
(``mbr_pipeline.mapping_help.table``) and whether a row can be added (``accept``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept_table import WrongRows
from mbr_pipeline.mapping_help.accounting.accept import Added, WordRow, WrongWords, add_words, known_ids
from mbr_pipeline.mapping_help.accounting.lacking import FILE_OF, ID_OF, Kind, Lacking
from mbr_pipeline.mapping_help.table import (
    FilledRow,
    KnownTexts,
    amount_of,
    exact,
    plain,
    read_table,
    without_apostrophe,
    write_cells,
)
from mbr_pipeline.safe_text import short
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

_PROPOSED = ("contact_name", "account_code", "tax_type")
_CELLS: dict[Kind, tuple[str, ...]] = {
    "client": ("contact_name",),
    "product": ("account_code", "tax_type", "item_name"),
}
FILLED_IN = (*_CELLS["client"], *_CELLS["product"])
"""The columns for a person, always written empty."""

COLUMNS = (
    "kind",
    "id",
    "name",
    "money",
    "currency",
    *(f"proposed_{name}" for name in _PROPOSED),
    "reason",
    *FILLED_IN,
    "msp_id",
    "period",
)
NEEDED = ("kind", "id", "contact_name", "account_code", "tax_type")
"""What a filled-in table must have; the other columns may have been removed."""


@dataclass(frozen=True)
class Taken:
    """What came of a table: what was added, how many rows nobody filled in, and the rows that were."""

    added: Added
    left: int
    rows: tuple[WordRow, ...]


def write_list(path: Path, month: MonthPaths, items: Iterable[Lacking]) -> None:
    """Write the list as a new file.

    Raises:
        ConfigError: There is one already: it may be filled in.
    """
    write_cells(path, COLUMNS, (_row(month, item) for item in items))


def _row(month: MonthPaths, item: Lacking) -> list[str]:
    return [
        item.kind,
        exact(item.id),
        plain(short(item.name)),
        " + ".join(amount_of(amount, currency) for currency, amount in item.money),
        " + ".join(currency for currency, _ in item.money),
        *(exact(item.proposal.get(name, "")) for name in _PROPOSED),
        plain(item.because),
        *[""] * len(FILLED_IN),
        exact(month.msp_id),
        exact(month.period.text),
    ]


def is_list(path: Path) -> bool:
    """Whether a table is of this list, as far as its headings say."""
    try:
        read_table(path, NEEDED, ())
    except ConfigError:
        return False
    return True


def take_list(workspace: Workspace, month: MonthPaths, path: Path) -> Taken:
    """Add the rows that a person filled in: all or none. The same table can be taken again.

    Raises:
        WrongRows: A row cannot be taken.
        ConfigError: The file is no such table, or no row is filled in.
    """
    rows = read_table(path, NEEDED, COLUMNS)
    filled = [row for row in rows if any(row.cell(column) for column in FILLED_IN)]
    if not filled:
        raise ConfigError(f"{path}: nothing is filled in: write contact_name, or account_code and tax_type")
    ids = {kind: KnownTexts(known_ids(month, kind)) for kind in FILE_OF}
    found: list[WordRow] = []
    faults: list[tuple[int, str]] = []
    for row in filled:
        read = _read(row, month, ids)
        if isinstance(read, str):
            faults.append((row.line, read))
        else:
            found.append(read)
    added = Added((), 0)
    try:
        if not faults:
            added = add_words(workspace, month, found)
    except WrongWords as wrong:
        faults += wrong.faults
    if faults:
        raise WrongRows(str(path), sorted(faults))
    return Taken(added, len(rows) - len(filled), tuple(found))


def _read(row: FilledRow, month: MonthPaths, ids: dict[Kind, KnownTexts]) -> WordRow | str:
    for column, own in (("msp_id", month.msp_id), ("period", month.period.text)):
        if without_apostrophe(row.cell(column)) not in ("", own):
            return f"{column} “{short(row.cell(column))}”: this is {own}: take the table of this one"
    kind: Kind | None = next((each for each in FILE_OF if each == row.cell("kind").casefold()), None)
    if kind is None:
        return f"kind “{short(row.cell('kind'))}”: write client or product"
    identifier = ids[kind].meant(row.cells.get("id", ""))
    if identifier is None:
        return (
            f"id “{short(row.cell('id'))}”: no {kind} of the last run: write it as `mbr map suggest"
            " --accounting --csv` does; a spreadsheet may have changed it"
        )
    odd = [column for column in FILLED_IN if row.cell(column) and column not in _CELLS[kind]]
    if odd:
        return f"{', '.join(odd)}: a {kind} has none: empty it"
    cells = {column: _meant(row.cell(column)) for column in _CELLS[kind]}
    return WordRow(kind, {ID_OF[kind]: identifier, **{k: v for k, v in cells.items() if v}}, row.line)


def _meant(cell: str) -> str:
    """Return the text of a cell: without the apostrophe that the table itself would have put before it."""
    bare = without_apostrophe(cell)
    return bare if exact(bare) == cell else cell

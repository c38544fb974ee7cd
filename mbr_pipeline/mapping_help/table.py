"""The worklist as one CSV table that a person fills in with a spreadsheet, and reading it back.

What belongs here: the columns, cells that survive a spreadsheet and start nothing in it, and the habits of
spreadsheets when they save (byte order mark, semicolons, other order, blank rows). What does not: what is in
the worklist (``worklist``) and whether a filled-in row is right (``accept_table``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.suggest import Suggestion
from mbr_pipeline.mapping_help.worklist import Item
from mbr_pipeline.safe_text import FORMULAS, neutral, short, visible
from mbr_pipeline.storage.atomic_files import replacing
from mbr_pipeline.values import id_form, minor_units
from mbr_pipeline.workspace.paths import MonthPaths

COLUMNS = (
    "kind",
    "source",
    "id",
    "term",
    "name",
    "money",
    "currency",
    "suggested",
    "suggested_name",
    "score",
    "reason",
    "other_1",
    "other_2",
    "accept",
    "units_per",
    "valid_from",
    "valid_to",
    "msp_id",
    "period",
)
"""The table's columns. ``accept`` is always written empty: a person decides."""

NEEDED = ("kind", "source", "id", "accept")
"""What a filled-in table must have; the other columns may have been removed."""

_NUMBER_AS_IT_IS = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
_LETTERS = re.compile(r"[^\W\d_]+")
# beside digits, spreadsheets of several languages take these for a month, a time or a power of ten
_BESIDE_DIGITS = re.compile(
    r"jan|fe[bv]|fév|m[aä]r|mrz|apr|avr|abr|ma[iyg]|jui?[nl]|giu|lug|aug|ao[uû]|ago|sep|set|o[ckt]t|out|nov"
    r"|de[czs]|déc|dic|ene|gen|mei|e$|am$|pm$"
)
_TRUTHS = frozenset(("true", "false", "wahr", "falsch", "vrai", "faux", "verdadero", "falso"))
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True)
class FilledRow:
    """One row of a table as it was read: its line, and its cells by column, as text; a column that the file
    lacks is empty.
    """

    line: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """The cell's text without blanks around it."""
        return self.cells.get(column, "").strip()


def exact(text: str) -> str:
    """Return an id as the table shows it: hidden characters written out, and an apostrophe before what a
    spreadsheet would compute or turn into a number, a date or a truth.
    """
    shown = visible(text, longest=len(text))
    if not shown or not (shown.startswith((*FORMULAS, "'")) or _is_read_as_value(shown.casefold())):
        return shown
    return f"'{shown}"


def _is_read_as_value(folded: str) -> bool:
    words = _LETTERS.findall(folded)
    if not words:
        return not _NUMBER_AS_IT_IS.fullmatch(folded)
    if not any(c.isdigit() for c in folded):
        return folded in _TRUTHS
    # 1e5 is a number, e5 is none
    return all(map(_BESIDE_DIGITS.match, words)) and not (words == ["e"] and folded.startswith("e"))


def plain(text: str) -> str:
    """Return words for people as a cell that no spreadsheet computes."""
    return neutral(visible(text))


def without_apostrophe(cell: str) -> str:
    """Return a cell without the apostrophe that makes a text of it."""
    return cell.removeprefix("'")


class KnownTexts:
    """Known ids, found by what a table's cell may have become in a spreadsheet."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Note the forms of every text, the surest first: as the table writes it, as it is, as written but
        without the apostrophe, then the first two without blanks around.
        """
        self._forms: list[dict[str, set[str]]] = [{}, {}, {}, {}, {}]
        for text in texts:
            written = exact(text)
            forms = (written, text, without_apostrophe(written), written.strip(), text.strip())
            for known, form in zip(self._forms, forms, strict=True):
                known.setdefault(form, set()).add(text)

    def meant(self, cell: str) -> str | None:
        """Return the one known text that a cell stands for; None if there is none, or if it could be two."""
        trimmed = cell.strip()
        bare = without_apostrophe(trimmed)
        for known in self._forms:
            for form in (cell, trimmed, bare, id_form(bare)):
                if found := known.get(form):
                    return next(iter(found)) if len(found) == 1 else None
        return None


def write_table(path: Path, month: MonthPaths, items: Iterable[Item]) -> None:
    """Write the worklist as a new file.

    Raises:
        ConfigError: There is one already: it may be filled in.
    """
    write_cells(path, COLUMNS, (_row(month, item) for item in items))


def write_cells(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write cells as a new file that spreadsheets open.

    Raises:
        ConfigError: There is one already: it may be filled in.
    """
    if path.exists() or path.is_symlink():
        raise ConfigError(f"{path}: is there already, and may be filled in: name another file or remove it")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    content = text.getvalue()
    # spreadsheets take a file for UTF-8 only where a byte order mark says so
    with replacing(path, newline="") as handle:
        handle.write(content if content.isascii() else f"\ufeff{content}")


def _row(month: MonthPaths, item: Item) -> list[str]:
    best = item.answer.suggestions[0] if item.answer.suggestions else None
    others = [one for one in item.answer.nearest if best is None or one.id != best.id][:2]
    place = item.place
    return [
        item.kind,
        exact(item.source),
        exact(item.id),
        exact(place.term),
        plain(" / ".join(short(name) for name in item.names)),
        " + ".join(amount_of(amount, currency) for currency, amount in item.costs),
        " + ".join(currency for currency, _ in item.costs),
        exact(best.id) if best else "",
        plain(best.name) if best else "",
        str(best.score) if best else "",
        plain(best.because if best else item.answer.doubt),
        *(_candidate(one) for one in others),
        *[""] * (2 - len(others)),
        "",  # accept
        "",  # units_per
        exact(str(place.valid_from)) if place.valid_from != month.period.start else "",
        exact(str(place.valid_to)) if place.valid_to else "",
        exact(month.msp_id),
        exact(month.period.text),
    ]


def amount_of(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency's minor units, as a plain number."""
    return str(amount.quantize(Decimal(1).scaleb(-minor_units()[currency])))


def _candidate(one: Suggestion) -> str:
    return plain(f"{one.id} {one.name or '(not in the PSA this month)'} ({one.score})")


def read_table(
    path: Path, needed: Sequence[str] = NEEDED, columns: Sequence[str] = COLUMNS
) -> list[FilledRow]:
    """Read a table that a person filled in; blank rows are passed over.

    Args:
        path: The file.
        needed: The columns that it must have.
        columns: Those that it may have once.

    Raises:
        ConfigError: It cannot be read as CSV, or a column is missing or there twice.
    """
    text = _text(path)
    first, _, rest = text.partition("\n")
    said = _SEPARATOR_LINE.fullmatch(first.strip())
    # the line that only names the separator stays counted: people look for the line an editor shows
    skipped = 1 if said else 0
    body = rest if said else text
    for delimiter in (said[1],) if said else (",", ";", "\t"):
        rows = list(_records(path, body, delimiter, skipped))
        header = [name.strip().casefold() for name in rows[0][1]] if rows else []
        if set(needed) <= set(header):
            break
    else:
        missing = " and ".join(name for name in needed if name not in header)
        raise ConfigError(f"{path}: line {skipped + 1}: no column {missing}: fill in the file of --csv")
    for name in columns:
        if header.count(name) > 1:
            raise ConfigError(f"{path}: line {rows[0][0]}: column {name!r} is there twice: keep one")
    found = []
    for line, cells in rows[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(header) :]):
            raise ConfigError(
                f"{path}: line {line}: more cells than columns: quote cells that hold {delimiter!r}"
            )
        found.append(FilledRow(line, dict(zip(header, cells, strict=False))))
    return found


def _records(path: Path, text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Every record with the line that it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line + skipped, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(
            f"{path}: line {line + skipped}: not a CSV file ({error}): save it as CSV UTF-8"
        ) from error


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): name the filled-in table") from error
    if content.startswith(b"PK\x03\x04"):
        raise ConfigError(f"{path}: is a workbook: save it as CSV UTF-8")
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text: save it as CSV UTF-8") from error

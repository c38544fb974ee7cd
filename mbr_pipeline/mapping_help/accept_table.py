"""Taking the rows that a person filled in of a table of the worklist: all of them, or none.

What belongs here: what each cell means for the month, and every fault of every row in one line. What does
not: reading the file (``table``) and writing rule files (``accept``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept import (
    MAP_OF,
    Accepted,
    Choice,
    known_targets,
    row_of,
    rules_locked,
    standing,
    unknown_target,
    vendor_sources,
    write_rows,
)
from mbr_pipeline.mapping_help.records import Kind, Thing, records
from mbr_pipeline.mapping_help.table import FilledRow, KnownTexts, read_table, without_apostrophe
from mbr_pipeline.safe_text import short
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.rules import RULE_FILES
from mbr_pipeline.workspace.workspace import Workspace

_KINDS: dict[str, Kind] = {"customer": "customer", "sku": "sku"}


@dataclass(frozen=True)
class Taken:
    """What came of a table: the rows written by file, how many were there already, and how many rows nobody
    filled in. ``cells``: file and cells of every row that stands there now as it was filled in.
    """

    accepted: tuple[Accepted, ...]
    already: int
    left: int
    cells: tuple[tuple[str, Mapping[str, str]], ...] = ()


class WrongRows(ConfigError):
    """Rows of a table that cannot be taken, each in one line; nothing was written. ``faults``: the line and
    what is wrong there.
    """

    def __init__(self, called: str, faults: Sequence[tuple[int, str]]) -> None:
        """Take the faults in the order of the table."""
        super().__init__(f"{called}: {len(faults)} wrong, nothing was written: correct the table, then again")
        self.faults = tuple(faults)
        self.lines = tuple(f"{called}: line {line}, {text}" for line, text in faults)


class _Wrong(Exception):
    """One fault of a row: the column, and what is wrong and what to do."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column


@dataclass(frozen=True)
class _New:
    """A row to add, read as the rule file would read it."""

    line: int
    kind: Kind
    cells: dict[str, str]
    rule: dict[str, Any]


def accept_table(workspace: Workspace, month: MonthPaths, path: Path) -> Taken:
    """Add the rows whose ``accept`` a person filled in, customers and SKUs in one round. A row that a rule
    file has already is passed over, so that the same table can be taken again.

    Raises:
        WrongRows: A row cannot be taken.
        ConfigError: The file is no such table, or no row is filled in.
    """
    return accept_rows(workspace, month, read_table(path), str(path))


def accept_rows(workspace: Workspace, month: MonthPaths, rows: Sequence[FilledRow], called: str) -> Taken:
    """Do the same with rows that were filled in elsewhere; ``called`` is how messages name the table.

    Raises:
        WrongRows: A row cannot be taken.
        ConfigError: No row is filled in.
    """
    filled = [row for row in rows if row.cell("accept")]
    if not filled:
        raise ConfigError(f"{called}: nothing is filled in: write a client_id or product_code into accept")
    with records(month, workspace.msp(month.msp_id)) as landed:
        things = landed.terms_by_thing()
    with rules_locked(month):
        reading = _Reading(workspace, month, things)
        found: list[_New] = []
        faults: list[tuple[int, str]] = []
        for row in filled:
            try:
                found.append(reading.new(row))
            except _Wrong as wrong:
                value = short(row.cell(wrong.column))
                faults.append((row.line, f"{wrong.column} “{value}”: {wrong}"))
        added, already, clashes = _without_clashes(found, workspace.rules(month.msp_id))
        faults += clashes
        if faults:
            raise WrongRows(called, sorted(faults))
        by_file: dict[str, list[dict[str, str]]] = {}
        for new in added:
            by_file.setdefault(MAP_OF[new.kind], []).append(new.cells)
        accepted = tuple(write_rows(month, by_file))
        cells = [(MAP_OF[new.kind], new.cells) for new in found]
        return Taken(accepted, already, len(rows) - len(filled), tuple(standing(workspace, month, cells)))


class _Reading:
    """Reads rows of a table against what is known of the month."""

    def __init__(self, workspace: Workspace, month: MonthPaths, things: dict[Thing, set[str]]) -> None:
        self._month = month
        self._vendors = vendor_sources(workspace, month)
        self._things = things
        self._ids: dict[tuple[Kind, str], KnownTexts] = {}
        for kind in _KINDS.values():
            for source in self._vendors:
                ids = [i for of_kind, of_source, i in things if (of_kind, of_source) == (kind, source)]
                self._ids[kind, source] = KnownTexts(ids)
        self._names = {kind: known_targets(workspace, month, kind) for kind in _KINDS.values()}
        self._targets = {kind: KnownTexts(names) for kind, names in self._names.items()}

    def new(self, row: FilledRow) -> _New:
        """Return the row to add, or raise what is wrong with it."""
        for column, own in (("msp_id", self._month.msp_id), ("period", self._month.period.text)):
            if without_apostrophe(row.cell(column)) not in ("", own):
                raise _Wrong(column, f"this is {own}: take the table of this one")
        kind = _KINDS.get(row.cell("kind").casefold())
        if kind is None:
            raise _Wrong("kind", "write customer or sku")
        source = without_apostrophe(row.cell("source"))
        if source not in self._vendors:
            raise _Wrong("source", f"bills or counts nothing: use one of {', '.join(self._vendors)}")
        identifier = self._ids[kind, source].meant(row.cells.get("id", ""))
        if identifier is None:
            what = "customer" if kind == "customer" else "SKU"
            raise _Wrong(
                "id",
                f"no bill or count of {source} has this {what}: write it as `mbr map suggest --csv` does; a"
                " spreadsheet may have changed it",
            )
        choice = Choice(
            kind,
            source,
            identifier,
            self._target(row, kind),
            self._term(row, kind, source, identifier),
            self._units_per(row, kind),
            without_apostrophe(row.cell("valid_from")),
            without_apostrophe(row.cell("valid_to")),
        )
        cells = row_of(choice, self._month.period.start)
        return _New(row.line, kind, cells, _as_rule(kind, cells))

    def _target(self, row: FilledRow, kind: Kind) -> str:
        cell = row.cell("accept")
        target = self._targets[kind].meant(cell)
        if target is not None:
            return target
        wanted = without_apostrophe(cell)
        raise _Wrong("accept", _hint(wanted, self._names[kind]) or unknown_target(self._month, kind, wanted))

    def _term(self, row: FilledRow, kind: Kind, source: str, identifier: str) -> str:
        cell = row.cell("term")
        if not cell:
            return ""
        if kind == "customer":
            raise _Wrong("term", "a customer has no term: empty it")
        terms = self._things[kind, source, identifier] - {""}
        term = KnownTexts(terms).meant(cell)
        if term is None:
            known = ", ".join(sorted(map(short, terms))) or "none"
            raise _Wrong("term", f"the SKU is billed with {known}: use one of these, or empty it for all")
        return term

    @staticmethod
    def _units_per(row: FilledRow, kind: Kind) -> str:
        cell = without_apostrophe(row.cell("units_per"))
        if cell and kind == "customer":
            raise _Wrong("units_per", "a customer has no units_per: empty it")
        return cell


def _hint(wanted: str, names: dict[str, str]) -> str:
    """Say what a cell that is no id probably means: a name, or an id that a spreadsheet changed."""

    def folded(text: str) -> str:
        return " ".join(text.casefold().split())

    by_name = [target for target, name in names.items() if name and folded(name) == folded(wanted)]
    if by_name:
        return f"is a name: write the id, {' or '.join(sorted(map(short, by_name)))}"
    alike = [target for target in names if folded(target).lstrip("0") == folded(wanted).lstrip("0")]
    if alike:
        return f"is no id, but {' or '.join(sorted(map(short, alike)))} is: write it so, as text"
    return ""


def _as_rule(kind: Kind, cells: dict[str, str]) -> dict[str, Any]:
    """Read cells as the rule file reads them."""
    try:
        model = RULE_FILES[MAP_OF[kind]].row.model_validate({k: v for k, v in cells.items() if v.strip()})
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else "valid_to"
        named = {"vendor_customer_id": "id", "sku_id": "id"}.get(column, column)
        column = "accept" if column in ("client_id", "product_code") else named
        raise _Wrong(column, first["msg"].removeprefix("Value error, ")) from error
    return model.model_dump()


def _without_clashes(
    found: Sequence[_New], rules: dict[str, Any]
) -> tuple[list[_New], int, list[tuple[int, str]]]:
    """Return the rows to add, how many hold already, and the lines that say something else than a row that
    holds on the same day, of a rule file or of the table.
    """
    holding: dict[tuple[str, ...], list[tuple[str, dict[str, Any]]]] = {}
    for kind, file in MAP_OF.items():
        for rule in rules[file].to_pylist():
            holding.setdefault(_key(kind, rule), []).append((f"line {rule['line']} of {file}.csv", rule))
    added: list[_New] = []
    clashes: list[tuple[int, str]] = []
    already = 0
    for new in found:
        others = holding.setdefault(_key(new.kind, new.rule), [])
        if any(
            _says(new.kind, rule) == _says(new.kind, new.rule) and _covers(rule, new.rule)
            for _, rule in others
        ):
            already += 1
            continue
        clash = next((where for where, rule in others if _overlap(rule, new.rule)), None)
        if clash is None:
            others.append((f"line {new.line} of the table", new.rule))
            added.append(new)
        else:
            thing = short(str(new.cells.get("vendor_customer_id") or new.cells.get("sku_id")))
            target = short(str(new.rule["client_id" if new.kind == "customer" else "product_code"]))
            clashes.append(
                (
                    new.line,
                    f"accept “{target}”: {clash} holds for {thing} on the same days: end one before the other"
                    " starts (valid_from, valid_to), or empty accept",
                )
            )
    return added, already, clashes


def _key(kind: Kind, rule: dict[str, Any]) -> tuple[str, ...]:
    columns = RULE_FILES[MAP_OF[kind]].row.KEY
    return (kind, *(rule[column] or "" for column in columns))


def _says(kind: Kind, rule: dict[str, Any]) -> tuple[Any, ...]:
    return (rule["client_id"],) if kind == "customer" else (rule["product_code"], rule["units_per"])


def _bounds(rule: dict[str, Any]) -> tuple[date, date]:
    return rule["valid_from"] or date.min, rule["valid_to"] or date.max


def _covers(rule: dict[str, Any], new: dict[str, Any]) -> bool:
    return _bounds(rule)[0] <= _bounds(new)[0] and _bounds(new)[1] <= _bounds(rule)[1]


def _overlap(rule: dict[str, Any], new: dict[str, Any]) -> bool:
    (start, end), (other_start, other_end) = _bounds(rule), _bounds(new)
    return max(start, other_start) < min(end, other_end)

"""Adding rows that a person chose to client_map.csv and sku_map.csv.

What belongs here: one choice of the command line, rows as CSV, the checks before they are written, and a
write that leaves everything else in the files as it was. What does not: choosing, and a table of choices
(``accept_table``). What is refused changes nothing.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.records import Kind
from mbr_pipeline.mapping_help.unmapped import psa_rows
from mbr_pipeline.storage.atomic_files import replacing
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.values import id_form, parse_date
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.rule_rows import CLIENT_WORDS, PRODUCT_WORDS
from mbr_pipeline.workspace.rules import RULE_FILES, WORD_FILES, RuleFile, rules_in
from mbr_pipeline.workspace.workspace import Workspace

_VENDOR_DATASETS = ("vendor_charges", "license_counts")

MAP_OF: dict[Kind, str] = {"customer": "client_map", "sku": "sku_map"}
"""The rule file of each kind of thing."""

TARGET: dict[Kind, str] = {"customer": "client", "sku": "product"}
"""What each kind of thing is mapped to."""

Rows = Mapping[str, Sequence[dict[str, str]]]
"""New rows by rule file, cells by column."""

_FILES = RULE_FILES | WORD_FILES


@dataclass(frozen=True)
class Accepted:
    """What was written: the file, and the new rows as written; none where what was chosen stood there
    already. ``cells`` are the cells of a single choice.
    """

    path: Path
    rows: tuple[str, ...]
    cells: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The new rows as lines."""
        return "\n".join(self.rows)


@dataclass(frozen=True)
class Choice:
    """What a person chose, as typed. An empty text means that the option was not given."""

    kind: Kind
    source: str
    id: str
    target: str
    term: str = ""
    units_per: str = ""
    valid_from: str = ""
    valid_to: str = ""


def accept(workspace: Workspace, month: MonthPaths, choice: Choice) -> Accepted:
    """Add the choice's row, from the month's first day if no other is given. One that stands there already is
    not added again.

    Raises:
        ConfigError: The source, the client or the product is unknown, a date is invalid, or the rules would
            contradict each other.
    """
    choice = replace(choice, id=id_form(choice.id), target=id_form(choice.target))
    if choice.source not in (vendors := vendor_sources(workspace, month)):
        raise ConfigError(
            f"source {choice.source!r} bills or counts nothing for {month.msp_id}: use one of"
            f" {', '.join(vendors)}"
        )
    if choice.target not in known_targets(workspace, month, choice.kind):
        raise ConfigError(unknown_target(month, choice.kind, choice.target))
    for option, text in (("--from", choice.valid_from), ("--to", choice.valid_to)):
        try:
            parse_date(text) if text else None
        except ValueError as error:
            raise ConfigError(f"{option}: {error}") from error
    name, cells = MAP_OF[choice.kind], row_of(choice, month.period.start)
    with rules_locked(month):
        if standing(workspace, month, [(name, cells)]):
            return Accepted(rule_path(month, name), (), cells)
        [done] = write_rows(month, {name: [cells]})
    return replace(done, cells=cells)


def standing(
    workspace: Workspace, month: MonthPaths, rows: Iterable[tuple[str, Mapping[str, str]]]
) -> list[tuple[str, Mapping[str, str]]]:
    """Return those of some rows (file and cells) that their file has already, saying exactly this."""
    rules = workspace.rules(month.msp_id)
    there: dict[str, set[tuple[Any, ...]]] = {}
    found = []
    for name, cells in rows:
        model = RULE_FILES[name].row
        columns = list(model.model_fields)
        if name not in there:
            present = [column for column in columns if column in rules[name].column_names]
            rows_there: list[dict[str, Any]] = rules[name].select(present).to_pylist()
            there[name] = {tuple(row.get(column) for column in columns) for row in rows_there}
        try:
            rule = model.model_validate({k: v for k, v in cells.items() if v.strip()}).model_dump()
        except ValidationError:
            continue
        if tuple(rule[column] for column in columns) in there[name]:
            found.append((name, cells))
    return found


def row_of(choice: Choice, start: date) -> dict[str, str]:
    """Return the cells of the row that a choice means; it begins on ``start`` unless it says otherwise."""
    if choice.kind == "customer":
        cells = {"vendor_customer_id": choice.id, "client_id": choice.target}
    else:
        cells = {"sku_id": choice.id, "term": choice.term, "product_code": choice.target}
        cells["units_per"] = choice.units_per
    dates = {"valid_from": choice.valid_from or str(start), "valid_to": choice.valid_to}
    return {"source": choice.source, **cells, **dates}


def vendor_sources(workspace: Workspace, month: MonthPaths) -> list[str]:
    """Return the sources that bill or count, in the order of ``mbr.yml``."""
    sources = workspace.msp(month.msp_id).sources
    return [name for name, source in sources.items() if set(source.datasets) & set(_VENDOR_DATASETS)]


def known_targets(workspace: Workspace, month: MonthPaths, kind: Kind) -> dict[str, str]:
    """Return what a row may name, with its name: what the PSA delivered for the month, what a row of the file
    names already, and the words for what is billed to nobody (contract §2.2).
    """
    table, column, name, words = (
        ("dim_client", "client_id", "client_name", CLIENT_WORDS)
        if kind == "customer"
        else ("dim_product", "product_code", "product_name", PRODUCT_WORDS)
    )
    rules: list[Any] = workspace.rules(month.msp_id)[MAP_OF[kind]][column].to_pylist()
    return (
        dict.fromkeys([target for target in rules if not target.startswith("!")], "")
        | {row[column]: row[name] or "" for row in psa_rows(month, workspace.msp(month.msp_id), table)}
        | dict.fromkeys(words, "")
    )


def unknown_target(month: MonthPaths, kind: Kind, target: str) -> str:
    """Return what is wrong with a client or product that nobody knows, and what to do."""
    what = TARGET[kind]
    if target.startswith("!"):
        words = CLIENT_WORDS if kind == "customer" else PRODUCT_WORDS
        return f"{target!r} is no word for a {what}: use {' or '.join(words)}, or an id"
    return (
        f"{what} {target!r} is not in the PSA of {month.msp_id} {month.period.text}: correct it,"
        f" or create it there and land its {what}s again"
    )


def rules_locked(month: MonthPaths) -> Any:
    """Hold the lock under which rule files of the MSP are changed."""
    return locked(month.workspace.warehouse / month.msp_id / "rules.lock")


def write_rows(month: MonthPaths, rows: Rows) -> list[Accepted]:
    """Add rows to rule files: to all of them or, where one is refused or cannot be written, to none. Hold
    ``rules_locked``. A kill leaves each file as it was or as it will be.

    Raises:
        ConfigError: The rules would be wrong or contradict each other.
    """
    files: list[tuple[Accepted, str, int | None]] = []
    for name, added in rows.items():
        path = rule_path(month, name)
        before = path.read_bytes() if path.exists() else None
        text, lines = _with_rows(before, path, name, added)
        _refuse_wrong(text, path, _FILES[name])
        files.append((Accepted(path, lines), text, path.stat().st_mode if before is not None else None))
    with ExitStack() as stack:
        # everything is on the disk before the first file takes its place
        for accepted, text, _ in files:
            handle = stack.enter_context(replacing(accepted.path))
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
    for accepted, _, mode in files:
        if mode is not None:
            accepted.path.chmod(mode)
    return [accepted for accepted, _, _ in files]


def rule_path(month: MonthPaths, name: str) -> Path:
    """Return where a rule file is, or would be."""
    return (month.workspace.root / "rules" / month.msp_id / f"{name}.csv").resolve()


def _refuse_wrong(text: str, path: Path, rule_file: RuleFile) -> None:
    """Read the new text as a run would: rules that contradict each other, or a cell that is
    wrong, are not written.
    """
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"{path}: the row is not UTF-8 text: nothing was written") from error
    rules_in(content, path, rule_file)


def _with_rows(
    before: bytes | None, path: Path, name: str, rows: Sequence[dict[str, str]]
) -> tuple[str, tuple[str, ...]]:
    """Return the file's text with the rows at its end, and the rows. Nothing else changes, except that
    missing columns are added to the header.
    """
    if before is None:
        header = [column.name for column in _FILES[name].columns]
        added = tuple(_line(header, row) for row in rows)
        return "".join(f"{line}\n" for line in (",".join(header), *added)), added
    rules_in(before, path, _FILES[name])  # an error already in the file must be corrected first
    text = before.decode()
    first = re.match(r"[^\r\n]*", text)
    end = first.end() if first else 0
    try:
        header = [cell.strip() for cell in next(csv.reader([text[:end].removeprefix("\ufeff")], strict=True))]
    except csv.Error as error:
        raise ConfigError(f"{path}: its header is more than one line: add the row with an editor") from error
    filled = {column: None for row in rows for column, value in row.items() if value}
    lacking = [column for column in filled if column not in header]
    newline = (re.match(r"\r\n|\n|\r", text[end:]) or [""])[0] or "\n"
    text = "".join([text[:end], *(f",{column}" for column in lacking), text[end:]])
    added = tuple(_line([*header, *lacking], row) for row in rows)
    ended = "" if text.endswith(newline) else newline
    return f"{text}{ended}{newline.join(added)}{newline}", added


def _line(header: Sequence[str], row: dict[str, str]) -> str:
    return ",".join(_cell(row.get(column, "")) for column in header)


def _cell(text: str) -> str:
    """Quote what CSV would read as something else; an id keeps its exact text, even if a spreadsheet would
    read it otherwise.
    """
    if re.search(r'[",\x00-\x1f\x7f]', text):
        return '"' + text.replace('"', '""') + '"'
    return text

"""Adding one row that a person chose to client_map.csv or sku_map.csv.

What belongs here: the row as CSV, the checks before it is written, and a write that leaves everything else in
the file as it was. What does not: choosing. A row that is refused changes nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.unmapped import Kind, landed_rows
from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.values import id_form, parse_date
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.rules import RULE_FILES, RuleFile, rules_in
from mbr_pipeline.workspace.workspace import Workspace

_VENDOR_DATASETS = ("vendor_charges", "license_counts")


@dataclass(frozen=True)
class Accepted:
    """What was written: the file, and the new row as written."""

    path: Path
    text: str


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
    """Add the choice's row, from the month's first day if no other is given.

    Raises:
        ConfigError: The source, the client or the product is unknown, a date is invalid, or the rules would
            contradict each other.
    """
    choice = replace(choice, id=id_form(choice.id), target=id_form(choice.target))
    _refuse_unknown(workspace, month, choice)
    name = "client_map" if choice.kind == "customer" else "sku_map"
    path = (month.workspace.root / "rules" / month.msp_id / f"{name}.csv").resolve()
    row = {
        "source": choice.source,
        **(
            {"vendor_customer_id": choice.id, "client_id": choice.target}
            if choice.kind == "customer"
            else _sku_cells(choice)
        ),
        "valid_from": str(_date("--from", choice.valid_from) or month.period.start),
        "valid_to": str(_date("--to", choice.valid_to) or ""),
    }
    with locked(month.workspace.warehouse / month.msp_id / "rules.lock"):
        before = path.read_bytes() if path.exists() else None
        text, added = _with_row(before, path, name, row)
        _refuse_wrong(text, path, RULE_FILES[name])
        mode = path.stat().st_mode if before is not None else None
        write_text(path, text)
        if mode is not None:
            path.chmod(mode)
    return Accepted(path, added)


def _sku_cells(choice: Choice) -> dict[str, str]:
    return {
        "sku_id": choice.id,
        "term": choice.term,
        "product_code": choice.target,
        "units_per": choice.units_per,
    }


def _refuse_unknown(workspace: Workspace, month: MonthPaths, choice: Choice) -> None:
    """A row may name what the PSA delivered for the month, what a row of the file names already, or a word
    for none, which the rules themselves check.
    """
    vendors = [
        name
        for name, source in workspace.msp(month.msp_id).sources.items()
        if set(source.datasets) & set(_VENDOR_DATASETS)
    ]
    if choice.source not in vendors:
        raise ConfigError(
            f"source {choice.source!r} bills or counts nothing for {month.msp_id}: use one of"
            f" {', '.join(vendors)}"
        )
    if choice.target.startswith("!"):
        return
    rules = workspace.rules(month.msp_id)
    if choice.kind == "customer":
        known = {row["client_id"] for row in landed_rows(month, "dim_client")} | set(
            rules["client_map"]["client_id"].to_pylist()
        )
        what = "client"
    else:
        known = {row["product_code"] for row in landed_rows(month, "dim_product")} | set(
            rules["sku_map"]["product_code"].to_pylist()
        )
        what = "product"
    if choice.target not in known:
        raise ConfigError(
            f"{what} {choice.target!r} is not in the PSA of {month.msp_id} {month.period.text}: correct it,"
            f" or create it there and land its {what}s again"
        )


def _refuse_wrong(text: str, path: Path, rule_file: RuleFile) -> None:
    """Read the new text as a run would: rules that contradict each other, or a cell that is
    wrong, are not written.
    """
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"{path}: the row is not UTF-8 text: nothing was written") from error
    rules_in(content, path, rule_file)


def _date(option: str, text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from error


def _with_row(before: bytes | None, path: Path, name: str, row: dict[str, str]) -> tuple[str, str]:
    """Return the file's text with the row at its end, and the row. Nothing else changes, except that missing
    columns are added to the header.
    """
    if before is None:
        header = [column.name for column in RULE_FILES[name].columns]
        added = _line(header, row)
        return f"{','.join(header)}\n{added}\n", added
    rules_in(before, path, RULE_FILES[name])  # an error already in the file must be corrected first
    text = before.decode()
    first = re.match(r"[^\r\n]*", text)
    end = first.end() if first else 0
    try:
        header = [cell.strip() for cell in next(csv.reader([text[:end].removeprefix("\ufeff")], strict=True))]
    except csv.Error as error:
        raise ConfigError(f"{path}: its header is more than one line: add the row with an editor") from error
    lacking = [column for column, value in row.items() if value and column not in header]
    newline = (re.match(r"\r\n|\n|\r", text[end:]) or [""])[0] or "\n"
    text = "".join([text[:end], *(f",{column}" for column in lacking), text[end:]])
    added = _line([*header, *lacking], row)
    return f"{text}{'' if text.endswith(newline) else newline}{added}{newline}", added


def _line(header: Sequence[str], row: dict[str, str]) -> str:
    return ",".join(_cell(row.get(column, "")) for column in header)


def _cell(text: str) -> str:
    """Quote what CSV would read as something else; an id keeps its exact text, even if a spreadsheet would
    read it otherwise.
    """
    if re.search(r'[",\x00-\x1f\x7f]', text):
        return '"' + text.replace('"', '""') + '"'
    return text

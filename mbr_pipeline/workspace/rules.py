"""The rule files of an MSP: client_map, sku_map, metering and cost_list (contract §2), and the accounting
system's words: accounting and contacts (contract §10).

What belongs here: reading ``rules/<msp_id>/*.csv`` strictly and refusing rules that contradict each other. A
wrong rule is a :class:`ConfigError` (exit 2) naming file, line and value; nothing is guessed and nothing
runs. How rules apply is SQL's part.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from connectors.counted import plural
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.rule_rows import (
    AccountingRow,
    ClientMapRow,
    ContactRow,
    CostListRow,
    DatedRow,
    MeteringRow,
    RuleRow,
    SkuMapRow,
    arrow_schema,
)


@dataclass(frozen=True)
class RuleColumn:
    """One column of a rule file; ``default`` is what an empty cell stands for."""

    name: str
    required: bool
    default: Any


@dataclass(frozen=True)
class RuleFile:
    """One rule file and the model of its rows."""

    name: str
    row: type[RuleRow]

    @property
    def columns(self) -> tuple[RuleColumn, ...]:
        """The file's columns, in order."""
        return tuple(
            RuleColumn(name, field.is_required(), None if field.is_required() else field.default)
            for name, field in self.row.model_fields.items()
        )

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the rules, with the line each was read from."""
        return arrow_schema(self.row)

    @property
    def has_validity(self) -> bool:
        """Whether its rules are valid between two days."""
        return issubclass(self.row, DatedRow)


RULE_FILES: dict[str, RuleFile] = {
    name: RuleFile(name, row)
    for name, row in (
        ("client_map", ClientMapRow),
        ("sku_map", SkuMapRow),
        ("metering", MeteringRow),
        ("cost_list", CostListRow),
    )
}
"""The files of rules that a month is computed by, by name."""

WORD_FILES: dict[str, RuleFile] = {
    name: RuleFile(name, row) for name, row in (("accounting", AccountingRow), ("contacts", ContactRow))
}
"""The files of words that exports are written with, by name: no figure of a month depends on them, so they
are no inputs of it.
"""


def load_rules(workspace: Path, msp_id: str) -> dict[str, pa.Table]:
    """Read all rule files of an MSP; a missing file is an empty table of the same schema."""
    folder = workspace / "rules" / msp_id
    return {name: _read(folder / f"{name}.csv", rule_file) for name, rule_file in RULE_FILES.items()}


def load_words(workspace: Path, msp_id: str) -> dict[str, list[dict[str, Any]]]:
    """Read an MSP's words of the accounting system; a missing file has none.

    Raises:
        ConfigError: A row is wrong, or two are about the same.
    """
    folder = workspace / "rules" / msp_id
    return {
        name: _read(folder / f"{name}.csv", rule_file).to_pylist() for name, rule_file in WORD_FILES.items()
    }


def rules_in(content: bytes, path: Path, rule_file: RuleFile) -> list[dict[str, Any]]:
    """Return the rules that a file at ``path`` has, or would have, with this content; what is wrong with it
    is a :class:`ConfigError`.
    """
    rows = _parse(content, path, rule_file)
    _refuse_contradictions(path, rule_file, rows)
    return rows


def _read(path: Path, rule_file: RuleFile) -> pa.Table:
    # a broken link is not a missing file: its rules would be left out unnoticed
    rows = rules_in(_content(path), path, rule_file) if path.exists() or path.is_symlink() else []
    return pa.Table.from_pylist(rows, schema=rule_file.schema)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}): make it a CSV file that you may read, or remove it"
        ) from error


def _parse(content: bytes, path: Path, rule_file: RuleFile) -> list[dict[str, Any]]:
    try:
        with TextIOWrapper(BytesIO(content), encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, rule_file, header)
            return [
                _parse_row(path, rule_file, header, cells, reader.line_num)
                for cells in reader
                if any(cell.strip() for cell in cells)
            ]
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text: save it as CSV UTF-8") from error
    except csv.Error as error:
        raise ConfigError(f"{path}: not a CSV file ({error}): save it as CSV UTF-8") from error


def _check_header(path: Path, rule_file: RuleFile, header: list[str]) -> None:
    known = [c.name for c in rule_file.columns]
    for name in header:
        if name not in known:
            raise ConfigError(f"{path}: line 1: unknown column {name!r}: the columns are {', '.join(known)}")
        if header.count(name) > 1:
            raise ConfigError(f"{path}: line 1: column {name!r} is there twice: keep one")
    for column in rule_file.columns:
        if column.required and column.name not in header:
            raise ConfigError(f"{path}: line 1: column {column.name!r} is missing: add it")


def _parse_row(
    path: Path, rule_file: RuleFile, header: list[str], cells: list[str], line: int
) -> dict[str, Any]:
    if len(cells) > len(header):
        raise ConfigError(
            f"{path}: line {line}: {plural(len(cells), 'cell')} under {plural(len(header), 'column')}: quote"
            " values that hold commas"
        )
    filled = {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()}
    try:
        return {**rule_file.row.model_validate(filled).model_dump(), "line": line}
    except ValidationError as error:
        raise ConfigError(f"{path}: line {line}: {_problem(error)}") from error


def _problem(error: ValidationError) -> str:
    first = error.errors()[0]
    column = "".join(f"{part}: " for part in first["loc"][:1])
    if first["type"] == "missing":
        return f"{first['loc'][0]} is empty: fill it in"
    return column + first["msg"].removeprefix("Value error, ")


def _refuse_contradictions(path: Path, rule_file: RuleFile, rows: list[dict[str, Any]]) -> None:
    """Raise an error that names both lines if two rows for one key are valid on the same day: neither can be
    preferred (contract §2).
    """
    by_key: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        by_key.setdefault(tuple(row[name] for name in rule_file.row.KEY), []).append(row)
    for key, group in by_key.items():
        ordered = sorted((r for r in group if _bounds(r)[0] < _bounds(r)[1]), key=_bounds)
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            if _bounds(later)[0] < _bounds(earlier)[1]:
                names = ", ".join(
                    f"{name} {value!r}"
                    for name, value in zip(rule_file.row.KEY, key, strict=True)
                    if value is not None
                )
                first, second = sorted((earlier["line"], later["line"]))
                raise ConfigError(
                    f"{path}: lines {first} and {second} both hold for {names} at once: "
                    + (
                        "end one before the other starts (valid_from, valid_to)"
                        if rule_file.has_validity
                        else "keep one"
                    )
                )


def _bounds(row: dict[str, Any]) -> tuple[date, date]:
    return row.get("valid_from") or date.min, row.get("valid_to") or date.max

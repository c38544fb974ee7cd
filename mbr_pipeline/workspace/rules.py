"""The rule files of an MSP: client_map, sku_map, metering and cost_list (contract §2).

What belongs here: reading ``rules/<msp_id>/*.csv`` strictly and refusing rules that contradict each other. A
wrong rule is a :class:`ConfigError` (exit 2) naming file, line and value; nothing is guessed and nothing
runs. How rules apply is SQL's part.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pyarrow as pa

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.values import minor_units, parse_date, parse_decimal

BASES = ("vendor_billed", "entitled", "assigned", "agreement", "cost_plus")


def _text(text: str) -> str:
    return text


def _quantity(text: str) -> Decimal:
    return _not_negative(parse_decimal(text, 12, 6))


def _units_per(text: str) -> Decimal:
    units = parse_decimal(text, 12, 6)
    if units <= 0:
        raise ValueError(f"{text!r} must be above zero")
    return units


def _percent(text: str) -> Decimal:
    return parse_decimal(text, 6, 6)


def _unit_cost(text: str) -> Decimal:
    return parse_decimal(text, 15, 10)


def _not_negative(number: Decimal) -> Decimal:
    if number < 0:
        raise ValueError(f"{number} must not be below zero")
    return number


def _basis(text: str) -> str:
    if text not in BASES:
        raise ValueError(f"{text!r} is not a basis: use one of {', '.join(BASES)}")
    return text


def _currency(text: str) -> str:
    if text not in minor_units():
        raise ValueError(f"{text!r} is not a currency of ISO 4217: write it like USD")
    return text


@dataclass(frozen=True)
class RuleColumn:
    """One column of a rule file: how it is read, what it is in Arrow, what an empty cell stands for."""

    name: str
    arrow: pa.DataType
    parse: Callable[[str], Any] = _text
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class RuleFile:
    """One rule file. ``key`` columns may hold only one rule at a time; ``has_validity`` adds valid_from and
    valid_to.
    """

    name: str
    columns: tuple[RuleColumn, ...]
    key: tuple[str, ...]
    has_validity: bool

    @property
    def all_columns(self) -> tuple[RuleColumn, ...]:
        """The file's columns with the validity pair where it has one."""
        return self.columns + (_VALIDITY if self.has_validity else ())

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the rules, with the line each was read from."""
        return pa.schema([(c.name, c.arrow) for c in self.all_columns] + [("line", pa.int32())])


_QUANTITY = pa.decimal128(18, 6)
_VALIDITY = (
    RuleColumn("valid_from", pa.date32(), parse_date),
    RuleColumn("valid_to", pa.date32(), parse_date),
)


def _id(name: str, required: bool = True) -> RuleColumn:
    return RuleColumn(name, pa.string(), required=required)


RULE_FILES: dict[str, RuleFile] = {
    f.name: f
    for f in (
        RuleFile(
            "client_map",
            (_id("source"), _id("vendor_customer_id"), _id("client_id")),
            ("source", "vendor_customer_id"),
            True,
        ),
        RuleFile(
            "sku_map",
            (
                _id("source"),
                _id("sku_id"),
                _id("term", required=False),
                _id("product_code"),
                RuleColumn("units_per", _QUANTITY, _units_per, default=Decimal(1)),
            ),
            ("source", "sku_id", "term"),
            True,
        ),
        RuleFile(
            "metering",
            (
                _id("product_code"),
                RuleColumn("basis", pa.string(), _basis, required=True),
                RuleColumn("minimum_quantity", _QUANTITY, _quantity, default=Decimal(0)),
                RuleColumn("markup_pct", _QUANTITY, _percent, default=Decimal(0)),
                RuleColumn("margin_floor_pct", _QUANTITY, _percent),
                _id("count_source", required=False),
            ),
            ("product_code",),
            False,
        ),
        RuleFile(
            "cost_list",
            (
                _id("source"),
                _id("sku_id"),
                _id("term", required=False),
                RuleColumn("unit_cost", pa.decimal128(25, 10), _unit_cost, required=True),
                RuleColumn("currency", pa.string(), _currency, required=True),
            ),
            ("source", "sku_id", "term", "currency"),
            True,
        ),
    )
}
"""The rule files by name."""


def load_rules(workspace: Path, msp_id: str) -> dict[str, pa.Table]:
    """Read all rule files of an MSP; a missing file is an empty table of the same schema."""
    folder = workspace / "rules" / msp_id
    return {name: _read(folder / f"{name}.csv", rule_file) for name, rule_file in RULE_FILES.items()}


def rules_in(content: bytes, path: Path, rule_file: RuleFile) -> list[dict[str, Any]]:
    """Return the rules that a file at ``path`` has, or would have, with this content; what is wrong with it
    is a :class:`ConfigError`.
    """
    rows = _parse(content, path, rule_file)
    _refuse_contradictions(path, rule_file, rows)
    return rows


def _read(path: Path, rule_file: RuleFile) -> pa.Table:
    # a link to nowhere is no missing file: its rules would be left out unseen
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
    known = [c.name for c in rule_file.all_columns]
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
            f"{path}: line {line}: {len(cells)} cells under {len(header)} columns: quote values that hold"
            " commas"
        )
    texts = dict(zip(header, cells, strict=False))
    row: dict[str, Any] = {"line": line}
    for column in rule_file.all_columns:
        text = texts.get(column.name, "")
        if not text.strip():
            if column.required:
                raise ConfigError(f"{path}: line {line}: {column.name} is empty: fill it in")
            row[column.name] = column.default
            continue
        try:
            row[column.name] = column.parse(text)
        except ValueError as error:
            raise ConfigError(f"{path}: line {line}: {column.name}: {error}") from error
    if row.get("valid_from") and row.get("valid_to") and row["valid_to"] < row["valid_from"]:
        raise ConfigError(
            f"{path}: line {line}: valid_to {row['valid_to']} is before valid_from {row['valid_from']}: swap"
            " or correct them"
        )
    return row


def _refuse_contradictions(path: Path, rule_file: RuleFile, rows: list[dict[str, Any]]) -> None:
    """Two rows for one key valid on one day leave no way to choose: an error naming both lines (contract
    §2).
    """
    by_key: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        by_key.setdefault(tuple(row[name] for name in rule_file.key), []).append(row)
    for key, group in by_key.items():
        ordered = sorted((r for r in group if _bounds(r)[0] < _bounds(r)[1]), key=_bounds)
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            if _bounds(later)[0] < _bounds(earlier)[1]:
                names = ", ".join(
                    f"{name} {value!r}"
                    for name, value in zip(rule_file.key, key, strict=True)
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

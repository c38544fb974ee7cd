"""Writing tables as CSV or XLSX, and reading back what was written with another parser.

What belongs here: files and their Σ. What does not: what is in them.

A file is read back by other code than wrote it: CSV by Arrow, a sheet by its XML. Equal tables give equal
bytes: no clock time and no name of a machine is in a file.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow.csv as arrow_csv

from mbr_pipeline.errors import MbrError
from mbr_pipeline.release.exports import sheet
from mbr_pipeline.release.exports.cells import Cell, shown

Amount = Callable[[Mapping[str, str]], tuple[str, Decimal]]
"""Returns currency and amount of a row that was read back."""


@dataclass(frozen=True)
class File:
    """One file to be written.

    Attributes:
        name: Its name; what it ends in says how it is written.
        columns: The headings.
        rows: The cells, in the order of the headings.
        amount: What a row says about money; None where there is none.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    amount: Amount | None = None


def write(folder: Path, file: File) -> dict[str, Decimal]:
    """Write a file, read it back and return Σ of its amounts by currency.

    Raises:
        MbrError: What was read back is not what was written.
    """
    path = folder / file.name
    if path.suffix == ".xlsx":
        sheet.write(path, file.columns, file.rows)
        found = sheet.read(path, len(file.columns))
        is_same = sheet.is_same
    else:
        _write_csv(path, file)
        found = _read_csv(path, len(file.columns))
        is_same = _is_same
    wanted = [file.columns, *file.rows]
    if len(found) != len(wanted) or not all(
        is_same(text, cell)
        for texts, cells in zip(found, wanted, strict=True)
        for text, cell in zip(texts, cells, strict=True)
    ):
        raise MbrError(f"{path}: what was written cannot be read back as it was: check the disk, then repeat")
    sums: dict[str, Decimal] = defaultdict(Decimal)
    if file.amount is not None:
        for row in found[1:]:
            currency, amount = file.amount(dict(zip(file.columns, row, strict=True)))
            sums[currency] += amount
    return dict(sums)


def _is_same(text: str, cell: Cell) -> bool:
    return text == shown(cell)


def _write_csv(path: Path, file: File) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\r\n")
        writer.writerow(file.columns)
        writer.writerows([shown(cell) for cell in row] for row in file.rows)


def _read_csv(path: Path, columns: int) -> list[list[str]]:
    names = [str(number) for number in range(columns)]
    table = arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(column_names=names, block_size=max(1 << 20, path.stat().st_size)),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, "string"), strings_can_be_null=False
        ),
    )
    return [list(row) for row in zip(*(table.column(name).to_pylist() for name in names), strict=True)]

"""How rows in memory become landed files: plainly, or in another form that means the same (contract §2: files
are sets of records).

Belongs here: forms, writing them, and which record stands on which line of which file. What the rows say is
the world's business and that of ``metamorphic``. Unlike the generator's own writer nothing is drawn from a
seed here, so that a test knows which form it tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from zlib import crc32

from mbr_pipeline.scaffold.world import file_formats
from mbr_pipeline.scaffold.world.model import (
    AGREEMENTS,
    COLUMNS,
    INVOICE_LINES,
    LICENSE_COUNTS,
    RULE_COLUMNS,
    VENDOR_CHARGES,
    Book,
    Row,
    Workspace,
)
from mbr_pipeline.scaffold.world.writer import write_workspace

Record = tuple[object, ...]

IDENTITY: dict[str, tuple[str, ...]] = {
    VENDOR_CHARGES: ("invoice_id", "line_id"),
    INVOICE_LINES: ("invoice_id", "invoice_line_id"),
    AGREEMENTS: ("agreement_line_id",),
    LICENSE_COUNTS: ("vendor_customer_id", "sku_id", "as_of_date"),
}
"""What names a record that can be evidence. License counts have no identity: two equal ones are two."""

ENDINGS = ("csv", "csv.gz", "jsonl", "jsonl.gz", "xlsx", "parquet")


@dataclass(frozen=True)
class File:
    """One file before it is encoded: rows of a dataset of a source and period. Rule files have no source and
    period.
    """

    period: str
    source: str
    dataset: str
    name: str
    ending: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def path(self) -> str:
        """Where it lies in the landing zone: how evidence refers to it."""
        return f"{self.period}/{self.source}/{self.name}.{self.ending}"

    def encoded(self) -> bytes:
        """Its bytes."""
        columns, rows = list(self.columns), list(self.rows)
        if self.ending == "xlsx":
            return file_formats.to_xlsx(columns, rows)
        if self.ending == "parquet":
            return file_formats.to_parquet(columns, rows, typed=True)
        if self.ending.startswith("jsonl"):
            content = file_formats.to_jsonl(columns, rows, quoted=False)
        else:
            content = file_formats.to_csv(columns, rows, bom=False, line_end="\n")
        return file_formats.to_gzip(content) if self.ending.endswith(".gz") else content

    def records(self) -> dict[str, Record]:
        """The records it holds by path and line; a header takes the first line of CSV and sheet."""
        if self.dataset not in IDENTITY:
            return {}
        first = 2 if self.ending.startswith(("csv", "xlsx")) else 1
        return {
            f"{self.path}:{line}": (
                self.dataset,
                self.source,
                *(row[name] for name in IDENTITY[self.dataset]),
            )
            for line, row in enumerate(self.rows, first)
        }


Form = Callable[[File], list[File]]


def write(
    workspace: Workspace, root: Path, forms: Iterable[Form] = (), rule_forms: Iterable[Form] = ()
) -> dict[str, Record]:
    """Write a workspace, every dataset as one CSV file unless the forms make something else of it.

    Returns:
        What record stands at every path and line that evidence can name.
    """
    write_workspace(
        replace(workspace, books=[replace(book, landing={}, rules={}) for book in workspace.books]), root
    )
    records: dict[str, Record] = {}
    for book in workspace.books:
        for file in _formed(_landed_files(book), forms):
            _write(root / "landing" / book.msp_id / file.path, file)
            records |= file.records()
        for file in _formed(_rule_files(book), rule_forms):
            _write(root / "rules" / book.msp_id / f"{file.name}.csv", file)
    return records


def _landed_files(book: Book) -> list[File]:
    return [
        File(period, source, dataset, dataset, "csv", COLUMNS[dataset], tuple(landed.rows))
        for (period, source, dataset), landed in book.landing.items()
    ]


def _rule_files(book: Book) -> list[File]:
    return [
        File("", "", name, name, "csv", RULE_COLUMNS[name], tuple(rows)) for name, rows in book.rules.items()
    ]


def _formed(files: list[File], forms: Iterable[Form]) -> list[File]:
    for form in forms:
        files = [made for file in files for made in form(file)]
    return files


def _write(path: Path, file: File) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.encoded())


def rows_permuted(file: File) -> list[File]:
    """The rows in another order."""
    rows = list(file.rows)
    Random(f"{file.path} rows").shuffle(rows)
    return [replace(file, rows=tuple(rows))]


def columns_permuted(file: File) -> list[File]:
    """The columns in another order."""
    columns = list(file.columns)
    Random(f"{file.path} columns").shuffle(columns)
    return [replace(file, columns=tuple(columns))]


def unknown_columns_added(file: File) -> list[File]:
    """Columns that the contract does not know, before, among and after those that it does."""
    before, *others = file.columns
    columns = ("remark", before, "Line_ID ", *others, "amount_2")
    extra: Row = {"remark": "=1+1", "Line_ID ": None, "amount_2": "12,50"}
    return [replace(file, columns=columns, rows=tuple({**row, **extra} for row in file.rows))]


def split(file: File, parts: int = 3) -> list[File]:
    """Consecutive parts, none of them empty, each a file."""
    size = max(1, -(-len(file.rows) // parts))
    kept: dict[int, list[Row]] = {}
    begun: dict[object, int] = {}
    for index, row in enumerate(file.rows):
        # what is counted of one SKU on one date stays together: in two files it would be landed twice
        counted = tuple(row.get(name) for name in IDENTITY[LICENSE_COUNTS])
        part = begun.setdefault(counted if file.dataset == LICENSE_COUNTS else index, index // size)
        kept.setdefault(part, []).append(row)
    pieces = [tuple(rows) for rows in kept.values()] or [()]
    return [
        replace(file, name=f"{file.name}.part {number}", rows=piece) for number, piece in enumerate(pieces)
    ]


def formats_mixed(file: File) -> list[File]:
    """As many parts as there are formats, each in another one, another first for every dataset."""
    turn = crc32(file.path.encode())
    return [
        replace(part, ending=ENDINGS[(turn + n) % len(ENDINGS)])
        for n, part in enumerate(split(file, len(ENDINGS)))
    ]


def copied(file: File) -> list[File]:
    """The file beside a copy of its bytes under another name."""
    return [file, replace(file, name=f"{file.name}.copy")]


def landed_again(file: File) -> list[File]:
    """The file beside another one of the same records. Not license counts: records without an identity would
    be counted twice.
    """
    if file.dataset == LICENSE_COUNTS:
        return [file]
    return [file, replace(file, name=f"{file.name}.again", ending="jsonl", rows=file.rows[::-1])]

"""Writes a workspace in memory as a folder: mbr.yml, rules, and landed files in mixed formats.

The only module that touches the disk. Formats, splits and harmless noise (a copied file, a repeated
record, an extra column) are drawn per dataset from the seed, so that an injection elsewhere does not
change a file's form.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from mbr_pipeline.scaffold.world import file_formats
from mbr_pipeline.scaffold.world.model import (
    CLIENTS,
    COLUMNS,
    INVOICE_LINES,
    LICENSE_COUNTS,
    PRODUCTS,
    RULE_COLUMNS,
    SOURCES,
    VENDOR_CHARGES,
    Book,
    Landed,
    Row,
    Workspace,
)
from mbr_pipeline.scaffold.world.parties import in_capitals

_FORMATS = ("csv", "csv", "csv.gz", "jsonl", "jsonl.gz", "xlsx", "parquet")
_LINE_ENDS = ("\n", "\r\n")


def write_workspace(workspace: Workspace, directory: Path) -> None:
    """Write all files under the directory, which may exist but should be empty."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "mbr.yml").write_text(_settings(workspace), encoding="utf-8")
    for book in workspace.books:
        _write_rules(book, directory / "rules" / book.msp_id, Random(f"{workspace.seed}/{book.msp_id}/rules"))
        for (period, source, dataset), landed in book.landing.items():
            folder = directory / "landing" / book.msp_id / period / source
            rng = Random(f"{workspace.seed}/{book.msp_id}/{period}/{source}/{dataset}")
            _write_dataset(folder, dataset, landed, rng)


def _settings(workspace: Workspace) -> str:
    lines = ["msps:"]
    for book in workspace.books:
        lines += [f"  {book.msp_id}:", f'    name: "{book.name}"', "    sources:"]
        lines += [
            f"      {source}: {{datasets: [{', '.join(datasets)}]}}" for source, datasets in SOURCES.items()
        ]
    if workspace.policies:
        lines.append("policies:")
        lines += [f'  {name}: "{value}"' for name, value in workspace.policies.items()]
    return "\n".join(lines) + "\n"


def _write_rules(book: Book, folder: Path, rng: Random) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in book.rules.items():
        shown = [in_capitals(row) if rng.random() < 0.2 else row for row in rows]
        content = file_formats.to_csv(list(RULE_COLUMNS[name]), shown, False, "\n")
        (folder / f"{name}.csv").write_bytes(content)


def _write_dataset(folder: Path, dataset: str, landed: Landed, rng: Random) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in landed.raw_files.items():
        (folder / name).write_bytes(content)
    columns = [column for column in COLUMNS[dataset] if column not in landed.omit]
    if landed.repeat:
        columns.append(landed.repeat)
    kind = rng.choice(_FORMATS)
    parts = rng.choice((1, 1, 2, 3))
    copied, noisy, extra = rng.random() < 0.25, rng.random() < 0.4, rng.random() < 0.15
    if landed.omit or landed.repeat or not landed.rows:
        kind, parts, copied, noisy, extra = "csv", 1, False, False, False
    rows = list(landed.rows)
    for index in range(0, len(rows), 3):
        rows[index] = in_capitals(rows[index])
    if noisy and dataset != LICENSE_COUNTS:
        rows.append(dict(rows[rng.randrange(len(rows))]))
    if extra:
        columns.append("internal_note")
        rows = [{**row, "internal_note": "free text, =not read"} for row in rows]
    if dataset in (VENDOR_CHARGES, INVOICE_LINES, CLIENTS, PRODUCTS):
        rng.shuffle(columns)
    for index, part in enumerate(_split(rows, parts, dataset)):
        ending = kind if index == 0 else rng.choice(_FORMATS)
        stem = dataset if index == 0 else f"{dataset}.part {index}"
        content = _encode(ending, columns, part, rng)
        (folder / f"{stem}.{ending}").write_bytes(content)
        if copied and index == 0:
            (folder / f"{dataset}.copy-of.{ending}").write_bytes(content)


def _split(rows: list[Row], parts: int, dataset: str) -> list[list[Row]]:
    """Consecutive parts, none empty unless there are no rows; what is counted of one SKU on one date stays in
    one file, for in two it would have been counted twice.
    """
    size = max(1, -(-len(rows) // parts))
    pieces: dict[int, list[Row]] = {}
    begun: dict[object, int] = {}
    for index, row in enumerate(rows):
        counted = tuple(str(row.get(name)).lower() for name in ("vendor_customer_id", "sku_id", "as_of_date"))
        part = begun.setdefault(counted if dataset == LICENSE_COUNTS else index, index // size)
        pieces.setdefault(part, []).append(row)
    return list(pieces.values()) or [[]]


def _encode(ending: str, columns: list[str], rows: list[Row], rng: Random) -> bytes:
    if ending == "xlsx":
        return file_formats.to_xlsx(columns, rows)
    if ending == "parquet":
        return file_formats.to_parquet(columns, rows, typed=rng.random() < 0.5)
    if ending.startswith("jsonl"):
        content = file_formats.to_jsonl(columns, rows, quoted=rng.random() < 0.5)
    else:
        content = file_formats.to_csv(columns, rows, bom=rng.random() < 0.3, line_end=rng.choice(_LINE_ENDS))
    return file_formats.to_gzip(content) if ending.endswith(".gz") else content

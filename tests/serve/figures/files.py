"""Landed files and control totals, as the page of files must say them.

Belongs here: reading landed files, and holding that page. Does not: other pages (``expected``).
"""

from __future__ import annotations

import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq

from tests.serve.browsing import Visitor
from tests.serve.figures.books import Books
from tests.serve.figures.reading import said_on

DROP = (
    "CSV, Excel (.xlsx), JSON lines or Parquet, also with .gz; up to 512 MB at once. Nothing is landed yet:"
    " first you see what MBR takes each file for."
)
"""What the page of an open month says of files that are dropped."""


def landed_files(books: Books) -> list[Path]:
    """Return a month's landed files."""
    folder = books.root / "landing" / books.msp_id / books.period
    return sorted(path for path in folder.rglob("*") if path.is_file() and ".superseded" not in path.parts)


def content(path: Path) -> str:
    """Return all that a file says, as text."""
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    if path.suffix == ".xlsx":
        [sheet] = openpyxl.load_workbook(path)
        return "\n".join(";".join(map(str, row)) for row in sheet.iter_rows(values_only=True))
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return raw.decode("latin-1")


def hold_files(visitor: Visitor, books: Books, sentence: str) -> None:
    """Hold the page of files, which says one sentence with figures beside its tables."""
    assert visitor.get(f"{books.here}/files").status_code == 200
    said = [(place, text) for place, text in said_on(visitor.page).figures]
    rows = books.sql("select * from fct_control_totals where $here and control = 'CONTROL_TOTAL_MISMATCH'")
    sizes = Counter(text for place, text in said if place.endswith("| Size"))
    assert sizes == Counter(_size(path.stat().st_size) for path in landed_files(books))
    counts = Counter(text for place, text in said if place.endswith("| Rows"))
    assert counts == Counter(f"{_records(path):,}" for path in landed_files(books))
    totals = Counter(each for each in said if each[0].startswith("Control totals"))
    wanted = Counter[tuple[str, str]]()
    for row in rows:
        three = [Decimal(row[name]) for name in ("expected", "actual", "difference")]
        form = ",.0f" if all(value == int(value) for value in three) else ",.2f"
        name = f"{row['source']} {(row['dataset'] or '').replace('_', ' ')}"
        at = f"Control totals | {name.strip()} | "
        for column, value in zip(("Expected", "Found", "Difference"), three, strict=True):
            wanted[at + column, format(value, form)] += 1
        if not row["passed"]:
            wanted[f"{at}Result", f"wrong {row['message']}"] += 1
    assert totals == wanted
    rest = [text for place, text in said if not place.startswith(("Control totals", "What is landed"))]
    assert rest == [sentence]


def _size(size: int) -> str:
    return f"{size} B" if size < 1024 else f"{size / 1024:.1f} KB"


def _records(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    lines = len(content(path).rstrip("\n").split("\n"))
    return lines if ".jsonl" in path.name else lines - 1

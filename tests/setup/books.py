"""A workspace with one month, and the files of the next: canonical ones of a PSA, a vendor's bill by a
profile.

Belongs here: texts and helpers that tests of another month share. Does not: expectations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from mbr_pipeline.cli.setup import command
from mbr_pipeline.setup.next_month import NextMonth, next_month
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

CLIENTS = "client_id,client_name\n101,Alder Dental\n102,Birch Legal\n"
AGREEMENTS = (
    "agreement_line_id,agreement_id,client_id,product_code,quantity,unit_price,currency,effective_start\n"
    "1,A1,101,BP,10,22.00,USD,2026-01-01\n"
)
INVOICES = (
    "invoice_line_id,invoice_id,client_id,product_code,quantity,unit_price,amount,currency,"
    "service_period_start,service_period_end\n1,I1,101,BP,10,22.00,220.00,USD,2026-10-01,2026-11-01\n"
)
PORTAL = (
    "Position,Invoice Number,Customer ID,Customer Name,SKU,Product Name,Subscription ID,Charge Type,"
    "Quantity,Unit Cost,Cost Total,Currency,Charge Start Date,Charge End Date,Territory\n"
    "1,B10,C-7,Alder,S1,Premium,sub-1,subscription,10,18.00,180.00,USD,2026-10-01,2026-10-31,US\n"
    "2,B10,C-8,Birch,S1,Premium,sub-2,subscription,5,18.00,90.00,USD,2026-10-01,2026-10-31,EU\n"
)


def of_november(text: str) -> str:
    for old, new in (
        ("2026-10-31", "2026-11-30"),
        ("2026-11-01", "2026-12-01"),
        ("2026-10-01", "2026-11-01"),
        ("B10", "B11"),
        ("I1", "I2"),
    ):
        text = text.replace(old, new)
    return text


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name.replace('_', ' ')}.csv").write_text(text, encoding="utf-8")
    return folder


def november(tmp_path: Path, **files: str) -> Path:
    new = {
        "psa_clients": CLIENTS + "103,Cedar Inn\n",
        "psa_agreements": AGREEMENTS + "2,A2,103,BP,4,22.00,USD,2026-11-01\n",
        "psa_invoices": of_november(INVOICES),
        "pax8_bill": of_november(PORTAL),
    }
    return write(tmp_path / "new", **(new | files))


def setup(folder: Path, directory: Path, *more: str) -> Result:
    return CliRunner().invoke(command, [str(folder), str(directory), "--no-run", *more])


def planned(folder: Path, books: Path, answers: Any = None, period: str | None = None) -> NextMonth:
    workspace = Workspace.open(WorkspacePaths(books))
    return next_month(folder, workspace, "books", answers or {}, period)


def landed(books: Path) -> dict[str, str]:
    root = books / "landing/books"
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*.csv")}


def asked(found: NextMonth) -> list[tuple[str, str, tuple[Any, ...]]]:
    return [(name, ".".join(question.key), question.options) for name, question in found.questions]

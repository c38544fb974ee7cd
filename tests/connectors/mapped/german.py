"""A German bill and its profile, which the tests of mapped files vary.

Belongs here: the profile, and reading a file by it. Does not: expectations.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS
from connectors.files.records import RecordFile
from connectors.registry import CONNECTORS

MAPPED = CONNECTORS["mapped"]


Write = Callable[..., Path]


GERMAN = {
    "encoding": "cp1252", "delimiter": ";", "dates": "DD.MM.YYYY", "decimals": ",", "thousands": ".",
    "columns": {
        "line_id": "Pos", "invoice_id": "Rechnung", "vendor_customer_id": "Kunde", "sku_id": "Artikel",
        "charge_category": {"heading": "Art", "values": {"Lizenz": "recurring", "Gutschrift": "credit"}},
        "quantity": "Menge", "unit_cost": "Preis", "amount": "Betrag", "currency": {"constant": "EUR"},
        "charge_period_start": "von", "charge_period_end": {"heading": "bis", "take": "day_after"},
    },
}  # fmt: skip


HEADINGS = "Pos;Rechnung;Kunde;Artikel;Art;Menge;Preis;Betrag;von;bis"


LINE = "1;R-1;Müller;S-1;Lizenz;1.200;0,50;600,00;01.10.2026;31.10.2026"


def opened(path: Path, profile: dict[str, Any], dataset: str = "vendor_charges") -> RecordFile:
    checked = MAPPED.check({dataset: profile})
    # as a run does: settings go through JSON
    return MAPPED.open(path, DATASETS[dataset], json.loads(json.dumps(checked)))


def records(file: RecordFile) -> list[dict[str, Any]]:
    return [
        {k: v for k, v in row.items() if v is not None}
        for batch in file.batches()
        for row in batch.to_pylist()
    ]


def german(
    *lines: str, profile: dict[str, Any] | None = None, write: Write
) -> tuple[list[dict[str, Any]], RecordFile]:
    text = "\r\n".join([HEADINGS, *lines, ""])
    file = opened(write("vendor_charges.csv", text.encode("cp1252")), GERMAN | (profile or {}))
    return records(file), file


def with_column(name: str, words: Any) -> dict[str, Any]:
    return GERMAN | {"columns": {**GERMAN["columns"], name: words}}


def lines_and_reasons(file: RecordFile) -> list[tuple[int, str | None, str | None]]:
    return [(fault.line, fault.column, fault.value) for fault in file.faults]

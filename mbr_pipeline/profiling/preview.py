"""A sample as the proposed profile reads it: the first records, how many, their sum, what is refused.

What belongs here: reading with what is decided; columns that are TODO are left out, which is reported.
What does not: deciding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.datasets import Dataset, Kind
from connectors.files.records import Fault
from connectors.mapped.parts import NUMBERS
from connectors.mapped.place import Place
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.judging import Judge

_MONTH = date(2026, 1, 1)
_TOTALS = {"vendor_charges": "amount", "invoice_lines": "amount", "vendor_invoices": "invoice_total"}
_SEATS = {"license_counts": "entitled_quantity", "agreements": "quantity"}


@dataclass(frozen=True)
class Preview:
    """What a file says by the proposal.

    Attributes:
        records: The first records.
        undecided: Columns that are left out.
        fault: The first refused row.
        count: How many records there are.
        refused: How many rows are refused, by the reader or by what loading makes of their values.
        totals: What they add up to by currency, or in all under ``""``: money, or seats of datasets without.
        warnings: What the reader says of the file.
    """

    records: list[dict[str, str | None]]
    undecided: tuple[str, ...]
    fault: Fault | None
    count: int = 0
    refused: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def preview(
    path: Path, dataset: Dataset, settings: Mapping[str, Any], rows: int = 3, month: date = _MONTH
) -> Preview:
    """Read a file with what is decided in a profile, as if it were landed for a month.

    Raises:
        UnreadableFile: The file cannot be read.
    """
    decided = decided_only(dataset, settings)
    missing = [
        name for name in (*settings["columns"], *dataset.required_columns) if name not in decided["columns"]
    ]
    undecided = tuple(dict.fromkeys(missing))
    if undecided:  # an identifier made of the content would differ from the final one
        decided["columns"] = {
            name: words for name, words in decided["columns"].items() if words != {"made_of": "content"}
        }
    if not decided["columns"]:
        return Preview([], undecided, None)
    file = MappedFile(path, profile_of(dataset, decided, is_complete=False), Place(path.name, month))
    records: list[dict[str, str | None]] = []
    count, totals = 0, dict[str, Decimal]()
    summed = _TOTALS.get(dataset.name) or _SEATS.get(dataset.name, "")
    refused: dict[int, Fault] = {}
    with Judge(dataset, decided["columns"], are_rows_open=_is_todo(settings.get("where"))) as judge:
        for batch in file.batches():
            wrong = {fault.line: fault for fault in reversed(judge.faults(batch))}
            refused |= wrong
            found = [row for row in batch.to_pylist() if row["_line"] not in wrong]
            records += found[: rows - len(records)]
            count += len(found)
            for record in found:
                if record.get(summed):
                    unit = (record.get("currency") or "") if dataset.name in _TOTALS else ""
                    totals[unit] = totals.get(unit, Decimal(0)) + Decimal(record[summed])
    refused |= {fault.line: fault for fault in reversed(file.faults)}
    first = refused[min(refused)] if refused else None
    return Preview(records, undecided, first, count, len(refused), totals, tuple(file.warnings))


def decided_only(dataset: Dataset, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the profile without what is TODO, and without the columns that need it."""
    columns = {name: words for name, words in settings["columns"].items() if not _is_todo(words)}
    for word, kinds in (("dates", (Kind.DATE,)), ("decimals", NUMBERS)):
        if _is_todo(settings.get(word)):
            fixed = [
                column.name
                for column in dataset.columns
                if column.kind in kinds and not _needs_nothing(columns.get(column.name))
            ]
            columns = {name: words for name, words in columns.items() if name not in fixed}
    if any(words == {"made_of": "amount"} for words in columns.values()) and not {
        "amount",
        "quantity",
    } <= set(columns):
        columns = {name: words for name, words in columns.items() if words != {"made_of": "amount"}}
    kept = {word: value for word, value in settings.items() if not _is_todo(value)}
    return {**kept, "columns": columns}


def _is_todo(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_is_todo(part) for part in value.values())
    return isinstance(value, str) and value.startswith(TODO)


def _needs_nothing(words: Any) -> bool:
    return isinstance(words, Mapping) and bool({"constant", "count", "period"} & set(words))

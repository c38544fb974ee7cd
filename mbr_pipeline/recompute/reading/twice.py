"""Whether two files of a dataset tell the same things twice, so that both would count (contract §5.5,
DOUBLE_LANDING).

What belongs here: comparing the records of two files. What does not: which files are read (``inputs``), and
records that come again under an identifier of their own, which is no fault.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import fields
from itertools import combinations
from typing import Any

from mbr_pipeline.recompute.reading.records import LicenseCount, Record
from mbr_pipeline.recompute.reading.rules import SourceReader

_CORRECTED = ("quantity", "unit_cost", "unit_price", "amount")
"""What another export of the same lines may say otherwise."""
_LINE_IDS = ("line_id", "invoice_line_id", "agreement_line_id")


def made_id(dataset: str, reader: SourceReader | None) -> str | None:
    """The column whose ids are made from a record's content; ``None`` where the ids are the vendor's."""
    if reader is None:
        return None
    if reader.connector == "focus":
        return "line_id" if dataset == "vendor_charges" else None
    if reader.connector != "mapped":
        return None
    columns = (reader.settings.get(dataset) or {}).get("columns") or {}
    return next((name for name in _LINE_IDS if columns.get(name) == {"made_of": "content"}), None)


def can_double(dataset: str, reader: SourceReader | None) -> bool:
    """Say whether files of a dataset can tell the same twice without an identifier that shows it."""
    return dataset == "license_counts" or made_id(dataset, reader) is not None


def pairs_told_twice(dataset: str, rows: Iterable[Record], reader: SourceReader | None) -> int:
    """Count the pairs of files, of the same source and dataset, that tell the same things.

    Args:
        dataset: A name of the canonical datasets.
        rows: The accepted records of all its files, byte-equal ones read once.
        reader: The source's connector, if it is not ``canonical``.
    """
    files: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        files[row.origin.file].append(row)
    made = made_id(dataset, reader)
    same = _same_counts if dataset == "license_counts" else _same_lines
    return sum(same(one, other, made) for one, other in combinations(files.values(), 2))


def _same_counts(one: list[Record], other: list[Record], _: str | None) -> bool:
    return not _counted(one).isdisjoint(_counted(other))


def _counted(rows: list[Record]) -> set[tuple[Any, ...]]:
    counts = (row for row in rows if isinstance(row, LicenseCount))
    return {(row.vendor_customer_id, row.sku_id, row.as_of_date) for row in counts}


def _same_lines(one: list[Record], other: list[Record], made: str | None) -> bool:
    if _multiset(one, ()) == _multiset(other, ()):
        # The very same records in another form: each counts once by its identifier.
        return False
    partners = _multiset(one, (*_CORRECTED, made)) & _multiset(other, (*_CORRECTED, made))
    return partners.total() * 2 >= min(len(one), len(other))


def _multiset(rows: list[Record], without: tuple[str | None, ...]) -> Counter[tuple[Any, ...]]:
    names = [item.name for item in fields(rows[0]) if item.name not in ("origin", *without)]
    return Counter(tuple(getattr(row, name) for name in names) for row in rows)

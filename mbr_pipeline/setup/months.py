"""Which months a file's rows are of, before it is landed.

What belongs here: reading the days of one file. What does not: which month it is landed for (``plan``,
``next_month``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS, Dataset
from connectors.files.records import RecordFile, UnreadableFile
from connectors.mapped.place import Place
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from connectors.registry import CONNECTORS
from mbr_pipeline.profiling.preview import decided_only

_DATED = ("invoice_lines", "vendor_charges", "license_counts")
_LOOKED_AT = 5_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

ANY_MONTH = date(2026, 1, 1)
"""Stands for the landing folder's month where a file is only looked at."""


def months_shown(
    path: Path, name: str, connector: str, dataset_name: str, settings: Mapping[str, Any]
) -> Counter[str]:
    """Count in which months a file's first rows lie, by the day that each begins on or is counted on.

    Nothing is counted where the file shows none: it has no days, or they follow the landing folder, or what
    is not decided yet is needed to read them.
    """
    if dataset_name not in _DATED:
        return Counter()
    dataset = DATASETS[dataset_name]
    column = dataset.interval[0] if dataset.interval else "as_of_date"
    months: Counter[str] = Counter()
    try:
        file = _opened(path, name, connector, dataset, column, settings)
        for batch in file.batches() if file else ():
            days: Iterable[Any] = batch.column(column).to_pylist() if column in batch.schema.names else []
            months.update(day[:7] for day in days if day and _DAY.fullmatch(day))
            if sum(months.values()) > _LOOKED_AT:
                break
    except (UnreadableFile, ValueError):
        return Counter()  # what is wrong with it is said elsewhere
    return months


def _opened(
    path: Path, name: str, connector: str, dataset: Dataset, column: str, settings: Mapping[str, Any]
) -> RecordFile | None:
    """Open a file; None if its days are not in it."""
    if connector != "mapped":
        return CONNECTORS[connector].open(path, dataset, settings)
    profile = decided_only(dataset, settings[dataset.name])
    words = profile["columns"].get(column)
    if words is None or (isinstance(words, Mapping) and "period" in words):
        return None
    known = profile_of(dataset, profile, is_complete=False)
    return MappedFile(path, known, Place(Path(name).name, ANY_MONTH))

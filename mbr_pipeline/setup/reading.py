"""Reading a file before it is landed, as far as its profile is decided.

What belongs here: opening it as its source will, and which of its rows loading would refuse. What does not:
what is concluded from its records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from connectors.counted import plural
from connectors.datasets import DATASETS
from connectors.files.records import UnreadableFile
from connectors.mapped.place import Place
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from connectors.registry import CONNECTORS
from mbr_pipeline.profiling.preview import decided_only, preview

ANY_MONTH = date(2026, 1, 1)
"""Stands for the landing folder's month where a file is only looked at."""


def records_of(
    path: Path, name: str, connector: str, dataset_name: str, settings: Mapping[str, Any], *columns: str
) -> Iterator[tuple[str | None, ...]]:
    """Yield these columns of the records of a file; nothing where one of them cannot be read yet, or follows
    the landing folder.
    """
    dataset = DATASETS[dataset_name]
    try:
        if connector == "mapped":
            profile = decided_only(dataset, settings[dataset_name])
            words = [profile["columns"].get(column) for column in columns]
            if any(word is None or (isinstance(word, Mapping) and "period" in word) for word in words):
                return
            known = profile_of(dataset, profile, is_complete=False)
            file: Any = MappedFile(path, known, Place(f"{dataset_name}.{Path(name).name}", ANY_MONTH))
        else:
            file = CONNECTORS[connector].open(path, dataset, settings)
        for batch in file.batches():
            if set(columns) <= set(batch.schema.names):
                yield from zip(*(batch.column(column).to_pylist() for column in columns), strict=True)
    except (UnreadableFile, ValueError):
        return  # what is wrong with it is said elsewhere


def refused_rows(
    path: Path, name: str, connector: str, dataset_name: str, settings: Mapping[str, Any], month: date
) -> str | None:
    """Return how many rows of a file that a profile reads would be rejected in a month, and the first, or
    None.
    """
    if connector != "mapped":
        return None
    try:
        found = preview(path, DATASETS[dataset_name], settings[dataset_name], 0, month)
    except (UnreadableFile, ValueError):
        return None  # what is wrong with it is said elsewhere
    if found.fault is None:
        return None
    where = f"line {found.fault.line}, {found.fault.column or 'the whole row'}"
    many = f"{plural(found.refused, 'row')} would be rejected"
    return f"{name}: {many}, the first in {where}: “{found.fault.value or ''}” {found.fault.reason}"

"""The first records of a file as a proposed profile would read them.

What belongs here: reading with what is decided; columns that are still TODO are left out, which is reported.
What does not: deciding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.datasets import Dataset, Kind
from connectors.files.records import Fault
from connectors.mapped.cells import NUMBERS
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from connectors.mapped.words import TODO


@dataclass(frozen=True)
class Preview:
    """The first records, the columns that are not decided, and the first fault if any row was refused."""

    records: list[dict[str, str | None]]
    undecided: tuple[str, ...]
    fault: Fault | None


def preview(path: Path, dataset: Dataset, settings: Mapping[str, Any], rows: int = 3) -> Preview:
    """Read the first records with what is decided in a profile.

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
    file = MappedFile(path, profile_of(dataset, decided, is_complete=False))
    records: list[dict[str, str | None]] = []
    for batch in file.batches():
        records += batch.slice(0, rows - len(records)).to_pylist()
        if len(records) >= rows:
            break
    return Preview(records, undecided, file.faults[0] if file.faults else None)


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
    kept = {word: value for word, value in settings.items() if not _is_todo(value)}
    return {**kept, "columns": columns}


def _is_todo(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_is_todo(part) for part in value.values())
    return isinstance(value, str) and value.startswith(TODO)


def _needs_nothing(words: Any) -> bool:
    return isinstance(words, Mapping) and ("constant" in words or "count" in words)

"""The only list of file connectors: which native file formats can be read, and for which datasets.

What belongs here: one entry per connector. What does not: how a format is read (``connectors.files``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.datasets import DATASETS, Dataset
from connectors.files.focus import focus_records
from connectors.files.records import RecordFile, open_records


@dataclass(frozen=True)
class Connector:
    """A way to read landed files.

    Attributes:
        name: What a source in ``mbr.yml`` says under ``connector``.
        datasets: The datasets it can deliver.
        open: Opens one landed file as records of a dataset; raises ``UnreadableFile``.
        doc: One sentence for people.
    """

    name: str
    datasets: tuple[str, ...]
    open: Callable[[Path, Dataset], RecordFile]
    doc: str


def _open_canonical(path: Path, dataset: Dataset) -> RecordFile:
    return open_records(path, dataset.column_names)


def _open_focus(path: Path, dataset: Dataset) -> RecordFile:
    return focus_records(path)


_ALL = (
    Connector(
        "canonical",
        tuple(DATASETS),
        _open_canonical,
        "Files that have the canonical columns already: CSV, JSON lines, XLSX or Parquet, also gzipped.",
    ),
    Connector(
        "focus",
        ("vendor_charges",),
        _open_focus,
        "Cloud bills in FOCUS 1.0 or 1.2 (FinOps Open Cost and Usage Specification): CSV or Parquet, also gzipped.",
    ),
)

CONNECTORS: dict[str, Connector] = {connector.name: connector for connector in _ALL}
"""The file connectors by name; ``canonical`` reads the files of a source that names none."""

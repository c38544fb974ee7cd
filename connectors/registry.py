"""The only list of connectors: what a source in ``mbr.yml`` can say under ``connector``.

What belongs here: one entry per connector, and how its landed files are opened. What
does not: how a format is read (``connectors.files``, ``connectors.native_file``), and
any one system's declaration (``connectors.sources``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS, Dataset
from connectors.files.opening import open_records
from connectors.files.records import RecordFile
from connectors.focus.reader import focus_records
from connectors.mapped.reader import beside_bytes, check_mapped, open_mapped
from connectors.native_file import NativeFile
from connectors.singer.reader import check_singer, open_singer
from connectors.sources.connectwise import CONNECTWISE
from connectors.sources.halopsa.declaration import HALOPSA
from connectors.sources.huntress import HUNTRESS, HUNTRESS_RESELLER
from connectors.sources.microsoft.graph_billing import GRAPH_BILLING
from connectors.sources.microsoft.graph_licenses import GRAPH_LICENSES
from connectors.sources.microsoft.partner_center import PARTNER_CENTER
from connectors.sources.ninjaone import NINJAONE
from connectors.sources.pax8 import PAX8
from connectors.sources.quickbooks.online import QUICKBOOKS
from connectors.sources.sherweb import SHERWEB
from connectors.sources.xero import XERO
from connectors.spec import SourceSpec, completed

Settings = Mapping[str, Any]
"""What ``mbr.yml`` says under ``settings`` of a source, checked and complete."""


@dataclass(frozen=True)
class Connector:
    """A way to read landed files, and to fetch them where ``spec`` says how.

    Attributes:
        name: What a source in ``mbr.yml`` says under ``connector``.
        datasets: The datasets it can deliver.
        open: Opens one landed file as records of a dataset; raises ``UnreadableFile``.
        check: Completes settings; raises ``ValueError`` with what to do.
        doc: One sentence for people.
        spec: The system it fetches from; None for files only.
        beside: What besides its bytes decides what a file of a dataset says: its ``period``, its
            ``file_name``, or nothing.
    """

    name: str
    datasets: tuple[str, ...]
    open: Callable[[Path, Dataset, Settings], RecordFile]
    check: Callable[[Settings], Settings]
    doc: str
    spec: SourceSpec | None = None
    beside: Callable[[Settings, str], frozenset[str]] = lambda settings, dataset: frozenset()


def _no_settings(settings: Settings) -> Settings:
    return completed((), settings)


def _open_canonical(path: Path, dataset: Dataset, settings: Settings) -> RecordFile:
    return open_records(path, dataset.column_names)


def _open_focus(path: Path, dataset: Dataset, settings: Settings) -> RecordFile:
    return focus_records(path)


def connector_of(spec: SourceSpec) -> Connector:
    """Return the connector that fetches and reads what a declaration says."""

    def open_native(path: Path, dataset: Dataset, settings: Settings) -> RecordFile:
        feed = spec.feed(dataset.name)
        return NativeFile(path, dataset, feed.rows, settings, feed.needs, rename=spec.rename)

    return Connector(spec.name, spec.datasets, open_native, spec.complete, spec.doc, spec)


_FILES = (
    Connector(
        "canonical",
        tuple(DATASETS),
        _open_canonical,
        _no_settings,
        "Files that have the canonical columns already: CSV, JSON lines, XLSX or Parquet, also gzipped.",
    ),
    Connector(
        "focus",
        ("vendor_charges",),
        _open_focus,
        _no_settings,
        "Cloud bills in FOCUS 1.0 or 1.2 (FinOps Open Cost and Usage Specification): CSV or Parquet, also"
        " gzipped.",
    ),
    Connector(
        "mapped",
        tuple(DATASETS),
        open_mapped,
        check_mapped,
        "Any vendor's CSV or XLSX, also gzipped, by a profile that says what its columns are and how it"
        " writes dates and numbers.",
        beside=beside_bytes,
    ),
    Connector(
        "singer",
        tuple(DATASETS),
        open_singer,
        check_singer,
        "What any Singer tap wrote (SCHEMA, RECORD and STATE lines, `.jsonl`, also gzipped): a stream for"
        " each dataset, by a profile or with canonical names.",
    ),
)

SPECS: tuple[SourceSpec, ...] = (
    PAX8,
    NINJAONE,
    XERO,
    HUNTRESS,
    HUNTRESS_RESELLER,
    CONNECTWISE,
    PARTNER_CENTER,
    GRAPH_BILLING,
    GRAPH_LICENSES,
    SHERWEB,
    HALOPSA,
    QUICKBOOKS,
)
"""The systems that records are fetched from."""

CONNECTORS: dict[str, Connector] = {
    connector.name: connector for connector in (*_FILES, *map(connector_of, SPECS))
}
"""The connectors by name; ``canonical`` reads the files of a source that names none."""

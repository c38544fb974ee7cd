"""Any vendor's CSV or XLSX file, read as a canonical dataset by a declared profile.

What belongs here: opening a file by its profile, and what shows that a file is not the one the profile is
for. What does not: the profile's words (``profile``), its rows (``rows``), typing and rejecting
(``mbr_pipeline.ingest.parse``). The vendor's own row is kept whole with each record.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from connectors.datasets import Dataset
from connectors.files.delimited import DelimitedFile
from connectors.files.ordinals import Ordinals
from connectors.files.records import RecordFile, UnreadableFile
from connectors.mapped.profile import Profile, profile_of, profiles_of
from connectors.mapped.rows import Rows
from connectors.mapping import Row
from connectors.native_file import NativeFile


def check_mapped(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a mapped source if every word in them is right.

    Raises:
        ValueError: One is not; the text says which and what to write.
    """
    profiles_of(settings)
    return settings


def open_mapped(path: Path, dataset: Dataset, settings: Mapping[str, Any]) -> RecordFile:
    """Open a vendor's file by the profile that the settings have for the dataset.

    Raises:
        UnreadableFile: There is no such profile, the file's beginning cannot be read, or a column the profile
            names is not there, once.
    """
    if dataset.name not in settings:
        raise UnreadableFile(
            path.name,
            f"settings.{dataset.name} is missing in mbr.yml; `mbr profile` proposes it from a sample file",
        )
    return MappedFile(path, profile_of(dataset, settings[dataset.name]))


class MappedFile(NativeFile):
    """A vendor's file as a ``RecordFile`` of a canonical dataset."""

    def __init__(self, path: Path, profile: Profile, records: RecordFile | None = None) -> None:
        """Read the headings; see ``open_mapped``. ``records`` are the file's where it is no CSV or XLSX."""
        inner = _Watched(records or _opened(path, profile))
        _refuse_drift(path, profile, inner.header)
        self._rows = Rows(profile, is_sheet=_is_sheet(path))
        self._watched = inner
        super().__init__(path, profile.dataset, self._rows.made, {}, inner=inner)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records; see ``RecordFile``."""
        with closing(Ordinals()) as ordinals:
            self._rows.ordinals = ordinals
            yield from super().batches()
        if self._rows.repeated:
            self.warnings.append(f"{self._rows.repeated} records repeat what is counted once")

    def _mapped(self, line: int, packed: str | None) -> list[Row] | None:
        if self._watched.lost_before(line):
            self._rows.forget()
        rows = super()._mapped(line, packed)
        return None if self._rows.is_repeat else rows


def _is_sheet(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith(".xlsx")


def _opened(path: Path, profile: Profile) -> RecordFile:
    if _is_sheet(path):
        # by name, so that openpyxl need not be loaded to read CSV
        reader = import_module("connectors.files.xlsx").XlsxFile
        return cast(
            RecordFile,
            reader(path, (), sheet=profile.sheet, header_row=profile.header_row, point=profile.numbers.point),
        )
    if path.name.lower().removesuffix(".gz").endswith(".csv"):
        return DelimitedFile(path, profile.encoding, profile.delimiter, profile.header_row)
    raise UnreadableFile(path.name, "mapped files are .csv or .xlsx, also with .gz; export one of these")


def _refuse_drift(path: Path, profile: Profile, header: tuple[str, ...]) -> None:
    """A column named in the profile is required in the file, whatever canonical column it is for."""
    lacking = [
        f"{heading!r} (for {use})" for heading, use in profile.headings.items() if heading not in header
    ]
    if lacking:
        raise UnreadableFile(
            path.name,
            f"has no column {', '.join(lacking)}; correct the file, or the headings or `header_row` in"
            " mbr.yml",
        )
    twice = [heading for heading in profile.headings if header.count(heading) > 1]
    if twice:
        raise UnreadableFile(
            path.name, f"has the column {twice[0]!r} more than once; give each a name of its own"
        )


class _Watched:
    """A file's records, with the lines of those that were refused before they came here."""

    header_is_final = True

    def __init__(self, inner: RecordFile) -> None:
        self._inner = inner
        self._lost: deque[int] = deque()
        self.header, self.faults, self.warnings = inner.header, inner.faults, inner.warnings

    def batches(self) -> Iterator[pa.RecordBatch]:
        for batch in self._inner.batches():
            self._lost.extend(sorted({fault.line for fault in self.faults}))
            yield batch

    def lost_before(self, line: int) -> bool:
        """Whether a record was lost between the previous request and this one."""
        found = False
        while self._lost and self._lost[0] < line:
            self._lost.popleft()
            found = True
        return found

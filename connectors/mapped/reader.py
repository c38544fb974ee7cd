"""Any vendor's CSV or XLSX file, read as a canonical dataset by a declared profile.

What belongs here: opening a file by its profile, and what shows that a file is not the one the profile is
for. What does not: the profile's words (``profile``), its rows (``rows``), typing and rejecting
(``mbr_pipeline.ingest.parse``). The vendor's own row is kept whole with each record.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from connectors.counted import plural
from connectors.datasets import DATASETS, Dataset
from connectors.files.delimited import DelimitedFile
from connectors.files.ordinals import Ordinals
from connectors.files.records import RecordFile, UnreadableFile
from connectors.mapped.headings import named
from connectors.mapped.making import Making
from connectors.mapped.place import Place, place_of
from connectors.mapped.profile import Profile, profile_of, profiles_of
from connectors.mapped.rows import Rows
from connectors.mapped.sums import summed
from connectors.mapping import MappingError, Row
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
        UnreadableFile: There is no such profile, the file's beginning cannot be read, a column the profile
            names is not there, once, or the place or the lines above do not say what the profile asks.
    """
    if dataset.name not in settings:
        raise UnreadableFile(
            path.name,
            f"settings.{dataset.name} is missing in mbr.yml; `mbr profile` proposes it from a sample file",
        )
    return MappedFile(path, profile_of(dataset, settings[dataset.name]))


def headings_in(path: Path, profile: Profile) -> tuple[str, ...]:
    """Return the headings of a file where a profile says they are, whether or not they are those it names.

    Raises:
        UnreadableFile: The file's beginning cannot be read so.
    """
    return _opened(path, profile).header


def beside_bytes(settings: Mapping[str, Any], dataset: str) -> frozenset[str]:
    """Return what besides its bytes decides what a file of a mapped source says."""
    return profile_of(DATASETS[dataset], settings[dataset]).beside if dataset in settings else frozenset()


class MappedFile(NativeFile):
    """A vendor's file as a ``RecordFile`` of a canonical dataset.

    Attributes:
        ids_from_content: Whether records have an identifier that is made of their content.
        vendor_headings: The headings that the file itself has.
    """

    def __init__(
        self,
        path: Path,
        profile: Profile,
        place: Place | None = None,
        records: RecordFile | None = None,
    ) -> None:
        """Read the headings; see ``open_mapped``. ``place`` is where the file will be, if it is not there,
        ``records`` are the file's where it is no CSV or XLSX.
        """
        opened = records or _opened(path, profile)
        above: Sequence[tuple[int, Sequence[str]]] = getattr(opened, "above", ())
        inner = _Watched(opened)
        _refuse_drift(path, profile, inner.header)
        is_from_1904 = getattr(opened, "is_from_1904", False)
        making = Making(profile, _is_sheet(path), place or place_of(path), above, is_from_1904)
        _refuse_silent_place(path, making)
        self._rows = Rows(making, inner.header)
        self._watched = inner
        self.ids_from_content = profile.ids_from_content
        self.vendor_headings = inner.header
        super().__init__(path, profile.dataset, self._rows.made, {}, inner=inner)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records; see ``RecordFile``."""
        with closing(Ordinals()) as ordinals:
            self._rows.ordinals = ordinals
            batches = super().batches()
            is_sum = any(cell.sum_of for cell in self._rows.profile.cells)
            yield from summed(self, batches, self._rows.profile.dataset) if is_sum else batches
        if self._rows.repeated:
            self.warnings.append(
                f"{plural(self._rows.repeated, 'record repeats', 'records repeat')} what is counted once"
            )

    def _mapped(self, line: int, packed: str | None) -> list[Row] | None:
        if self._watched.lost_before(line):
            self._rows.forget()
        rows = super()._mapped(line, packed)
        return None if rows == [] and self._rows.is_told else rows


def _is_sheet(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith(".xlsx")


def _opened(path: Path, profile: Profile) -> RecordFile:
    if _is_sheet(path):
        # by name, so that openpyxl need not be loaded to read CSV
        reader = import_module("connectors.files.xlsx").XlsxFile
        return cast(
            RecordFile,
            reader(
                path,
                (),
                sheet=profile.sheet,
                header_row=profile.header_row,
                point=profile.numbers.point,
                percents=True,
                names=named,
            ),
        )
    if path.name.lower().removesuffix(".gz").endswith(".csv"):
        return DelimitedFile(path, profile.encoding, profile.delimiter, profile.header_row, names=named)
    raise UnreadableFile(path.name, "mapped files are .csv or .xlsx, also with .gz; export one of these")


def _refuse_drift(path: Path, profile: Profile, header: tuple[str, ...]) -> None:
    """A column named in the profile is required in the file, whatever canonical column it is for."""
    lacking = {heading: use for heading, use in profile.headings.items() if heading not in header}
    twice = [heading for heading in lacking if f"{heading}#2" in header]
    if twice:
        raise UnreadableFile(
            path.name,
            f"has the column {twice[0]!r} more than once; give each a name of its own, or name"
            f" '{twice[0]}#1' or '{twice[0]}#2' in mbr.yml",
        )
    if lacking:
        named_so = ", ".join(f"{heading!r} (for {use})" for heading, use in lacking.items())
        raise UnreadableFile(
            path.name,
            f"has no column {named_so}; correct the file, or the headings or `header_row` in mbr.yml",
        )
    if taken := [name for name in profile.shape.makes if name in header]:
        raise UnreadableFile(
            path.name, f"has a column {taken[0]!r} of its own; give the profile's another name in mbr.yml"
        )


def _refuse_silent_place(path: Path, making: Making) -> None:
    """Refuse a file whose place or lines above do not say what every record would need."""
    if making.place.period is None and "period" in making.profile.beside:
        raise UnreadableFile(
            path.name, "is in no landing folder, so its month is not known; land it, or say the period"
        )
    for cell in (each for first in making.profile.cells for each in first.chain()):
        if cell.file_name is None and cell.above is None:
            continue
        try:
            making.value(cell, {})
        except MappingError as error:
            shown = f" {error.value!r}" if error.value else ""
            raise UnreadableFile(
                path.name, f"for {cell.column.name}: {error.column!r}{shown} {error.reason}"
            ) from error


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

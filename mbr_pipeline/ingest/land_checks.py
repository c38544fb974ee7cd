"""What holds a file off that is to be landed, and what a run will say of it.

What belongs here: one source's files of one dataset and month, read and typed as a run will. What does not:
names and replacing (``mbr_pipeline.ingest.land_files``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pyarrow.parquet as pq

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.ingest import load
from mbr_pipeline.ingest.double_landing import double_landings, may_double
from mbr_pipeline.ingest.landing import LandedFile, superseded_files
from mbr_pipeline.ingest.landing_moves import LandingFolder
from mbr_pipeline.ingest.parse import ParsedFile, Parser, parse
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.storage.warehouse import connected
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace


@dataclass(frozen=True)
class Place:
    """One source's files of one dataset and month, and how they are read."""

    workspace: Workspace
    month: MonthPaths
    source: str
    dataset: str

    @classmethod
    def of(cls, workspace: Workspace, msp_id: str, period: str, source: str, dataset: str) -> Place:
        """Find the place.

        Raises:
            ConfigError: There is no such MSP, month, source or dataset; it names those there are.
        """
        month = workspace.month(msp_id, period)
        sources = workspace.msp(msp_id).sources
        if source not in sources:
            raise ConfigError(
                f"{msp_id} has no source {source!r} in mbr.yml: use one of {', '.join(sources)}"
            )
        if dataset not in (declared := sources[source].datasets):
            raise ConfigError(
                f"source {source} declares no dataset {dataset!r} in mbr.yml: use one of"
                f" {', '.join(declared)}"
            )
        return cls(workspace, month, source, dataset)

    @property
    def folder(self) -> LandingFolder:
        """Where its files lie."""
        return LandingFolder(self.month.landing / self.source)

    @property
    def replaces(self) -> bool:
        """Whether the file whose name is last counts alone."""
        return self.workspace.msp(self.month.msp_id).sources[self.source].files == "replace"

    def name_of(self, file: Path) -> str:
        """Return the name under which a file lands: its own, if that says the dataset."""
        own = file.name
        return own if own.split(".", 1)[0] == self.dataset else f"{self.dataset}.{own}"

    def landed_file(self, path: Path) -> LandedFile:
        """Describe a file as if it were landed."""
        own = self.workspace.msp(self.month.msp_id).sources[self.source]
        words = json.dumps(own.settings, sort_keys=True)
        size, period = path.stat().st_size, self.month.period.text
        return LandedFile(
            path, period, self.source, self.dataset, own.connector, sha256_of(path), size, words
        )


def checked(place: Place, file: LandedFile) -> ParsedFile:
    """Type a file as a run would.

    Raises:
        ConfigError: It cannot be read, lacks a column, or a row of it is rejected.
    """
    paths = place.workspace.paths
    parsed = parse(file, paths.parsed, paths.temporary)
    name = file.path.name
    if parsed.unreadable:
        raise ConfigError(f"{parsed.unreadable}; nothing was landed")
    if parsed.missing_columns or parsed.repeated_columns:
        lacking = [f"required columns missing: {', '.join(parsed.missing_columns)}"] * bool(
            parsed.missing_columns
        )
        lacking += [f"columns repeated: {', '.join(parsed.repeated_columns)}"] * bool(parsed.repeated_columns)
        said = "; ".join([*lacking, *parsed.warnings])
        raise ConfigError(
            f"{name}: {said}: correct the headings or the source in mbr.yml; nothing was landed"
        )
    if parsed.rejected:
        first = pq.read_table(parsed.rejects_path).slice(0, 1).to_pylist()[0]
        _refuse(name, first["line"], first["column_name"], first["value"], first["reason"], parsed.rejected)
    return parsed


def _refuse(
    name: str, line: int, column: str | None, value: str | None, reason: str, rejected: int
) -> NoReturn:
    where = (
        f"{name}: line {line}" + (f": {column}" if column else "") + ("" if value is None else f" {value!r}")
    )
    more = f" ({rejected - 1} more rows are rejected)" if rejected > 1 else ""
    raise ConfigError(f"{where}: {reason}{more}; correct the export; nothing was landed")


def held_together(place: Place, own: list[LandedFile], others: list[LandedFile], new: set[str]) -> list[str]:
    """Hold the new files against those that they will lie with, and return what a run will say of them.

    Raises:
        ConfigError: A record contradicts one that is landed.
    """
    workspace, period = place.workspace, place.month.period
    msp = workspace.msp(place.month.msp_id)
    passed_over = superseded_files(own, msp)
    warnings = [
        f"{each.file.name}: {each.by.path.name} counts in its place (files: replace)"
        for each in passed_over
        if each.file.name in new
    ]
    gone = {each.file.name for each in passed_over}
    counting = [file for file in own if file.name not in gone]
    with Parser(workspace.paths.parsed, workspace.paths.temporary) as parser:
        parsed = [parser.parse(file) for file in (*counting, *others)]
    with connected(None, workspace.paths.temporary) as connection:
        load.start_month(connection, place.month.msp_id, msp, workspace.settings.policies, period, {})
        load.load_dataset(connection, place.dataset, parsed, period)
        rejected = connection.execute(
            "select file, line, column_name, value, reason from raw.rejects where list_contains(?, file)"
            " order by all",
            [sorted(new)],
        ).fetchall()
        if rejected:
            file, line, column, value, reason = rejected[0]
            _refuse(file.rsplit("/", 1)[-1], line, column, value, reason, len(rejected))
        mine = [p for p in parsed[: len(counting)] if not p.is_drifted]
        if any(may_double(p.landed) for p in mine):
            bare = {name.rsplit("/", 1)[-1] for name in new}
            warnings += [
                f"{pair.first} and {pair.second} {pair.what}: the month will be blocked by DOUBLE_LANDING;"
                " land the right one with --replaces the other"
                for pair in double_landings(connection, mine)
                if {pair.first, pair.second} & bare
            ]
    return warnings


def remarks(file: ParsedFile) -> list[str]:
    """Return what people should know of a file although no row of it is rejected."""
    extra = ", ".join(name or "one without a heading" for name in file.extra_columns[:10])
    return [
        *file.warnings,
        *([f"columns that are none of the dataset's are kept in raw only: {extra}"] * bool(extra)),
    ]

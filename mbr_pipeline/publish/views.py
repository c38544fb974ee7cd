"""The views of the catalogue: which files each names, and its SQL.

What belongs here: a view per published table over the publications in force, and ``<table>_versions`` over
the closed versions. What does not: the catalogue's file (``mbr_pipeline.publish.catalogue``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import duckdb

from mbr_pipeline.audit.candidate_tables import RESTATEMENT, ROW_ORDER
from mbr_pipeline.publish.catalogue_words import MONTH_START, describe
from mbr_pipeline.publish.restatement import columns_of_nothing
from mbr_pipeline.publish.versions import current_versions, kept_versions
from mbr_pipeline.storage.warehouse import pattern_escaped, quoted

_VERSIONS = "_versions"


def files_by_view(published: Path, left_out: Collection[Path] = ()) -> dict[str, list[Path]]:
    """Return the files that each view names: those in force of every table that is published at all, and
    those of its closed versions, where there are none those in force for their columns. No path has a link in
    it.

    Args:
        published: The folder of everything published.
        left_out: Folders of versions that cannot be read.
    """
    current = [folder for folder in current_versions(published) if folder not in left_out]
    kept = [folder for folder in kept_versions(published) if folder not in left_out]
    found: dict[str, list[Path]] = {}
    for name in (*ROW_ORDER, RESTATEMENT):
        in_force = _there(current, name)
        if in_force or (name == RESTATEMENT and current):
            found[name] = in_force
            found[name + _VERSIONS] = _there(kept, name) or in_force
    return found


def literal(file: Path) -> str:
    """Return how a view names one of its files."""
    return quoted(pattern_escaped(str(file)))


def create_views(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[Path]]) -> None:
    """Create every view in a catalogue, with its meaning and that of its columns."""
    for name, paths in files.items():
        connection.execute(f"create view {name} as {_select(connection, name, paths)}")
    describe(connection, {name: name.removesuffix(_VERSIONS) for name in files})


def _there(folders: Sequence[Path], table: str) -> list[Path]:
    return [file for folder in folders if (file := folder / f"{table}.parquet").exists()]


def _select(connection: duckdb.DuckDBPyConnection, view: str, paths: Sequence[Path]) -> str:
    is_of_versions = view.endswith(_VERSIONS)
    if not paths:  # no month was opened again
        typed = ", ".join(f"null::{kind} as {name}" for name, kind in columns_of_nothing().items())
        start = f", null::date as {MONTH_START}"
        return f"select {'null::integer as version, ' if is_of_versions else ''}{typed}{start} where false"
    listed = ", ".join(map(literal, paths))
    read = f"read_parquet([{listed}], union_by_name = true"
    # tools of analysis group and filter by dates; the month itself stays text, as in the files
    start = f", cast(period || '-01' as date) as {MONTH_START}" if _has_period(connection, paths) else ""
    if not is_of_versions:
        return f"select *{start} from {read})"
    if not paths[0].parent.name.isdigit():  # nothing is closed
        return f"select null::integer as version, *{start} from {read}) where false"
    number = r"regexp_extract(filename, '([0-9]+)/[^/]*$', 1)::integer"
    return f"select {number} as version, * exclude (filename){start} from {read}, filename = true)"


def _has_period(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> bool:
    query = "select 1 from parquet_schema(?) where name = 'period'"
    return any(connection.execute(query, [pattern_escaped(str(path))]).fetchone() for path in paths)

"""The catalogue: a read-only DuckDB file of views over everything published, and opening it for SQL.

Belongs here: writing and opening it. Does not: publishing (``mbr_pipeline.publish.publication``).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.storage.warehouse import quoted
from mbr_pipeline.workspace.paths import WorkspacePaths

_LINKS = ".links"


_KEPT_SECONDS = 3600


def refresh_catalogue(workspace: WorkspacePaths) -> None:
    """Write ``published/mbr.duckdb`` anew: one view per table over all published months. Readers keep the old
    file until they reopen.

    The views name links of the published files that are never pointed at other bytes. DuckDB opens a file by
    its path more than once for one query, so a view of the swapped folders could read the head of the old
    file and the rows of the new one.
    """
    building = workspace.published / ".mbr.duckdb.building"
    building.unlink(missing_ok=True)
    months = sorted(
        p for p in workspace.published.glob("*/*") if p.is_dir() and not p.parent.name.startswith(".")
    )
    current: set[Path] = set()
    connection = duckdb.connect(str(building))
    try:
        for name in ROW_ORDER:
            published = [
                month / f"{name}.parquet" for month in months if (month / f"{name}.parquet").exists()
            ]
            files = [_lasting_link(file, workspace) for file in published]
            current.update(files)
            if files:
                listed = ", ".join(quoted(_escape_glob(file)) for file in files)
                connection.execute(
                    f"create view {name} as select * from read_parquet([{listed}], union_by_name = true)"
                )
    finally:
        connection.close()
    building.replace(workspace.catalogue)
    for link in (workspace.published / _LINKS).glob("*/*/*.parquet"):
        # the change time is when the published name went away: a query that began before that has long ended
        if link not in current and time.time() - link.stat().st_ctime > _KEPT_SECONDS:
            link.unlink()


def _lasting_link(published: Path, workspace: WorkspacePaths) -> Path:
    """Return a name of its own for a published file's bytes, which outlives the next swap."""
    info = published.stat()
    folder = workspace.published / _LINKS / published.parent.parent.name / published.parent.name
    link = folder / f"{published.stem}.{info.st_ino}-{info.st_mtime_ns}.parquet"
    if not link.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            os.link(published, link)
        except OSError:  # a file system without links: a copy serves as well
            building = link.with_suffix(".building")
            shutil.copyfile(published, building)
            building.replace(link)
    return link


def _escape_glob(path: Path) -> str:
    """DuckDB reads ``*`` and ``[`` in a path as patterns; a workspace may well lie in a folder named so."""
    text = str(path.resolve())
    return "".join(f"[{c}]" if c in "*[" else c for c in text)


def _is_moved(workspace: WorkspacePaths) -> bool:
    """Whether the catalogue's views name files of another place: views hold whole paths, so a moved or copied
    workspace needs new ones.
    """
    published = quoted(_escape_glob(workspace.published) + "/")[1:-1]
    connection = duckdb.connect(str(workspace.catalogue), read_only=True)
    try:
        query = "select count(*) from duckdb_views() where not internal and not contains(sql, ?)"
        return bool(connection.execute(query, [published]).fetchone() != (0,))
    finally:
        connection.close()


@contextmanager
def reading(workspace: WorkspacePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the catalogue for SQL: read-only, confined to the publication, unable to be reconfigured."""
    if not workspace.catalogue.exists():
        raise MbrError(f"nothing is published in {workspace.root} yet: run `mbr run --period YYYY-MM` first")
    if _is_moved(workspace):
        with locked(workspace.warehouse / "publication.lock"):
            refresh_catalogue(workspace)
    connection = duckdb.connect(
        str(workspace.catalogue),
        read_only=True,
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    try:
        connection.execute("set TimeZone = 'UTC'")
        # a path with pattern characters is asked for as it is escaped, then opened as it is
        allowed = {str(workspace.published.resolve()), _escape_glob(workspace.published)}
        connection.execute(f"set allowed_directories = [{', '.join(map(quoted, sorted(allowed)))}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection
    finally:
        connection.close()

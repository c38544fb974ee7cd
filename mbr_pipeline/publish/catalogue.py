"""The catalogue: a read-only DuckDB file of views over everything published, and opening it for SQL.

Belongs here: writing and opening it. Does not: the files that its views name
(``mbr_pipeline.publish.versions``).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from mbr_pipeline.audit.candidate_tables import ROW_ORDER
from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish.versions import (
    current_versions,
    mark_replaced,
    refuse_foreign_links,
    remove_unread,
    replaced_versions,
    take_over_earlier,
)
from mbr_pipeline.storage.atomic_files import sync
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.storage.warehouse import glob_escaped, quoted, remove
from mbr_pipeline.workspace.paths import WorkspacePaths


def refresh_catalogue(workspace: WorkspacePaths) -> None:
    """Write ``published/mbr.duckdb`` anew: one view per table over all published months. Readers keep the old
    file until they reopen; where it would say the same, it is left alone.

    The views name files of version folders, which never change. DuckDB opens a file by its path more than
    once for one query, so a view that went by the months' links could read the head of the old file and the
    rows of the new one.
    """
    published = workspace.published
    take_over_earlier(published)
    building = published / ".mbr.duckdb.building"
    remove(building)
    _write(building, current_versions(published))
    views = _read_back(building)
    before = _views_before(workspace.catalogue)
    if views == before:
        building.unlink()
    else:
        for version in replaced_versions(published):
            if before is None or _names(before, version.relative_to(published.resolve())):
                mark_replaced(version)
        sync(building)
        building.replace(workspace.catalogue)
        sync(published)
    remove_unread(published)


def _write(building: Path, versions: Sequence[Path]) -> None:
    with closing(duckdb.connect(str(building))) as connection:
        for name in ROW_ORDER:
            files = [file for version in versions if (file := version / f"{name}.parquet").exists()]
            if files:
                listed = ", ".join(quoted(glob_escaped(file)) for file in files)
                connection.execute(
                    f"create view {name} as select * from read_parquet([{listed}], union_by_name = true)"
                )


def _read_back(building: Path) -> dict[str, str]:
    """Open every view and count its rows; returns them as they stand in the file."""
    views = _views(building)
    if views is None:
        raise MbrError(
            f"the catalogue written to {building} cannot be opened: check the disk, then run again"
        )
    with closing(duckdb.connect(str(building), read_only=True)) as connection:
        for name in views:
            connection.execute(f"select count(*) from {name}").fetchone()
    return views


def _views(catalogue: Path) -> dict[str, str] | None:
    """Return the SQL of every view, by name, or None if the file cannot be opened."""
    try:
        with closing(duckdb.connect(str(catalogue), read_only=True)) as connection:
            query = "select view_name, sql from duckdb_views() where not internal"
            return dict(connection.execute(query).fetchall())
    except duckdb.Error:
        return None


def _views_before(catalogue: Path) -> dict[str, str] | None:
    """Return the views of the catalogue that is there, or None.

    A copy is opened: readers of this process, and whoever opened it to write, are left alone.
    """
    copy = catalogue.with_name(f".{catalogue.name}.before")
    try:
        shutil.copyfile(catalogue, copy)
        return _views(copy)
    except OSError:
        return None
    finally:
        copy.unlink(missing_ok=True)


def _names(views: Mapping[str, str], version: Path) -> bool:
    return any(f"/{version.as_posix()}/" in sql for sql in views.values())


def _is_moved(workspace: WorkspacePaths) -> bool:
    """Whether the catalogue's views name files of another place: views hold whole paths, so a moved or copied
    workspace needs new ones.
    """
    published = quoted(glob_escaped(workspace.published) + "/")[1:-1]
    connection = duckdb.connect(str(workspace.catalogue), read_only=True)
    try:
        query = "select count(*) from duckdb_views() where not internal and not contains(sql, ?)"
        return bool(connection.execute(query, [published]).fetchone() != (0,))
    finally:
        connection.close()


@contextmanager
def reading(workspace: WorkspacePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the catalogue for SQL: read-only, confined to the publication, unable to be reconfigured.

    A link inside ``published/`` that leads out of it opens nothing: DuckDB goes by where it leads.
    """
    if not workspace.catalogue.exists():
        raise MbrError(f"nothing is published in {workspace.root} yet: run `mbr run --period YYYY-MM` first")
    refuse_foreign_links(workspace.published)
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
        allowed = {str(workspace.published.resolve()), glob_escaped(workspace.published)}
        connection.execute(f"set allowed_directories = [{', '.join(map(quoted, sorted(allowed)))}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection
    finally:
        connection.close()

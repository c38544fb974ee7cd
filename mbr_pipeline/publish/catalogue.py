"""The catalogue: a read-only DuckDB file of views over everything published.

Damaged tables of one month stop nobody else: those of a closed month are restored where a whole copy is kept,
all others are left out of the views until they are whole again, with a warning that names the cure.

What belongs here: writing it, and finding out whether it shows the tables in force. What does not: the files
that its views name (``mbr_pipeline.publish.versions``), and opening it for SQL
(``mbr_pipeline.publish.reading``).
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import duckdb

from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish import publications
from mbr_pipeline.publish.catalogue_words import comments
from mbr_pipeline.publish.damage import damaged_folders, is_damaged, told
from mbr_pipeline.publish.mending import Restored, remove_damaged, restore_closed
from mbr_pipeline.publish.versions import (
    mark_replaced,
    refuse_foreign_links,
    remove_unread,
    replaced_versions,
    take_over_earlier,
)
from mbr_pipeline.publish.views import create_views, files_by_view, literal
from mbr_pipeline.storage.atomic_files import sync
from mbr_pipeline.storage.locks import locked_alone
from mbr_pipeline.storage.warehouse import glob_escaped, is_held_elsewhere, quoted, remove
from mbr_pipeline.workspace.paths import WorkspacePaths

_LOG = logging.getLogger(__name__)

_NOT_WHOLE = (
    "the catalogue could not be written whole in {}: make room on the disk, then run again; the earlier"
    " catalogue stays"
)


def refresh_catalogue(workspace: WorkspacePaths, left_out: Collection[Path] = ()) -> None:
    """Write ``published/mbr.duckdb`` anew: one view per table over all published months, and beside it
    ``<table>_versions`` over all closed versions, with a column ``version``. Readers keep the old file until
    they reopen it; a file that would stay the same is not rewritten.

    The views name files of version folders, which never change. DuckDB opens a file by its path more than
    once for one query, so a view over the months' links could read the head of the old file and the
    rows of the new one.

    Args:
        workspace: Whose publication. Its lock is held by the caller.
        left_out: Folders that are known to be damaged.

    Raises:
        MbrError: There is no room for the catalogue.
    """
    published = workspace.published
    take_over_earlier(published)
    restored: list[Restored] = []
    try:
        building, written = _built(published, left_out)
    except duckdb.Error as error:
        with suppress(OSError, MbrError):  # `mbr doctor --repair` says why it cannot be done
            restored = restore_closed(workspace)
        left_out = damaged_folders(workspace)
        if not (restored or left_out):
            raise MbrError(_NOT_WHOLE.format(published)) from error
        try:
            building, written = _built(published, left_out)
        except duckdb.Error:
            raise MbrError(_NOT_WHOLE.format(published)) from error
    before = _written_before(workspace.catalogue)

    def was_shown(version: Path) -> bool:
        return before is None or _names(before.views, version.relative_to(published.resolve()))

    if before == written:
        building.unlink()
    else:
        for version in filter(was_shown, replaced_versions(published)):
            mark_replaced(version)
        sync(building)
        building.replace(workspace.catalogue)
        sync(published)
    remove_damaged(restored)
    remove_unread(published)
    for each in restored:
        _LOG.warning("%s", each.said)
    _warn(workspace, filter(was_shown, left_out))


def mend(workspace: WorkspacePaths) -> list[Restored]:
    """Restore what is damaged of closed months, and let the catalogue leave out what stays damaged; returns
    what was restored.

    Raises:
        MbrError: A restored table is not what was closed, or there is no room for the catalogue.
        OSError: It cannot be written.
    """
    with locked_alone(workspace.warehouse / "publication.lock"):
        restored = restore_closed(workspace)
        refresh_catalogue(workspace, damaged_folders(workspace))
        remove_damaged(restored)
    return restored


def _warn(workspace: WorkspacePaths, left_out: Iterable[Path]) -> None:
    for line in told(workspace, left_out):
        _LOG.warning("%s; until then queries leave them out", line)


def _built(published: Path, left_out: Collection[Path]) -> tuple[Path, _Written]:
    """Write the new catalogue beside the present one; returns the file and what is written in it."""
    building = published / ".mbr.duckdb.building"
    remove(building)
    files = files_by_view(published, left_out)
    is_sound = False
    try:
        with closing(_opened(building)) as connection:
            connection.execute("begin")  # one write to the disk instead of one per view and column
            create_views(connection, files)
            publications.create_view(connection, publications.publications(published))
            connection.execute("commit")
        written = _read_back(building, files)
        is_sound = True
    finally:
        if not is_sound:
            remove(building)
    return building, written


def refresh_alone(workspace: WorkspacePaths) -> None:
    """Make the catalogue show the tables in force while nobody publishes; nothing, if nothing ever was.

    Raises:
        MbrError: There is no room for the catalogue.
        OSError: It cannot be put into place.
    """
    if workspace.published.is_dir():
        with locked_alone(workspace.warehouse / "publication.lock"):
            refresh_catalogue(workspace)


def _opened(building: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the new catalogue for looking at heads of tens of thousands of files: two views may name the same,
    and what is in them is not asked for.
    """
    connection = duckdb.connect(str(building), read_only=read_only)
    connection.execute("set parquet_metadata_cache = true")
    connection.execute("set enable_external_file_cache = false")
    return connection


class _Written(NamedTuple):
    """What is written in a catalogue: the SQL of every view by its name, and all comments."""

    views: dict[str, str]
    comments: list[tuple[str, str | None, str]]


def _read_back(building: Path, files: Mapping[str, Sequence[Path]]) -> _Written:
    """Open every view and count its rows; return what is written in the file.

    On a disk that is nearly full DuckDB closes without an error and leaves what it could not write in a log
    beside the file; the log would stay behind when the file is renamed.
    """
    not_whole = MbrError(_NOT_WHOLE.format(building.parent))
    if building.with_name(f"{building.name}.wal").exists():
        raise not_whole
    with closing(_opened(building, read_only=True)) as connection:
        written = _Written(_views(connection), comments(connection))
        if not _shows(written.views, files):
            raise not_whole
        for name in written.views:
            connection.execute(f"select count(*) from {name}").fetchone()
    return written


def _shows(views: Mapping[str, str], files: Mapping[str, Sequence[Path]]) -> bool:
    """Whether these are the views of these files, no more and no fewer."""
    return set(views) - {publications.VIEW} == set(files) and all(
        _literals(views[name]) == set(map(literal, paths)) for name, paths in files.items()
    )


def _literals(sql: str) -> set[str]:
    """Return the file names in a view as they are written there."""
    return {text for text in re.findall(r"'(?:[^']|'')*'", sql) if text.endswith(".parquet'")}


def _views(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the SQL of every view, by name."""
    query = "select view_name, sql from duckdb_views() where not internal"
    return dict(connection.execute(query).fetchall())


def _written_before(catalogue: Path) -> _Written | None:
    """Return what is written in the present catalogue, or None if there is none.

    It opens a copy, so that readers in this process, and a process that opened it to
    write, are not disturbed.
    """
    copy = catalogue.with_name(f".{catalogue.name}.before")
    try:
        shutil.copyfile(catalogue, copy)
        with closing(_opened(copy, read_only=True)) as connection:
            return _Written(_views(connection), comments(connection))
    except (OSError, duckdb.Error):
        return None
    finally:
        copy.unlink(missing_ok=True)


def _names(views: Mapping[str, str], version: Path) -> bool:
    return any(f"/{version.as_posix()}/" in sql for sql in views.values())


def catch_up(workspace: WorkspacePaths) -> None:
    """Make the catalogue show the tables in force, if it does not: a run was killed between the two, the
    workspace was moved or copied, or the file was damaged or removed. It can always be made anew.

    Raises:
        MbrError: A month's link leads out of the publication, the catalogue cannot be made anew, or another
            program has it open for writing.
    """
    refuse_foreign_links(workspace.published)
    found, left_out = _state(workspace)
    if found == _CURRENT:
        _warn(workspace, left_out)
        return
    try:
        with locked_alone(workspace.warehouse / "publication.lock"):
            if _state(workspace).how == _CURRENT:  # a run was just publishing
                return
            if found == _DAMAGED:
                _LOG.warning("%s was damaged and is made anew", workspace.catalogue)
                workspace.catalogue.unlink()
            refresh_catalogue(workspace)
    except OSError as error:
        if found != _BEHIND:
            raise MbrError(
                f"{workspace.catalogue} has to be made anew, which fails: {error.strerror}: let somebody who"
                " may write there run any command of mbr"
            ) from error
        _LOG.warning(
            "%s is older than the tables beside it and cannot be made anew here (%s): let somebody who may"
            " write there run any command of mbr",
            workspace.catalogue,
            error.strerror,
        )


_CURRENT, _BEHIND, _ELSEWHERE, _DAMAGED = "current", "behind", "elsewhere", "damaged"


class _State(NamedTuple):
    """How the catalogue stands to the tables in force, and which damaged folders it leaves out."""

    how: str
    left_out: Sequence[Path] = ()


def _state(workspace: WorkspacePaths) -> _State:
    """Say how the catalogue stands to the tables in force. Views hold absolute paths: those of a moved or
    copied workspace name files elsewhere.
    """
    files = files_by_view(workspace.published)
    if not workspace.catalogue.exists():
        return _State(_ELSEWHERE if files else _CURRENT)
    if not files:
        return _State(_CURRENT)  # links are missing, no table is: nothing to show instead
    try:
        with closing(duckdb.connect(str(workspace.catalogue), read_only=True)) as connection:
            views = _views(connection)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        if is_held_elsewhere(error):
            raise MbrError(
                f"another program has {workspace.catalogue} open for writing: close it there, or open it"
                " read-only, then try again"
            ) from error
        return _State(_DAMAGED)
    if _shows(views, files):
        return _State(_CURRENT)
    shown = {text for sql in views.values() for text in _literals(sql)}
    absent = {file.parent for paths in files.values() for file in paths if literal(file) not in shown}
    if _shows(views, files_by_view(workspace.published, absent)) and all(map(is_damaged, absent)):
        return _State(_CURRENT, sorted(absent))
    inside = quoted(glob_escaped(workspace.published) + "/")[:-1]
    is_here = all(text.startswith(inside) for text in shown)
    return _State(_BEHIND if views and is_here else _ELSEWHERE)

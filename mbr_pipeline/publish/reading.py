"""Opening the catalogue for SQL: read-only and confined to what is published.

What belongs here: the connection, and asking once more where damaged tables stood in the way. What does not:
writing the catalogue (``mbr_pipeline.publish.catalogue``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import duckdb

from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish.catalogue import catch_up, mend
from mbr_pipeline.publish.damage import DamagedTables, damaged_folders, told
from mbr_pipeline.storage.warehouse import glob_escaped, quoted
from mbr_pipeline.workspace.paths import WorkspacePaths

_LOG = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_OF_THE_QUERY = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.ParserException,
    duckdb.PermissionException,
    duckdb.SyntaxException,
)
"""Errors that say nothing about the files: they are not read for them."""


def answered(workspace: WorkspacePaths, ask: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
    """Return what is answered on the open catalogue. Where damaged tables stand in the way, it is asked once
    more without them: one month must not keep the others from being read.

    Raises:
        MbrError: As :func:`reading`.
    """
    try:
        with reading(workspace) as connection:
            return ask(connection)
    except DamagedTables as damage:
        try:
            with _connected(workspace) as connection:
                return ask(connection)
        except (MbrError, duckdb.Error):  # there is no answer without them
            raise damage from None


@contextmanager
def reading(workspace: WorkspacePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the catalogue for SQL: read-only, confined to the publication, unable to be reconfigured.

    A link inside ``published/`` that leads out of it opens nothing: DuckDB checks the link's target.

    Raises:
        MbrError: Nothing is published.
        DamagedTables: What is published cannot be read: which month, and the cure.
    """
    catch_up(workspace)
    with _connected(workspace) as connection:
        yield connection


@contextmanager
def _connected(workspace: WorkspacePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    if not workspace.catalogue.exists():
        raise MbrError(f"nothing is published in {workspace.root} yet: run `mbr run --period YYYY-MM` first")
    connection = duckdb.connect(
        str(workspace.catalogue),
        read_only=True,
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    try:
        connection.execute("set TimeZone = 'UTC'")
        # DuckDB checks a path with pattern characters in its escaped form, then opens the plain one
        allowed = {str(workspace.published.resolve()), glob_escaped(workspace.published)}
        connection.execute(f"set allowed_directories = [{', '.join(map(quoted, sorted(allowed)))}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection
    except duckdb.Error as error:
        raise _as_damage(workspace, error) from error
    finally:
        connection.close()


def _as_damage(workspace: WorkspacePaths, error: Exception) -> Exception:
    """Return an error that names tables which could not be read, or the error itself if none are damaged.
    Whoever asks next finds them restored, or left out.
    """
    damaged = [] if isinstance(error, _OF_THE_QUERY) else damaged_folders(workspace)
    if not damaged:
        return error
    try:
        restored = mend(workspace)
    except (OSError, MbrError):  # not by this user: the cure is told
        return DamagedTables(told(workspace, damaged)[0])
    for each in restored:
        _LOG.warning("%s", each.said)
    left = damaged_folders(workspace)
    return DamagedTables(told(workspace, left)[0] if left else f"{restored[0].said}: ask again")

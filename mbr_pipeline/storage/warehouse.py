"""The warehouse: one small DuckDB file per MSP and period, rebuildable at any time.

What belongs here: opening DuckDB with the project's settings, and the schemas of a month's file. What is in
the tables is decided by loading (schema ``raw``) and dbt (``staging``, ``intermediate``, ``marts``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.storage import memory


def quoted(text: str) -> str:
    """Return ``text`` as a SQL string literal: the only way a path or a name enters a statement
    that takes no parameters.
    """
    return "'" + text.replace("'", "''") + "'"


def glob_escaped(path: Path) -> str:
    """Return an absolute path escaped for ``read_parquet``, which takes ``*`` and ``[`` for a pattern; a
    workspace's folder may have such a name.
    """
    return pattern_escaped(str(path.resolve()))


def pattern_escaped(path: str) -> str:
    """Return a path that has no links in it, escaped as by :func:`glob_escaped`: looking for links in tens of
    thousands of paths takes seconds.
    """
    return path.replace("[", "[[]").replace("*", "[*]")


SMALLEST_UNIT = (
    "case minor_units when 0 then 1 when 1 then 0.1 when 2 then 0.01 when 3 then 0.001 when 4 then 0.0001 end"
    "::decimal(5, 4)"
)
"""One minor unit in major units, where ``minor_units`` (the ISO 4217 exponent, 0 to 4) is a column."""


_SMALL = 4 * 1024 * 1024
"""Landed bytes: some ten thousand lines, of which a statement has fewer blocks than there are threads."""


def _threads(size: int | None) -> int:
    return 1 if size is not None and size <= _SMALL else min(os.cpu_count() or 2, 4)


@contextmanager
def connected(
    path: Path | None, temp_directory: Path, read_only: bool = False, size: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file (``None``: in memory) with the project's settings; closed on leaving,
    which releases its lock.

    No extension is ever fetched, all times are UTC, memory is bounded and spills into ``temp_directory``.
    What is written is in the file when the block is left without an error. After a crash, the file is as it
    was when opened: a log that outlives one would be synced to disk several hundred times a month.

    ``size``: the landed bytes that the work is about, where that is known: few need no second thread, and
    waking one for every statement costs more than it does; very many need more memory.

    Raises:
        ConfigError: MBR_MEMORY_LIMIT is no size.
        duckdb.Error: The file is open elsewhere or is damaged, or, on leaving, there is no room for what was
            written.
    """
    temp_directory.mkdir(parents=True, exist_ok=True)
    if path is not None and not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    memory_limit = memory.first_limit(size)
    settings = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": memory_limit,
        "temp_directory": str(temp_directory),
        "preserve_insertion_order": "false",
        "threads": str(_threads(size)),
    }
    try:
        connection = duckdb.connect(config=settings)
    except duckdb.ParserException as error:  # nobody but the user writes a setting that cannot be read
        raise ConfigError(f"MBR_MEMORY_LIMIT: {memory_limit!r} is no size: write such as 2500MB") from error
    try:
        connection.execute("set force_compression = 'uncompressed'")  # see dbt_project/profiles.yml
        connection.execute("set global TimeZone = 'UTC'")  # of its cursors as well
        if path is not None:
            how = "read_only" if read_only else "recovery_mode no_wal_writes"
            connection.execute(f"attach {quoted(str(path))} as {_name(path)} ({how})")
            connection.execute(f"use {_name(path)}")
        yield connection
        if path is not None and not read_only:
            connection.execute(f"checkpoint {_name(path)}")
    finally:
        connection.close()


def is_held_elsewhere(error: duckdb.Error) -> bool:
    """Whether opening a DuckDB file failed because another program has it open: that is no class of error."""
    return "Could not set lock on file" in str(error)


def _name(path: Path) -> str:
    return '"' + path.stem.replace('"', '""') + '"'


def remove(path: Path) -> None:
    """Remove a month's file and its write-ahead log: they belong together, and both are rebuilt
    from the landed files.
    """
    for file in (path, path.with_name(path.name + ".wal")):
        file.unlink(missing_ok=True)

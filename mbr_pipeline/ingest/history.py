"""What landed before a month and can matter to it (contract §2, §3), found by the keys of typed files.

What belongs here: choosing among earlier records, and reading those chosen. What does not: what a key is
(``mbr_pipeline.ingest.record_keys``), and which record of several stands (``mbr_pipeline.ingest.load``).
A month's cost does not grow with the history behind it, as long as that does not reach into it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from connectors.datasets import Dataset
from mbr_pipeline.ingest.parse import ParsedFile
from mbr_pipeline.ingest.record_keys import identity_key
from mbr_pipeline.periods import Period
from mbr_pipeline.storage.warehouse import quoted

EARLIER = "earlier_records"
"""The temporary table that :func:`collect` makes: canonical columns, and where each record comes from."""

_MOST_IN_MEMORY = 2_000_000
"""So many keys, some 100 MB, are kept in memory while they are asked."""


def collect(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    current: Sequence[ParsedFile],
    earlier: Sequence[ParsedFile],
    period: Period,
    ensure_sound: Callable[[ParsedFile], object],
) -> bool:
    """Put the earlier records that can matter to ``period`` into the table :data:`EARLIER`; returns whether
    there are any.

    Those are all records of an identity of which one was landed in the period, reaches into it, begins on its
    first day or later, or repeats a charge landed in it.

    ``ensure_sound`` is called with each file whose records are read, before they are: of the others only the
    keys were checked.
    """
    files = [*current, *earlier]
    kind = _list_keys(connection, files, len(current))
    reaches = f"end_day > date '{period.start}' or first_day >= date '{period.start}'"
    connection.execute(f"""
        create or replace temporary table wanted as
        select distinct source, identity from (
            select source, identity from keys where not is_earlier
            union all
            select source, identity from keys where is_earlier and ({reaches})
            union all
            select source, identity from keys
            where is_earlier and (source, content) in (
                select source, content from keys where not is_earlier and content is not null
            )
        )
    """)
    chosen = connection.execute(
        "select distinct number from keys where is_earlier and (source, identity) in (select source, identity"
        " from wanted) order by 1"
    ).fetchall()
    for (number,) in chosen:
        ensure_sound(files[number])
    if chosen:
        _read(connection, dataset, [files[number] for (number,) in chosen])
    connection.execute(f"drop {kind} keys; drop table key_files; drop table wanted")
    return bool(chosen)


def _list_keys(connection: duckdb.DuckDBPyConnection, files: Sequence[ParsedFile], current: int) -> str:
    """Make the table or view ``keys`` of all files; the first ``current`` of them are the month's own.
    Returns which of both it is.
    """
    marks = [
        {"number": n, "source": f.landed.source, "is_earlier": n >= current} for n, f in enumerate(files)
    ]
    opened = _opened(connection, "key_files", [f.keys_path for f in files], marks)
    # of many small files each look costs more than the keys weigh; those of large ones are left on the disk
    kind = "table" if sum(f.rows for f in files) <= _MOST_IN_MEMORY else "view"
    connection.execute(
        f"create or replace temporary {kind} keys as"
        f" select * from {opened} inner join key_files using (opened)"
    )
    return kind


def _read(connection: duckdb.DuckDBPyConnection, dataset: Dataset, files: Sequence[ParsedFile]) -> None:
    """Read the wanted records of the files, with where each comes from."""
    marks = [
        {"source": f.landed.source, "landed_period": f.landed.period, "file_name": f.landed.name}
        for f in files
    ]
    opened = _opened(connection, "row_files", [f.rows_path for f in files], marks)
    columns = ", ".join(f'"{c}"' for c in dataset.column_names)
    connection.execute(f"""
        create or replace temporary table {EARLIER} as
        select {columns}, source, landed_period, file_name || ':' || record_line as record_id, file_name,
            record_line
        from {opened} inner join row_files using (opened)
        where (source, {identity_key(dataset)}) in (select source, identity from wanted)
    """)
    connection.execute("drop table row_files")


def _opened(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    paths: Sequence[Path],
    marks: Sequence[Mapping[str, Any]],
) -> str:
    """Return a query of all paths with a column ``opened``, and make a table of that column and the files'
    marks. Files of equal bytes share one path, which is read once.
    """
    places = {path: n for n, path in enumerate(dict.fromkeys(paths))}
    listed = pa.Table.from_pylist(
        [{"opened": places[path], **mark} for path, mark in zip(paths, marks, strict=True)]
    )
    connection.register("listed", listed)
    connection.execute(f"create or replace temporary table {table} as select * from listed")
    connection.unregister("listed")
    names = ", ".join(quoted(str(path)) for path in places)
    return f"(select *, file_index::bigint as opened from read_parquet([{names}]))"

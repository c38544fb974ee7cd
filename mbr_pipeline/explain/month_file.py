"""Opening the month's own DuckDB file to read it, without ever blocking a run.

What belongs here: the month's lock, the file, and the message when it is missing, busy or of another run.
What is read is ``read_case``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from mbr_pipeline.errors import MbrError
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.storage.warehouse import connected, is_held_elsewhere
from mbr_pipeline.workspace.paths import MonthPaths


@contextmanager
def month_file(month: MonthPaths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the month's file read-only under its lock, so that a run that starts
    meanwhile waits; read quickly.

    Raises:
        MbrError: The file is not there, a run is working on it, or it is not what a finished run leaves.
    """
    what, again = f"{month.msp_id} {month.period.text}", run_again(month)
    if not month.warehouse_file.exists():
        raise MbrError(f"{what}: its records are not in warehouse/: {again} first")

    def busy() -> None:
        raise MbrError(f"{what}: a run is working on it: try again when it has ended")

    with locked(month.lock_file, busy):
        try:
            with connected(month.warehouse_file, month.workspace.temporary, read_only=True) as connection:
                yield connection
        except duckdb.IOException as error:
            if is_held_elsewhere(error):
                raise MbrError(
                    f"{what}: another program has the month's file open: try again when it has closed it"
                ) from error
            raise MbrError(
                f"{what}: its records cannot be read, the workspace was moved or cleaned: {again}"
            ) from error
        except duckdb.CatalogException as error:
            raise MbrError(f"{what}: the last run did not finish: {again}") from error
        except duckdb.Error as error:
            raise MbrError(f"{what}: its records in {month.folder} are damaged: {again}") from error


def run_again(month: MonthPaths) -> str:
    """Say how to make the month's file."""
    return (
        f"run `mbr run --workspace {month.workspace.root} --period {month.period.text} --msp {month.msp_id}`"
    )

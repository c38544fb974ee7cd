"""Reading tables that MBR wrote as Parquet, whole or refused in one line: disks fail, and copies break off.

What belongs here: that refusal. What does not: landed Parquet, where a fault is the month's
(``mbr_pipeline.ingest``), and looking for damage (``mbr_pipeline.publish.damage``, `mbr verify`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.errors import GateClosed


def table_of(file: Path, **selection: Any) -> pa.Table:
    """Return a table.

    Args:
        file: Where it is.
        selection: What ``pyarrow.parquet.read_table`` takes, such as ``columns``.

    Raises:
        GateClosed: It is not there, or its bytes are not those of a table.
    """
    with _refusing(file):
        return pq.read_table(file, **selection)


def rows_of(file: Path, **selection: Any) -> list[dict[str, Any]]:
    """Return the rows of a table, as :func:`table_of` does."""
    rows: list[dict[str, Any]] = table_of(file, **selection).to_pylist()
    return rows


def columns_of(file: Path) -> list[str]:
    """Return the names of a table's columns; refuses as :func:`table_of` does."""
    with _refusing(file):
        return list(pq.read_schema(file).names)


@contextmanager
def _refusing(file: Path) -> Iterator[None]:
    try:
        yield
    except MemoryError:  # Arrow's is one of its other errors too, and says nothing of the table
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        raise GateClosed(
            f"{file}: the table is damaged ({type(error).__name__}): run its month again, or restore the file"
            " from a backup where it is of a closed version; `mbr verify` names all that differs"
        ) from error

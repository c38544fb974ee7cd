"""Published tables that are no longer what was published: found by their hash, named with the cure.

What belongs here: telling which months are damaged and what to do. What does not: writing versions
(``mbr_pipeline.publish.versions``). Nothing here changes anything: a damaged version is never repaired, a
run of its month makes a new one.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.publish.versions import current_places, is_named_by_content


def damaged_months(published: Path) -> list[Path]:
    """Return ``published/<msp_id>/<period>`` of every month whose tables are not those that were published.

    Every file is read: it takes about a second for each gigabyte.
    """
    return [place for place in current_places(published) if not _is_intact(place)]


def cure(place: Path) -> str:
    """Say what is wrong with a damaged month and what to do."""
    return (
        f"the tables in {place} are damaged: run `mbr run --period {place.name} --msp {place.parent.name}`,"
        " which makes them anew from the landed files"
    )


def _is_intact(place: Path) -> bool:
    version = place.resolve()
    tables = sorted(version.glob("*.parquet"))
    if not tables:
        return False
    try:
        if (named := is_named_by_content(version)) is not None:
            return named
        for table in tables:  # published by an earlier release, which kept no hash
            pq.read_table(table)
    except (OSError, pa.ArrowException):
        return False
    return True

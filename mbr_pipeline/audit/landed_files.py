"""What gate.json says of the landed files: which count, which do not, and what is odd about them.

What belongs here: saying it, from the landing zone and from what was noted when the files were read. What
does not: finding files (``mbr_pipeline.ingest.landing``) and reading them (``mbr_pipeline.ingest.parse``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mbr_pipeline.ingest.landing import Landing
from mbr_pipeline.periods import Period

Facts = Mapping[str, Any]
"""Of one file, as loading noted them."""


def inputs(files: Iterable[Facts]) -> list[dict[str, Any]]:
    """Return the files that were read, each with its hash and size."""
    return [{key: file[key] for key in ("path", "sha256", "rows", "bytes")} for file in files]


def superseded(landing: Landing) -> list[dict[str, Any]]:
    """Return the files that a later one of their source stands for."""
    return [
        {"path": s.file.name, "sha256": s.file.sha256, "bytes": s.file.size, "by": s.by.name}
        for s in landing.superseded
    ]


def warnings(files: Sequence[Facts], period: Period) -> Iterator[str]:
    """Yield what whoever reads the report should know of the files that were read."""
    for file in files:
        yield from (f"{file['path']}: {text}" for text in file["warnings"])
        if file["extra_columns"]:
            names = ", ".join(name or "one without a heading" for name in file["extra_columns"][:10])
            yield f"{file['path']}: columns that are none of the dataset's are kept in raw only: {names}"
        if file["drift"] and not file["path"].startswith(period.text):
            yield (
                f"{file['path']}: cannot be used, its columns or content are damaged; its lines are missing"
                " here"
            )

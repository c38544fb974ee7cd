"""Landing what was decided for another month: all files checked first, then landed dataset by dataset.

What belongs here: the order, and that a rerun after a kill finds what is left to do. What does not: deciding
(``next_month``), how a file lands (``mbr_pipeline.ingest.land_files``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

from mbr_pipeline.ingest.land_checks import Place, checked
from mbr_pipeline.ingest.land_files import Landed, land_files
from mbr_pipeline.setup.next_month import Arrival
from mbr_pipeline.setup.workspace_files import landed_name
from mbr_pipeline.workspace.workspace import Workspace


def land_month(
    workspace: Workspace, msp_id: str, arrivals: Sequence[Arrival]
) -> Generator[tuple[Arrival, Landed], None, None]:
    """Land files, and yield each with what became of it. Client invoices come last: as long as they are not
    landed, their days tell a rerun which month the others are for.

    Raises:
        ConfigError: One of them may not land as it is. If that is seen in the file itself nothing is landed;
            a file that contradicts another one stops what is not landed yet.
    """
    with tempfile.TemporaryDirectory(prefix="mbr-setup-") as folder:
        places: dict[tuple[str, str, str], list[tuple[Arrival, Path]]] = {}
        for arrival in sorted(arrivals, key=lambda a: a.known.dataset == "invoice_lines"):
            key = (arrival.month, arrival.known.source, arrival.known.dataset)
            linked = _linked(workspace, msp_id, arrival, Path(folder))
            checked(_place(workspace, msp_id, key), _place(workspace, msp_id, key).landed_file(linked))
            places.setdefault(key, []).append((arrival, linked))
        for key, files in places.items():
            replaced = [arrival.replaces for arrival, _ in files if arrival.replaces]
            result = land_files(_place(workspace, msp_id, key), [path for _, path in files], replaced)
            yield from zip((arrival for arrival, _ in files), result.files, strict=True)


def _place(workspace: Workspace, msp_id: str, key: tuple[str, str, str]) -> Place:
    month, source, dataset = key
    return Place.of(workspace, msp_id, month, source, dataset)


def _linked(workspace: Workspace, msp_id: str, arrival: Arrival, folder: Path) -> Path:
    """Link a file under the name and the folders that it will land under: they are part of what it says."""
    known = arrival.known
    place = folder / arrival.month / known.source
    place.mkdir(parents=True, exist_ok=True)
    there = workspace.paths.landing / msp_id / arrival.month / known.source
    taken = {path.name for path in (*place.iterdir(), *there.glob("*"))} - {arrival.replaces}
    link = place / landed_name(arrival.path, known.dataset, taken)
    link.symlink_to(arrival.path.resolve())
    return link

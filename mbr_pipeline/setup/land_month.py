"""Landing what was decided for another month: all files checked first, then landed dataset by dataset.

What belongs here: the order, and that a rerun after a kill finds what is left to do. What does not: deciding
(``next_month``), how a file lands (``mbr_pipeline.ingest.land_files``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from mbr_pipeline.ingest.land_checks import Place, checked
from mbr_pipeline.ingest.land_files import Landed, land_files
from mbr_pipeline.setup.next_month import Arrival, NextMonth
from mbr_pipeline.setup.settings_edit import add_renamed
from mbr_pipeline.setup.strangers import Renamed
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
            linked = as_it_lands(workspace, msp_id, arrival, Path(folder))
            checked(
                place_of(workspace, msp_id, arrival), place_of(workspace, msp_id, arrival).landed_file(linked)
            )
            places.setdefault(key, []).append((arrival, linked))
        for files in places.values():
            replaced = [arrival.replaces for arrival, _ in files if arrival.replaces]
            place = place_of(workspace, msp_id, files[0][0])
            result = land_files(place, [path for _, path in files], replaced)
            yield from zip((arrival for arrival, _ in files), result.files, strict=True)


def place_of(workspace: Workspace, msp_id: str, arrival: Arrival) -> Place:
    """Return where a file lands."""
    return Place.of(workspace, msp_id, arrival.month, arrival.known.source, arrival.known.dataset)


def as_it_lands(workspace: Workspace, msp_id: str, arrival: Arrival, folder: Path) -> Path:
    """Link a file under the name and the folders that it will land under: they are part of what it says."""
    known = arrival.known
    place = folder / arrival.month / known.source
    place.mkdir(parents=True, exist_ok=True)
    there = workspace.paths.landing / msp_id / arrival.month / known.source
    taken = {path.name for path in (*place.iterdir(), *there.glob("*"))} - {arrival.replaces}
    link = place / landed_name(arrival.path, known.dataset, taken)
    link.symlink_to(arrival.path.resolve())
    return link


def add_names(workspace: Workspace, msp_id: str, found: NextMonth) -> Iterator[tuple[str, Renamed]]:
    """Write into ``mbr.yml`` which clients names stand for, as answered; yields each with its source. Open
    the workspace again afterwards.

    Raises:
        ConfigError: The file is written in a way in which this cannot be done surely.
    """
    for each in found.renamed:
        source = next(a.known.source for a in found.arrivals if a.name == each.file.name)
        place = (msp_id, source, each.file.dataset, "client_id")
        add_renamed(workspace.paths.root, place, {each.text: each.client_id})
        yield source, each

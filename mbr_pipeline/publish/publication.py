"""The publication: what analysts query, swapped in atomically, only ever a passed gate's result (contract §6,
decision 3 of docs/development/architecture.md).

What belongs here: moving candidate tables under ``published/``, the view catalogue, and opening it for
reading. Deciding whether a month may be published is ``mbr_pipeline.audit.gate``'s part; this module asks it
every time.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from mbr_pipeline.audit.candidate_tables import RELEASED_ONLY, ROW_ORDER
from mbr_pipeline.audit.certificate import check_certificate
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.storage.folder_swap import repair_swap, swap_folder
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.workspace.paths import MonthPaths


def publish(month: MonthPaths, inputs_hash: str) -> list[Path]:
    """Swap the month's candidate tables into ``published/`` and refresh the catalogue; returns the published
    files.

    Refuses with :class:`~mbr_pipeline.errors.GateClosed`, changing nothing, unless a passed gate certificate
    covers exactly these inputs and these bytes, however the publication was launched. Publishing the same
    tables again changes nothing.
    """
    check_certificate(month, inputs_hash)
    workspace = month.workspace
    with locked(workspace.warehouse / "publication.lock"):
        repair_swap(month.published)
        # beside the publication, so that the swap is a rename; outside the folders that readers look into
        building = workspace.published / f".{month.msp_id}.{month.period.text}.building"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        for name in ROW_ORDER:
            shutil.copyfile(month.candidate / f"{name}.parquet", building / f"{name}.parquet")
        swap_folder(building, month.published)
        refresh_catalogue(workspace)
    shutil.rmtree(month.report / "blocked", ignore_errors=True)
    return sorted(month.published.glob("*.parquet"))


def keep_for_inspection(month: MonthPaths) -> Path:
    """Copy a blocked month's tables to ``reports/…/blocked/``, without those that only a passed gate
    releases.
    """
    month.report.mkdir(parents=True, exist_ok=True)
    building = month.report / ".blocked.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    for name in ROW_ORDER:
        if name not in RELEASED_ONLY:
            shutil.copyfile(month.candidate / f"{name}.parquet", building / f"{name}.parquet")
    blocked = month.report / "blocked"
    swap_folder(building, blocked)
    return blocked

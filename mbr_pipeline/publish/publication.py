"""The publication: what analysts query, always the result of a passed gate (contract §6,
decision 3 of docs/development/architecture.md).

What belongs here: publishing a month's candidate tables, and keeping those of a blocked one. Deciding whether
a month may be published is ``mbr_pipeline.audit.gate``'s part; this module asks it every time. How a version
is written is ``mbr_pipeline.publish.versions``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from mbr_pipeline.audit.candidate_tables import RELEASED_ONLY, RESTATEMENT, ROW_ORDER
from mbr_pipeline.audit.certificate import check_certificate
from mbr_pipeline.publish.catalogue import refresh_catalogue
from mbr_pipeline.publish.publications import note
from mbr_pipeline.publish.restatement import write_restatement
from mbr_pipeline.publish.versions import refuse_foreign_links, switch_to
from mbr_pipeline.storage.atomic_files import replace_folder
from mbr_pipeline.storage.keeping import Kept
from mbr_pipeline.storage.locks import locked_alone
from mbr_pipeline.workspace.paths import MonthPaths


def publish(
    month: MonthPaths,
    inputs_hash: str,
    before_swap: Callable[[Mapping[str, str]], str | None] = lambda hashes: None,
    closed: Path | None = None,
    refreshes_catalogue: bool = True,
    lease: Kept | None = None,
) -> list[Path]:
    """Make the candidate tables the month's publication and refresh the catalogue;
    returns the published files.

    Publishing the same tables again changes nothing.

    Args:
        month: Whose tables.
        inputs_hash: Fingerprint of what the month is computed from now.
        before_swap: Called with the tables' hashes once the certificate allows the publication, before
            anything is changed; its error ends it. It returns when they came into force, if not now.
        closed: Folder of the newest closed version of a month that was opened again: what changed since then
            is published beside the tables.
        refreshes_catalogue: Whether the catalogue is made to show it now. Making it takes the longer the more
            months are published: who publishes many does it now and then, and in the end (``catch_up``).
        lease: The month's, where several machines work: an old one publishes nothing. The catalogue is then
            left to whoever reads it.

    Raises:
        GateClosed: No passed gate certificate covers exactly these inputs and these bytes, however the
            publication was launched. Nothing was changed.
        LeaseLost: Another process took the month over. What it publishes stays.
        MbrError: The tables cannot be published as they are. What was published before stays.
    """
    if lease:
        lease.check()
    hashes = check_certificate(month, inputs_hash)
    if closed is not None:
        hashes |= {RESTATEMENT: write_restatement(month, closed)}
    workspace = month.workspace
    with locked_alone(workspace.warehouse / "publication.lock"):
        refuse_foreign_links(workspace.published)
        at = before_swap(hashes)
        before = os.path.realpath(month.published)
        switch_to(month.published, month.candidate, hashes, lease)
        note(month.published, inputs_hash, replaced=before != os.path.realpath(month.published), at=at)
        if refreshes_catalogue and lease is None:
            refresh_catalogue(workspace)
    shutil.rmtree(month.report / "blocked", ignore_errors=True)
    return sorted(month.published.glob("*.parquet"))


def keep_for_inspection(month: MonthPaths) -> Path:
    """Copy a blocked month's tables to ``reports/…/blocked/``, without those that only
    a passed gate releases.
    """
    month.report.mkdir(parents=True, exist_ok=True)
    building = month.report / ".blocked.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    for name in ROW_ORDER:
        if name not in RELEASED_ONLY:
            shutil.copyfile(month.candidate / f"{name}.parquet", building / f"{name}.parquet")
    blocked = month.report / "blocked"
    replace_folder(building, blocked)
    return blocked

"""Restoring the published tables of a closed month, which no run may make anew, from its closed version.

What belongs here: putting the copy in force. What does not: finding damage, and which copy is whole
(``mbr_pipeline.publish.damage``). A damaged folder is never written to: the tables are copied into a new one
and read back, then the month's link leads there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.publish.closed_folders import recorded_hashes
from mbr_pipeline.publish.damage import closed_copy, damaged_months
from mbr_pipeline.publish.versions import (
    record_of,
    refuse_foreign_links,
    remove_version,
    switch_to,
    take_over_earlier,
)
from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths


@dataclass(frozen=True)
class Restored:
    """A month whose tables were restored: from which closed version, and the damaged folder, which nothing
    leads to any more.
    """

    month: MonthPaths
    number: int
    damaged: Path

    @property
    def said(self) -> str:
        """What was done, in words."""
        return (
            f"the tables in {self.month.published} were damaged: restored from closed version {self.number}"
        )


def restore_closed(workspace: WorkspacePaths) -> list[Restored]:
    """Restore every damaged closed month that has a whole copy. The publication's lock is held by the caller,
    who lets the catalogue follow and then removes the damaged folders.

    Raises:
        MbrError: What was written is not what was closed, or a month's link leads out of the publication.
        OSError: It cannot be written.
    """
    refuse_foreign_links(workspace.published)
    take_over_earlier(workspace.published)
    return [done for month in damaged_months(workspace) if (done := _restored(month))]


def remove_damaged(restored: Iterable[Restored]) -> None:
    """Remove the damaged folders, which the catalogue does not show any more."""
    for each in restored:
        # never a closed version, nor a folder that was gone and has its name again
        if each.damaged.name.startswith(".") and each.damaged != Path(os.path.realpath(each.month.published)):
            remove_version(each.damaged)


def _restored(month: MonthPaths) -> Restored | None:
    if (copy := closed_copy(month)) is None:
        return None
    damaged = Path(os.path.realpath(month.published))
    record = record_of(damaged)
    came_into_force = record.read_text(encoding="utf-8") if record.is_file() else None
    switch_to(month.published, copy.folder, recorded_hashes(copy.folder))
    if came_into_force is not None:  # the same tables, since then
        write_text(record_of(Path(os.path.realpath(month.published))), came_into_force)
    return Restored(month, copy.number, damaged)

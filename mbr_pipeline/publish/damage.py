"""Published tables that are no longer what was published: found by their hash, named with the cure.

What belongs here: telling which months and closed versions are damaged and what to do. What does not: doing
it (``mbr_pipeline.publish.mending``). Nothing here changes anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mbr_pipeline.decide.in_force import closing
from mbr_pipeline.errors import MbrError
from mbr_pipeline.periods import Period
from mbr_pipeline.publish.closed_folders import changed_tables, problems_of
from mbr_pipeline.publish.versions import is_named_by_content, kept_versions, places, versions_of
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths


class DamagedTables(MbrError):
    """What was asked for cannot be read: tables are damaged, as it says with the cure."""


@dataclass(frozen=True)
class ClosedCopy:
    """A closed version with the tables of a closed month, byte by byte."""

    number: int
    folder: Path


def damaged_months(workspace: WorkspacePaths) -> list[MonthPaths]:
    """Return every month whose tables are not those that were published, by MSP and period.

    Every file is read: it takes about a second for each gigabyte.
    """
    return [
        workspace.month(place.parent.name, Period(place.name))
        for place in places(workspace.published.resolve())
        if is_damaged(Path(os.path.realpath(place)))
    ]


def damaged_folders(workspace: WorkspacePaths) -> list[Path]:
    """Return the folders of :func:`damaged_months` and those of damaged closed versions."""
    current = [Path(os.path.realpath(month.published)) for month in damaged_months(workspace)]
    return current + [folder for folder in kept_versions(workspace.published) if is_damaged(folder)]


def is_damaged(folder: Path) -> bool:
    """Whether a publication's folder, or that of a closed version, does not hold what it was made with."""
    try:
        if folder.name.isdigit():
            return bool(changed_tables(folder))
        tables = sorted(folder.glob("*.parquet"))
        if not tables:
            return True
        if (named := is_named_by_content(folder)) is not None:
            return not named
        for table in tables:  # published by an earlier release, which kept no hash
            pq.read_table(table)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return True
    return False


def closed_copy(month: MonthPaths) -> ClosedCopy | None:
    """Return the newest closed version that has the tables of a closed or sealed month and is what its entry
    says; None where the month is open or no such version is whole.
    """
    found = closing(month)
    if found.state == "open":
        return None
    published = found.versions[-1].body.get("publication")
    for number, entry in reversed(list(enumerate(found.versions, 1))):
        folder = versions_of(month.published) / str(number)
        if entry.body.get("publication") == published and folder.is_dir() and not problems_of(folder, entry):
            return ClosedCopy(number, folder)
    return None


def remedy(month: MonthPaths) -> str:
    """Say what to do about a damaged month, as it stands in the ledger."""
    found = closing(month)
    if found.state == "open":
        return (
            f"run `mbr run --period {month.period.text} --msp {month.msp_id}`, which makes them anew from the"
            " landed files"
        )
    if copy := closed_copy(month):
        return f"`mbr doctor --repair` restores them from closed version {copy.number}"
    return (
        f"the month is {found.state} and version {found.version} is damaged too: restore"
        f" {versions_of(month.published) / str(found.version)} from a backup, then `mbr doctor --repair`"
    )


def cure(month: MonthPaths) -> str:
    """Say what is wrong with a damaged month and what to do."""
    return f"the tables in {month.published} are damaged: {remedy(month)}"


def told(workspace: WorkspacePaths, folders: Iterable[Path]) -> list[str]:
    """Say of damaged folders what is wrong and what to do, a line for each."""
    by_folder = {
        Path(os.path.realpath(place)): workspace.month(place.parent.name, Period(place.name))
        for place in places(workspace.published.resolve())
    }
    return [
        cure(by_folder[folder])
        if folder in by_folder
        else f"closed version {folder} is damaged: restore it from a backup, `mbr verify` names what differs"
        for folder in folders
    ]

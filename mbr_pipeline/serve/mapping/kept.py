"""The worklist of a month, kept while everything that it is made of is the same.

What belongs here: what it is made of. What does not: making it (``mbr_pipeline.mapping_help.worklist``):
comparing hundreds of names with a thousand takes seconds, and a page is asked for again and again. What is
accepted is checked anew, whatever is kept here.
"""

from __future__ import annotations

from pathlib import Path

from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD
from mbr_pipeline.mapping_help.worklist import Worklist, worklist
from mbr_pipeline.storage.kept import Kept
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.settings import FILE_NAME
from mbr_pipeline.workspace.workspace import Workspace

_KEPT = Kept[Worklist](8)


def worklist_of(workspace: Workspace, month: MonthPaths) -> Worklist:
    """Return what is to map in a month, as it stands now."""

    def made() -> Worklist:
        return worklist(workspace, month, DEFAULT_THRESHOLD)

    try:
        return _KEPT.get(_files(month), made)
    except FileNotFoundError:  # another publication has just taken the place of one of them
        return made()


def _files(month: MonthPaths) -> list[Path]:
    """Return what a worklist is made of: settings, rules, the tables of the last run, landed files."""
    root, msp_id = month.workspace.root, month.msp_id
    folders = (month.report / "blocked", month.published, root / "rules" / msp_id)
    files = (path for folder in folders for path in folder.glob("*"))
    landed = (path for path in (month.workspace.landing / msp_id).rglob("*") if not path.is_dir())
    return sorted((root / FILE_NAME, *files, *landed))

"""The worklist of a month, kept while everything that it is made of is the same.

What belongs here: when it is the same. What does not: making it (``mbr_pipeline.mapping_help.worklist``):
comparing hundreds of names with a thousand takes seconds, and a page is asked for again and again. What is
accepted is checked anew, whatever is kept here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD
from mbr_pipeline.mapping_help.worklist import Worklist, worklist
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.settings import FILE_NAME
from mbr_pipeline.workspace.workspace import Workspace

_MOST = 8
_kept: OrderedDict[tuple[Path, str, str], tuple[Any, Worklist]] = OrderedDict()
_lock = threading.Lock()


def worklist_of(workspace: Workspace, month: MonthPaths) -> Worklist:
    """Return what is to map in a month, as it stands now."""
    place = (month.workspace.root, month.msp_id, month.period.text)
    mark = tuple(_marks(month))
    with _lock:
        if place in _kept and _kept[place][0] == mark:
            _kept.move_to_end(place)
            return _kept[place][1]
    found = worklist(workspace, month, DEFAULT_THRESHOLD)
    with _lock:
        _kept[place] = (mark, found)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return found


def _marks(month: MonthPaths) -> Iterator[tuple[str, int, int, int]]:
    """Say which files a worklist is made of: settings, rules, the tables of the last run, landed files."""
    root, msp_id = month.workspace.root, month.msp_id
    folders = (month.report / "blocked", month.published, root / "rules" / msp_id)
    files = (path for folder in folders for path in folder.glob("*"))
    landed = (path for path in (month.workspace.landing / msp_id).rglob("*") if not path.is_dir())
    for path in sorted((root / FILE_NAME, *files, *landed)):
        try:
            found = path.stat()
        except OSError:
            continue  # it is gone again: the next mark differs
        yield str(path), found.st_mtime_ns, found.st_size, found.st_ino

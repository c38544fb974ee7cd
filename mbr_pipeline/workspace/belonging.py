"""Whose workspace it is, where machines share its folders: one ledger's, as a store is
(``mbr_pipeline.mirror``).

What belongs here: the mark in the shared folder, and refusing another ledger, whose leases and decisions are
others. What does not: a ledger's identity (``mbr_pipeline.storage.database.identity``).
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.storage.database.identity import ledger_id
from mbr_pipeline.storage.database.opening import URL_VARIABLE, open_database
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.spread import is_distributed

MARK = "mbr-ledger.json"
"""Lies in ``published/``, which machines share; only where work is spread, or was."""


def refuse_another_ledger(workspace: WorkspacePaths) -> None:
    """See to it that the shared workspace is this ledger's; the first run of several machines makes it that.
    On one machine nothing is asked.

    Raises:
        ConfigError: It is another's.
        MbrError: The ledger's database cannot be reached.
    """
    mark = workspace.published / MARK
    if not (mark.exists() or is_distributed()):
        return
    wanted = json.dumps({"ledger": ledger_id(open_database(workspace.ledger))}) + "\n"
    if not mark.exists():
        _make(mark, wanted)
    if mark.read_text(encoding="utf-8") != wanted:
        raise ConfigError(
            f"{workspace.published} belongs to another ledger than this one: name that ledger in"
            f" {URL_VARIABLE}, or give this installation a workspace of its own; if that ledger is gone for"
            f" good, remove {mark}; nothing was changed"
        )


def _make(mark: Path, text: str) -> None:
    """Make the mark, unless another machine comes first."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    prepared = mark.with_name(f".{mark.name}.{uuid4().hex}")
    write_text(prepared, text)
    try:
        with suppress(FileExistsError):
            os.link(prepared, mark)
    finally:
        prepared.unlink()

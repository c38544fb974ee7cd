"""Dagster's run history of a workspace: the folder every run of it is recorded in, so that the UI shows them all.

What belongs here: finding or making that folder and opening it. DAGSTER_HOME, where it is set, wins: an installation with PostgreSQL
keeps its runs there.
"""

from __future__ import annotations

import os
from pathlib import Path

from mbr_pipeline.files import write_text
from mbr_pipeline.workspace_paths import WorkspacePaths

_DAGSTER_YAML = """\
# Dagster's own settings for this workspace. Runs are kept beside this file (SQLite); docs/how-to says how to use PostgreSQL.
telemetry:
  enabled: false
nux:
  enabled: false
"""


def dagster_home(workspace: WorkspacePaths) -> Path:
    """Return the folder of the run history, made if need be, and point this process and its children at it."""
    home = Path(os.environ.get("DAGSTER_HOME") or workspace.dagster_home).resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        write_text(home / "dagster.yaml", _DAGSTER_YAML)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["MBR_WORKSPACE"] = str(workspace.root)
    return home

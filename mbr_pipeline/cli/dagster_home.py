"""Dagster's run history of a workspace: the folder in which all its runs are recorded, so that the
UI shows them all.

What belongs here: finding or making that folder and opening it. DAGSTER_HOME, where it is set, wins: an
installation with PostgreSQL keeps its runs there.
"""

from __future__ import annotations

import os
from pathlib import Path

from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.workspace.paths import WorkspacePaths, refuse_question_mark

_DAGSTER_YAML = """\
# Dagster's own settings for this workspace. Runs are kept beside this file (SQLite);
# docs/how-to says how to use PostgreSQL.
telemetry:
  enabled: false
nux:
  enabled: false
# What a run does is in its events; the terminal shows what is more than that.
python_logs:
  python_log_level: INFO
# As many months at once as the machine has cores, never two runs of one MSP's month; what comes more waits.
# Fetching speaks to one system at a time; a killed run must not hold its place for ever.
concurrency:
  runs:
    max_concurrent_runs: {cores}
    tag_concurrency_limits:
      - key: dagster/partition
        limit: 1
        value:
          applyLimitPerUniqueValue: true
  pools:
    default_limit: 1
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
"""


def place_of_history(workspace: WorkspacePaths) -> Path:
    """Return the folder of the run history, whether it exists or not."""
    home = Path(os.environ.get("DAGSTER_HOME") or workspace.dagster_home).resolve()
    refuse_question_mark(home, "DAGSTER_HOME")
    return home


def dagster_home(workspace: WorkspacePaths) -> Path:
    """Create the folder of the run history if needed, point this process and its children at
    it, and return it.
    """
    home = place_of_history(workspace)
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        write_text(home / "dagster.yaml", _DAGSTER_YAML.format(cores=len(os.sched_getaffinity(0))))
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["MBR_WORKSPACE"] = str(workspace.root)
    # Dagster starts processes that start others: no file of the current folder may stand in for a module
    os.environ["PYTHONSAFEPATH"] = "1"
    return home

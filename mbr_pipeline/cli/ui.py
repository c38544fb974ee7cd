"""`mbr ui`: the workspace in the Dagster UI, on this machine only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mbr_pipeline.cli.instance import dagster_home
from mbr_pipeline.settings import load_settings
from mbr_pipeline.transform import dbt_project
from mbr_pipeline.workspace_paths import WorkspacePaths

_WORKSPACE_FILE = Path(__file__).resolve().parents[2] / "workspace.yaml"


def ui_command(workspace: WorkspacePaths, port: int) -> None:
    """Become `dagster dev` for the workspace: webserver and daemon, bound to loopback (Dagster has no authentication of its own)."""
    settings = load_settings(workspace.root)
    dbt_project()
    dagster_home(workspace)
    import dagster as dg  # noqa: PLC0415

    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("msp", list(settings.msps))
    print(f"Dagster UI: http://127.0.0.1:{port}   (Ctrl+C ends it)", file=sys.stderr)
    command = [sys.executable, "-m", "dagster", "dev", "-w", str(_WORKSPACE_FILE), "-h", "127.0.0.1", "-p", str(port)]
    os.execv(sys.executable, command)  # noqa: S606 - no shell; the process becomes the server, so signals reach it

"""`mbr ui`: the workspace in the Dagster UI, on this machine only."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import load_settings

_WORKSPACE_FILE = Path(__file__).with_name("dagster_workspace.yaml")
_GRACE_SECONDS = 20


def ui_command(workspace: WorkspacePaths, port: int) -> None:
    """Run `dagster dev` for the workspace: webserver and daemon, bound to loopback (Dagster has no
    authentication of its own).

    Ends with Ctrl+C or SIGTERM, and takes all of Dagster's processes with it.
    """
    settings = load_settings(workspace.root)
    dbt_project()
    dagster_home(workspace)
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("msp", list(settings.msps))
    print(f"Dagster UI: http://127.0.0.1:{port}   (Ctrl+C ends it)", file=sys.stderr)
    signal.signal(signal.SIGTERM, _interrupt)
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-w",
        str(_WORKSPACE_FILE),
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    # a session of its own: Ctrl+C reaches Dagster once, through us, and not a second time from the terminal
    server = subprocess.Popen(command, start_new_session=True)
    try:
        server.wait()
    except KeyboardInterrupt:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt

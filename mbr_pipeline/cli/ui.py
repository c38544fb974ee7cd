"""`mbr ui`: the workspace in the Dagster UI, on this machine only."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

import click

from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

_WORKSPACE_FILE = Path(__file__).with_name("dagster_workspace.yaml")
_GRACE_SECONDS = 20


@click.command()
@workspace_option
@click.option(
    "--port", default=3000, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1."
)
def command(workspace: WorkspacePaths, port: int) -> None:
    """Open the workspace in the Dagster UI on this machine, with the daemon that runs the schedule."""
    ui_command(workspace, port)


def ui_command(workspace: WorkspacePaths, port: int) -> None:
    """Run `dagster dev` for the workspace: webserver and daemon, bound to loopback (Dagster has no
    authentication of its own).

    Ends with Ctrl+C or SIGTERM, and takes all of Dagster's processes with it.
    """
    opened = Workspace.open(workspace)
    dbt_project()
    dagster_home(workspace)
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("msp", opened.msp_ids())
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

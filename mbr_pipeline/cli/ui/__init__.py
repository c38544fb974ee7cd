"""`mbr ui`: the workspace in the Dagster UI, on this machine only.

What belongs here: the command, and that whatever it started ends with it. What does not: which of Dagster's
processes there are (``services``), who may ask the UI (``guard``).
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from types import FrameType

import click

from mbr_pipeline.cli.dagster_home import dagster_home
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.ui.bound import bound_to_this
from mbr_pipeline.cli.ui.once import only_one
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.transform.compiled_project import dbt_project
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

HOST = "127.0.0.1"
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
    """Run Dagster's webserver and daemon for the workspace, bound to loopback (Dagster has no authentication
    of its own).

    Ends with Ctrl+C or SIGTERM, and takes all of Dagster's processes with it; they end too if this one is
    killed.

    Raises:
        ConfigError: The port is taken, or not for this user; or the workspace has a UI already.
        MbrError: Dagster ended by itself.
    """
    opened = Workspace.open(workspace)
    home = dagster_home(workspace)
    with only_one(home, f"http://{HOST}:{port}") as place:
        refuse_taken(port)
        print("Dagster starts, Ctrl+C ends it", file=sys.stderr, flush=True)
        signal.signal(signal.SIGTERM, _interrupt)
        dbt_project()
        from mbr_pipeline.cli.run_history import run_history

        with run_history() as instance:
            instance.add_dynamic_partitions("msp", opened.msp_ids())
        _serve(port, place)


def _serve(port: int, place: int) -> None:
    # a session and so a group of its own: Ctrl+C reaches Dagster once, through us, and not a second time from
    # the terminal; and whatever is started in it can be ended at once
    services = subprocess.Popen(
        bound_to_this("mbr_pipeline.cli.ui.services", str(port)), start_new_session=True, pass_fds=(place,)
    )
    try:
        services.wait()
        raise MbrError("Dagster ended by itself; what it said is above: start `mbr ui` again")
    except KeyboardInterrupt:
        services.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            services.wait(timeout=_GRACE_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(services.pid, signal.SIGKILL)
        services.wait()


def refuse_taken(port: int) -> None:
    """Make sure that a port can be listened on.

    Raises:
        ConfigError: It cannot.
    """
    with socket.socket() as probe:
        # as the webserver opens it: a port whose last connections are still closing is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ConfigError(
                f"port {port} on {HOST} cannot be used ({error.strerror}): end what listens there, or choose"
                " another with --port"
            ) from None


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt

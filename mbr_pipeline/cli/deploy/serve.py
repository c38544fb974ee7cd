"""Dagster's web server on a Unix socket: only who may enter the socket's folder reaches it.

What belongs here: starting it. What does not: sign-in and guarding against other sites, which the proxy in
front does (``deploy/nginx.conf``), and the UI on one's own machine (``mbr ui``). Dagster's own command serves
on a port, which every user of the machine may open.
"""

from __future__ import annotations

from pathlib import Path

from mbr_pipeline.cli.serve.sockets import socket_of


def serve(dagster_workspace: Path, path: Path, msp_ids: list[str], read_only: bool) -> None:
    """Serve until SIGINT or SIGTERM; ``read_only`` refuses everything that changes something. The MSPs can be
    chosen as partitions from the start.

    Raises:
        ConfigError: The socket's folder is open to every user of the machine.
        MbrError: The socket cannot be made, or another server answers there.
    """
    listening = socket_of(path)
    import uvicorn
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.app import create_app_from_workspace_process_context
    from dagster_webserver.version import __version__

    from mbr_pipeline.cli.run_history import run_history

    with run_history() as instance:
        # as Dagster's own command does: statements end after 15 s, connections are renewed every hour
        instance.optimize_for_webserver(15_000, 3600, 20)
        instance.add_dynamic_partitions("msp", msp_ids)
        target = WorkspaceFileTarget(paths=[str(dagster_workspace)])
        with WorkspaceProcessContext(
            instance, version=__version__, read_only=read_only, workspace_load_target=target
        ) as context:
            app = create_app_from_workspace_process_context(context, "", 2000)
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
            try:
                server.run(sockets=[listening])
            finally:
                path.unlink(missing_ok=True)

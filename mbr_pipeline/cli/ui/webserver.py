"""Dagster's webserver behind the guard.

What belongs here: starting it. What does not: whom the guard refuses (``guard``).
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import dagster as dg
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.log import configure_loggers
from dagster_webserver.cli import (
    DEFAULT_DB_STATEMENT_TIMEOUT,
    DEFAULT_POOL_MAX_OVERFLOW,
    DEFAULT_POOL_RECYCLE,
)
from dagster_webserver.version import __version__
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware

from mbr_pipeline.cli.ui import HOST
from mbr_pipeline.cli.ui.guard import OwnPagesOnly

_POLL_MILLISECONDS = 2000
_GRACE_SECONDS = 3
"""A browser keeps its connection open for ever."""


class GuardedWebserver(DagsterWebserver[Any, Any]):
    """Dagster's webserver, for its own pages and programs of this machine."""

    def build_middleware(self) -> list[Middleware]:
        """Return Dagster's own behind the guard."""
        return [Middleware(OwnPagesOnly), *super().build_middleware()]


def serve(port: int, workspace_file: str) -> None:
    """Serve until SIGTERM."""
    with dg.DagsterInstance.get() as instance:
        instance.optimize_for_webserver(
            DEFAULT_DB_STATEMENT_TIMEOUT, DEFAULT_POOL_RECYCLE, DEFAULT_POOL_MAX_OVERFLOW
        )
        with WorkspaceProcessContext(
            instance, WorkspaceFileTarget([workspace_file]), version=__version__
        ) as context:
            app = GuardedWebserver(context, live_data_poll_rate=_POLL_MILLISECONDS).create_asgi_app()
            settings = uvicorn.Config(
                app,
                host=HOST,
                port=port,
                log_level="warning",
                lifespan="off",
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
            _Server(settings).run()


class _Server(uvicorn.Server):
    """Says where it is as soon as it answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Dagster UI: http://{HOST}:{self.config.port}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    configure_loggers(formatter="colored", log_level="INFO")
    serve(int(sys.argv[1]), sys.argv[2])

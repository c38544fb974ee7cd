"""`mbr serve`: the billing team's page (contract §12).

What belongs here: options, and starting the server. What does not: what it shows (``mbr_pipeline.serve``).
"""

from __future__ import annotations

import ipaddress
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import click

from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.paths import WorkspacePaths

_GRACE_SECONDS = 3
"""A browser keeps its connection open for ever."""


@click.command()
@workspace_option
@click.option("--port", default=8400, show_default=True, type=click.IntRange(1, 65535), help="Its port.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option(
    "--behind-tls-proxy", is_flag=True, help="A proxy with TLS stands before it, and everybody signs in."
)
@click.option(
    "--socket",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Listen at a socket of the proxy's, not at a port.",
)
@click.option("--demo", "is_demo", is_flag=True, help="Only show, to everybody: nothing can be changed.")
@click.option("--json", "as_json", is_flag=True, help="Print where to open it as one JSON object.")
def command(
    workspace: WorkspacePaths,
    port: int,
    host: str,
    behind_tls_proxy: bool,
    path: Path | None,
    is_demo: bool,
    as_json: bool,
) -> None:
    """Open the billing team's page: months, worklist, decisions, close and export in a browser.

    Where mbr.yml names `people`, each signs in with a password (`mbr people passwd NAME`). Without, the page
    opens for the user of this machine by the link that is printed; it can be used once.
    """
    import uvicorn

    from mbr_pipeline.cli.serve.sockets import port_of, socket_of
    from mbr_pipeline.decide.who import actor
    from mbr_pipeline.serve.answering import read_templates
    from mbr_pipeline.serve.app import app
    from mbr_pipeline.serve.site import Site
    from mbr_pipeline.workspace.workspace import Workspace

    opened = Workspace.open(workspace)
    people = opened.settings.people
    _refuse_open_house(host, behind_tls_proxy, bool(people))
    if path is not None and not behind_tls_proxy:
        raise ConfigError("--socket is for a proxy: say --behind-tls-proxy")
    site = Site(workspace, "" if people else actor(None, os.environ), behind_tls_proxy, is_demo)
    listening = port_of(host, port) if path is None else socket_of(path)
    address = path or f"http://{f'[{host}]' if ':' in host else host}:{port}"
    to_open = str(address) if is_demo or people else f"{address}/open/{site.link}"
    print(f"MBR: {to_open}", file=sys.stderr, flush=True)
    if as_json:
        print_json({"address": to_open})
        sys.stdout.flush()
    print("Ctrl+C ends it", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        app(site),
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # nobody's address is asked for
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ws="none",
    )
    threading.Thread(target=read_templates, daemon=True).start()
    with suppress(KeyboardInterrupt):  # raised once everything has ended, as it should
        uvicorn.Server(config).run(sockets=[listening])


def _refuse_open_house(host: str, is_behind_proxy: bool, has_people: bool) -> None:
    """Let nobody be served who was not meant.

    Raises:
        ConfigError: The address is another than loopback without a proxy, or a proxy without people.
    """
    if is_behind_proxy and not has_people:
        raise ConfigError("--behind-tls-proxy needs `people` in mbr.yml: everybody signs in there")
    if not is_behind_proxy and not _is_loopback(host):
        raise ConfigError(
            f"--host {host} is not this machine alone (127.0.0.1): passwords would travel in the clear. Put a"
            " proxy with TLS before it and say --behind-tls-proxy"
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

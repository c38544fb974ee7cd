"""`mbr deploy`: an installation that runs by itself: is it right, its web servers, its old history.

What belongs here: options and what is printed. What does not: what is right (``mbr_pipeline.upkeep``), the
files of an installation (``deploy/`` of the checkout), the UI on one's own machine (``mbr ui``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from connectors.counted import plural
from mbr_pipeline.cli.deploy import facts
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError, MbrError
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.storage.database.opening import SPREAD_VARIABLE, URL_VARIABLE
from mbr_pipeline.upkeep import deployment
from mbr_pipeline.upkeep.deployment import Item, Server
from mbr_pipeline.upkeep.old_runs import may_go
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.spread import is_distributed
from mbr_pipeline.workspace.workspace import Workspace


@click.group()
def command() -> None:
    """A server that runs MBR by itself: check it, serve its UI, remove old history."""


@command.command()
@workspace_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value as the last line.")
def check(workspace: WorkspacePaths, as_json: bool) -> None:
    """Look at the installation: what is right, and what to do.

    Run it as the user and with the environment of the services.

    Exit code: 0 all is right, 1 something is to do, 2 usage or configuration.
    """
    opened, home = Workspace.open(workspace), _home()
    items = list(_items(opened, home))
    if as_json:
        print_json([asdict(item) for item in items])
    else:
        for item in items:
            click.echo(f"{'ok     ' if item.is_right else 'to do  '}{item.what}: {one_line(item.said)}")
    sys.exit(0 if all(item.is_right for item in items) else 1)


@command.command()
@workspace_option
@click.option("--socket", "path", required=True, type=click.Path(path_type=Path), help="The socket to make.")
@click.option(
    "--dagster-workspace",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="workspace.yaml, which names the code server.",
)
@click.option("--read-only", is_flag=True, help="For viewers: nothing can be changed.")
def serve(workspace: WorkspacePaths, path: Path, dagster_workspace: Path, read_only: bool) -> None:
    """Serve Dagster's UI on a Unix socket, for a proxy with sign-in."""
    from mbr_pipeline.cli.deploy.serve import serve as until_told

    opened = Workspace.open(workspace)
    _home()
    until_told(dagster_workspace, path, opened.msp_ids(), read_only)


@command.command()
@workspace_option
@click.option("--slots", required=True, type=click.IntRange(1), help="Months at once: cores of the machine.")
def worker(workspace: WorkspacePaths, slots: int) -> None:
    """Work on months that the queue gives out.

    Of an installation on several machines: one on each.
    """
    from mbr_pipeline.cli.deploy.worker import work

    Workspace.open(workspace)
    settings, launcher = facts.dagster_settings(_home()), None
    if is_distributed():
        launcher = deployment.launcher(settings, os.environ)
    if launcher is None:
        raise ConfigError(f"{SPREAD_VARIABLE} is not set: set it to 1 wherever MBR runs, on every machine")
    if not launcher.is_right:
        raise ConfigError(launcher.said)
    os.environ["MBR_WORKSPACE"] = str(workspace.root)
    work(slots)


@command.command()
@workspace_option
def store(workspace: WorkspacePaths) -> None:
    """Put what a workspace has into the store that mbr.yml names.

    Once, when it gets one: landed files, publications, reports, closed versions and exports. It may be
    repeated.
    """
    from mbr_pipeline.publish.stored import move_in

    number = move_in(Workspace.open(workspace))
    click.echo(
        f"{plural(number, 'month is', 'months are')} in the store" if number else "nothing to put there"
    )


@command.command()
@click.option("--keep-days", required=True, type=click.IntRange(1), help="Younger runs stay.")
@click.option("--yes", is_flag=True, help="Remove them; without it they are only counted.")
def prune(keep_days: int, yes: bool) -> None:
    """Remove runs from Dagster's history, with their events and logs.

    The last run of each month stays, and the last that succeeded.
    """
    _home()
    from mbr_pipeline.cli.deploy import history
    from mbr_pipeline.cli.run_history import run_history

    before = datetime.now(UTC) - timedelta(days=keep_days)
    with run_history() as instance:
        old = may_go(history.runs(instance), before)
        for run_id in old if yes else ():
            history.remove(instance, run_id)
    runs = plural(len(old), "run")
    print(f"{runs} removed" if yes else f"{runs} would be removed: add --yes")


def _home() -> Path:
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        raise ConfigError("DAGSTER_HOME is not set: name the folder with the installation's dagster.yaml")
    if not Path(home).is_absolute():
        raise ConfigError(f"DAGSTER_HOME is {home}: write the whole path")
    return Path(home)


def _items(workspace: Workspace, home: Path) -> Iterator[Item]:
    settings = facts.dagster_settings(home)
    yield deployment.storage(settings, os.environ)
    yield deployment.queue(settings, None if is_distributed() else len(os.sched_getaffinity(0)))
    yield deployment.monitoring(settings)
    if is_distributed():
        yield deployment.launcher(settings, os.environ)
        yield deployment.again(settings)
    yield deployment.retention(settings)
    variable = deployment.address_variable(settings)
    address = os.environ.get(variable, "") if variable else ""
    dagster = facts.server(address) if address else None
    yield from _databases(dagster)
    yield deployment.secrets(facts.absent_variables(workspace.settings))
    for name, place in (("workspace", workspace.paths.root), ("Dagster's folder", home)):
        mode = place.stat().st_mode if place.is_dir() else None
        yield deployment.folder(name, str(place), mode, os.access(place, os.W_OK | os.X_OK))
    if isinstance(dagster, Server) and dagster.revision is not None:
        stopped, seconds_ago = facts.history()
        yield deployment.schedules(_planned(workspace), stopped)
        yield deployment.daemon(seconds_ago)
    yield _alerts(workspace)
    socket = os.environ.get("MBR_VIEWER_SOCKET")
    yield deployment.viewer(socket, facts.may_launch(socket) if socket else False)


def _databases(dagster: Server | str | None) -> Iterator[Item]:
    if dagster is not None:
        yield deployment.database("database of Dagster", dagster)
    ledger = facts.server(os.environ[URL_VARIABLE]) if os.environ.get(URL_VARIABLE) else None
    if ledger is not None:
        yield deployment.database("database of the ledger", ledger)
    if isinstance(dagster, Server):
        if isinstance(ledger, Server):
            yield deployment.apart(dagster, ledger)
        yield deployment.schema(dagster.revision, facts.newest_revision())
        yield deployment.clock(dagster)


def _planned(workspace: Workspace) -> list[str]:
    """When months are closed, in words, each time once."""
    times = map(workspace.settings.schedule_of, workspace.msp_ids())
    return list(dict.fromkeys(f"day {at.day}, {at.hour:02d}:00 {at.time_zone}" for at in times))


def _alerts(workspace: Workspace) -> Item:
    from mbr_pipeline.alerts import watch

    chosen = workspace.settings.alerts
    try:
        box = watch.outbox_of(workspace)
        waiting = sum(cause["waiting"] for cause in box.standing()) if box else 0
    except MbrError as error:
        return Item("alerts", False, str(error))
    return deployment.alerts(chosen.channels, chosen.heartbeat is not None, waiting)

"""`mbr sources`: whether the systems that records are fetched from can be reached.

What belongs here: the command and its output. What does not: trying
(``mbr_pipeline.ingest.fetching.source_check``).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from mbr_pipeline.cli.fetch import NOTHING_FETCHED, say_waiting
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.ingest.fetching.fetch import Watcher
from mbr_pipeline.ingest.fetching.fetch_tasks import tasks
from mbr_pipeline.ingest.fetching.source_check import check
from mbr_pipeline.periods import Period
from mbr_pipeline.safe_text import shown
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


@click.group("sources")
def command() -> None:
    """The systems that records are fetched from."""


@command.command("check")
@workspace_option
@click.option("--msp", "msp_id", metavar="ID", help="One MSP; without it, all of mbr.yml.")
@click.option("--source", metavar="NAME", help="One source; without it, all that name a system as connector.")
def sources_check(workspace: WorkspacePaths, msp_id: str | None, source: str | None) -> None:
    """Try credentials and permissions, and say what is missing. Nothing is fetched.

    Exit code: 0 all can be read, 1 something is missing, 2 usage or configuration.
    """
    sys.exit(check_command(workspace, msp_id, source))


def check_command(workspace: WorkspacePaths, msp_id: str | None, source: str | None) -> int:
    """Show what works and what is missing; returns the exit code."""
    opened = Workspace.open(workspace)
    today = datetime.now(UTC).date()
    wanted = tasks(opened, Period.parse(today.isoformat()[:7]), today, msp_id=msp_id, source=source)
    if not wanted:
        print(NOTHING_FETCHED, file=sys.stderr)
        return 0
    is_good = True
    for finding in check(opened, wanted, Watcher(wait=say_waiting)):
        is_good &= finding.is_good
        mark = "ok     " if finding.is_good else "MISSING"
        click.echo(f"{mark}  {finding.msp_id} {finding.source}  {finding.what}: {shown(finding.said)}")
    return 0 if is_good else 1

"""`mbr doctor`: what crashes left in a workspace, and mending it.

What belongs here: the command, its output, and Dagster's runs that ended without an end. What does not:
files (``mbr_pipeline.upkeep``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain

import click

from mbr_pipeline.cli.dagster_home import dagster_home, place_of_history
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.run import check_writable
from mbr_pipeline.cli.run.without_an_end import end, name_of, runs_without_an_end
from mbr_pipeline.errors import MbrError
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.upkeep.checks import Finding, find
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


@click.command()
@workspace_option
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
def command(workspace: WorkspacePaths, repair: bool) -> None:
    """Look for what crashes left behind, and mend it with --repair.

    The landing zone and closed versions are never changed. The published tables of a closed
    month are restored from its closed version, if they are damaged.

    Exit code: 0 nothing is wrong or left, 1 something is, 2 usage or configuration.
    """
    sys.exit(doctor_command(workspace, repair))


def doctor_command(workspace: WorkspacePaths, repair: bool) -> int:
    """Print what is wrong and what was done, one line each; returns the exit code."""
    opened = Workspace.open(workspace)
    found = list(chain(_places(workspace), find(opened, repair), _runs_without_an_end(workspace, repair)))
    for finding in found:
        click.echo(f"{'left    ' if finding.left else 'mended  '}{finding.what}: {one_line(finding.said)}")
    if not found:
        click.echo("nothing is wrong")
    return 1 if any(finding.left for finding in found) else 0


def _places(workspace: WorkspacePaths) -> Iterator[Finding]:
    for folder in (
        place_of_history(workspace), workspace.warehouse, workspace.published, workspace.reports
    ):  # fmt: skip
        try:
            check_writable([folder])
        except MbrError as error:
            yield Finding("disk", str(error), left=True)


def _runs_without_an_end(workspace: WorkspacePaths, repair: bool) -> Iterator[Finding]:
    """Runs that `mbr run` began and whose process is gone."""
    if not place_of_history(workspace).is_dir():
        return
    dagster_home(workspace)
    from mbr_pipeline.cli.run_history import run_history

    with run_history() as instance:
        for run in runs_without_an_end(instance):
            if repair:
                named = end(instance, run, "mbr doctor")
                yield Finding("run history", f"{named}: marked as failed", left=False)
            else:
                said = f"{name_of(run)}: its process is gone: `mbr doctor --repair` ends it"
                yield Finding("run history", said, left=True)

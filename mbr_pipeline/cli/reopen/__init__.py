"""`mbr reopen`: open a closed month again (contract §9).

What belongs here: options and what is printed. What does not: whether it may be done
(``mbr_pipeline.release.closing``).
"""

from __future__ import annotations

import os

import click

from mbr_pipeline.cli.close import print_state
from mbr_pipeline.cli.options import actor_option, json_option, workspace_option
from mbr_pipeline.workspace.paths import WorkspacePaths


@click.command()
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="Whose month.")
@click.option("--period", required=True, metavar="YYYY-MM", help="The month.")
@click.option("--reason", metavar="TEXT", help="Why: needed.")
@actor_option
@json_option
def command(
    workspace: WorkspacePaths,
    msp_id: str,
    period: str,
    reason: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Open a closed month again, for a late credit or an error.

    What is published stays that of the closed version until the month is run and passes again. Closing it
    then makes the next version, and `mbr restatement` shows what changed.

    Exit code: 0 open, or it was so already; 2 refused, 4 it is sealed.
    """
    from mbr_pipeline.decide.who import actor as named
    from mbr_pipeline.periods import Period
    from mbr_pipeline.release import closing
    from mbr_pipeline.workspace.workspace import Workspace

    opened = Workspace.open(workspace)
    month = opened.month(msp_id, Period.parse(period).text)
    done = closing.reopen(opened, month, named(actor, os.environ), reason)
    print_state(msp_id, month.period.text, done, as_json)

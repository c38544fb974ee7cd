"""`mbr export`: files of a closed month for other systems (contract §10).

What belongs here: options. What does not: what is printed (``printing``), what is exported
(``mbr_pipeline.release.exports``).
"""

from __future__ import annotations

import os

import click

from mbr_pipeline.cli.options import actor_option, json_option, workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.workspace.paths import WorkspacePaths


@click.command()
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="Whose month.")
@click.option("--period", required=True, metavar="YYYY-MM", help="The month.")
@click.option(
    "--to",
    "target",
    required=True,
    metavar="TARGET",
    help="xero, quickbooks, csv, xlsx, psa, claims or focus.",
)
@click.option(
    "--full", is_flag=True, help="xero, quickbooks: everything, not only what differs from what went out."
)
@click.option("--all", "is_all", is_flag=True, help="psa: changes that nobody approved, too.")
@click.option("--again", is_flag=True, help="Export what was exported already; the earlier files are kept.")
@click.option(
    "--dry-run", "is_dry_run", is_flag=True, help="Say what would be exported, also of an open month."
)
@actor_option
@json_option
def command(
    workspace: WorkspacePaths,
    msp_id: str,
    period: str,
    target: str,
    full: bool,
    is_all: bool,
    again: bool,
    is_dry_run: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Write a closed month's files for another system: invoices to import, ready lines, changes of the PSA,
    claims on vendors, vendor charges.

    The files are in exports/<msp>/<period>/v<version>/<target>/ with a manifest.json that has their hashes
    and sums. Held clients' lines are in none of them. What was exported once is not exported again by
    accident.

    Exit code: 0 exported; 2 refused, nothing was written; 3 the closed version is not what was closed.
    """
    from mbr_pipeline.cli.export.printing import print_done
    from mbr_pipeline.decide.who import actor as named
    from mbr_pipeline.release.exports.command import Wish, export
    from mbr_pipeline.workspace.workspace import Workspace

    options = frozenset(name for name, given in (("full", full), ("all", is_all)) if given)
    wish = Wish(target, options, again, is_dry_run)
    done = export(Workspace.open(workspace), msp_id, period, wish, named(actor, os.environ))
    if as_json:
        folder = str(done.folder) if done.folder else None
        print_json({**done.manifest, "state": done.state, "folder": folder})
    else:
        print_done(done)

"""`mbr export`: files of a closed month for other systems (contract §10).

What belongs here: options and what is printed. What does not: what is exported
(``mbr_pipeline.release.exports``).
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.workspace.paths import WorkspacePaths

if TYPE_CHECKING:
    from mbr_pipeline.release.exports.command import Exported


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
@click.option("--as", "actor", metavar="NAME", help="Who exports; without it $MBR_ACTOR, else your user.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value as the last line of output.")
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
    from mbr_pipeline.decide.who import actor as named
    from mbr_pipeline.release.exports.command import Wish, export
    from mbr_pipeline.workspace.workspace import Workspace

    options = frozenset(name for name, given in (("full", full), ("all", is_all)) if given)
    wish = Wish(target, options, again, is_dry_run)
    done = export(Workspace.open(workspace), msp_id, period, wish, named(actor, os.environ))
    if as_json:
        folder = str(done.folder) if done.folder else None
        print(json.dumps({**done.manifest, "state": done.state, "folder": folder}, ensure_ascii=False))
    else:
        _print(done)


def _print(done: Exported) -> None:
    manifest = done.manifest
    about = f"{manifest['msp_id']} {manifest['period']} version {manifest['version']} to {manifest['target']}"
    if done.state == "finished":
        print(f"{about}: the export that was cut off is finished under its entry {manifest['entry_id']}")
    elif done.state == "dry_run":
        print(f"{about}: dry run, nothing was written")
    else:
        print(f"{about}: exported, entry {manifest['entry_id']}")
    for file in manifest["files"]:
        print(f"  {file['name']:24} {_counted(file['rows'], 'row')}")
    if not manifest["files"]:
        print("  no file: there is nothing to export")
    if manifest["compared_with"]:
        print(f"  what differs from version {manifest['compared_with']}, which was exported before")
    for currency, amount in manifest["exported"].items():
        print(f"  in the files: {amount} {currency}")
    for currency, total in manifest["totals"].items():
        print(f"  {currency}: landed {total['before']}, ready {total['after']}")
    _print_notes(manifest)
    if done.folder:
        print(f"  in {done.folder}")


def _print_notes(manifest: Any) -> None:
    if manifest["tax_mode"]:
        print(f"  amounts are tax {manifest['tax_mode']}: choose so at the import")
    for note in manifest.get("credit_notes", ()):
        print(f"  credit note: {note['invoice']} of {note['client_id']}, {note['total']} {note['currency']}")
    for note in manifest.get("renumbered", ()):
        print(f"  {note['invoice']} is shared by several: for {note['client_id']} it is {note['number']}")
    if manifest.get("held"):
        print(f"  held, in no file: {', '.join(manifest['held'])}")
    if manifest.get("held_since_exported"):
        print(f"  exported before and held now: {', '.join(manifest['held_since_exported'])}")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

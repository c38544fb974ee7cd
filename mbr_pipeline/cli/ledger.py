"""`mbr ledger`: the chain of what people and policies did (contract §8.1).

What belongs here: options and what is printed. What does not: entries (``mbr_pipeline.decide.ledger``).
"""

from __future__ import annotations

import click

from mbr_pipeline.cli.options import json_option, workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.entries import Entry, faults
from mbr_pipeline.errors import MbrError
from mbr_pipeline.safe_text import visible
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


@click.command()
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="Whose chain.")
@click.option("--jsonl", is_flag=True, help="Every entry as it is kept, one JSON object a line.")
@json_option
def command(workspace: WorkspacePaths, msp_id: str, jsonl: bool, as_json: bool) -> None:
    """Print an MSP's chain: every entry carries the hash of the one before it.

    Exit code: 0, or 1 where the chain does not hold together; the entry is named.
    """
    Workspace.open(workspace).msp(msp_id)
    entries = chain(workspace, msp_id, as_kept=True)
    if as_json:
        print_json([entry.fields() for entry in entries])
    elif jsonl:
        for entry in entries:
            print_json(entry.fields())
    else:
        print("\n".join(map(_line, entries)) or f"nothing was entered for {msp_id} yet")
    if problems := list(faults(msp_id, entries)):
        raise MbrError(f"the chain does not hold together: {problems[0]}: restore the ledger from a backup")


_ABOUT = ("exception_id", "entry_id", "client_id", "file", "source")
"""What a line names, the first that an entry has."""


def _line(entry: Entry) -> str:
    about = next((entry.body[name] for name in _ABOUT if entry.body.get(name)), None)
    parts = [
        f"{entry.seq:6}  {entry.at}  {visible(entry.actor, 40):12}  {entry.kind:10}",
        f"{entry.period or '-':7}  {entry.entry_id}",
        f" on {visible(str(about))}" if about else "",
        f" “{visible(str(entry.body['reason']), 80)}”" if entry.body.get("reason") else "",
    ]
    return " ".join(parts).rstrip()

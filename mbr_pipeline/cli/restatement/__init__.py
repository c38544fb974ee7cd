"""`mbr restatement`: what changed between two versions of a month (contract §9).

What belongs here: options and what is printed. What does not: which versions there are
(``mbr_pipeline.release.versions_compared``) and what a difference is (``mbr_pipeline.publish.restatement``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click

from mbr_pipeline.cli.options import json_option, workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.safe_text import visible
from mbr_pipeline.workspace.paths import WorkspacePaths


@click.command()
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="Whose month.")
@click.option("--period", required=True, metavar="YYYY-MM", help="The month.")
@click.option(
    "--from", "before", type=int, metavar="N", help="The earlier version; by default the last but one."
)
@click.option("--to", "after", type=int, metavar="M", help="The later version; by default the newest.")
@json_option
def command(
    workspace: WorkspacePaths, msp_id: str, period: str, before: int | None, after: int | None, as_json: bool
) -> None:
    """Print what changed between two versions of a month, value by value, and the money of it.

    A month that was opened again and published since then has a version that is not closed yet: it is the
    newest.

    Exit code: 0, also where nothing changed; 2 there are no two versions; 3 one of them is damaged.
    """
    from mbr_pipeline.release.versions_compared import compared, in_words
    from mbr_pipeline.workspace.workspace import Workspace

    opened = Workspace.open(workspace)
    numbers, rows = compared(opened, msp_id, period, before, after)
    if as_json:
        print_json([_plain(row) for row in rows])
        return
    for row in rows:
        change = f"{row['change']:8} {row['table_name']} {visible(row['row_key'])} {row['column_name']}"
        print(f"{change}: {_shown(row['old_value'])} -> {_shown(row['new_value'])}")
    print(f"{msp_id} {period}, version {numbers[0]} to {numbers[1]}: {in_words(rows)}")


def _shown(value: str | None) -> str:
    return "nothing" if value is None else visible(value, 80)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: format(v, "f") if isinstance(v, Decimal) else v for name, v in row.items()}

"""`mbr status`: where every month stands, and what is next (contract §9).

What belongs here: options and what is printed. What does not: the facts (``mbr_pipeline.release.status``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbr_pipeline.cli.options import json_option, workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.safe_text import shown
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mbr_pipeline.release.status import MonthStatus

_DIRECTIONS = {
    "client_recoverable": "bill",
    "client_refund": "refund",
    "vendor_claim": "claim",
    "vendor_liability": "owed",
    "stranded": "unused",
}


@click.command()
@workspace_option
@click.option("--msp", "msp_id", metavar="ID", help="Only this MSP.")
@click.option("--period", metavar="YYYY-MM", help="Only this month.")
@json_option
def command(workspace: WorkspacePaths, msp_id: str | None, period: str | None, as_json: bool) -> None:
    """Show where every month stands: closed or open, what is open in it, and what is next."""
    from mbr_pipeline.monthly_close import MonthlyClose
    from mbr_pipeline.release.status import status
    from mbr_pipeline.workspace.workspace import Workspace

    opened = Workspace.open(workspace)

    def inputs_hash(month: MonthPaths) -> str:
        return MonthlyClose(opened, month).inputs_hash

    rows = status(opened, inputs_hash, msp_id, period)
    if as_json:
        print_json([row.row() for row in rows])
    elif rows:
        _print(rows)
    else:
        print("nothing is landed yet: land files with `mbr land`")


def _print(rows: Sequence[MonthStatus]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for title in ("MSP", "month", "state", "gate"):
        table.add_column(title, no_wrap=True)
    for title in ("pass", "waived", "hold", "open"):
        table.add_column(title, justify="right")
    for row in rows:
        version = f" v{row.version}" if row.version else ""
        clients = (str(row.clients[name]) for name in ("pass", "pass_with_waiver", "hold"))
        cells = (row.msp_id, row.period, row.state + version, row.gate or "-", *clients)
        table.add_row(*map(Text, (*cells, str(row.open_exceptions))))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for row in rows:
        console.print(Text(f"{row.msp_id} {row.period}", "bold"))
        for currency, impacts in row.money.items():
            console.print(Text(f"  open:    {_money(currency, impacts)}"))
        if row.decided_by:
            console.print(Text(f"  decided: by {', '.join(map(shown, row.decided_by))}"))
        console.print(Text(f"  next:    {shown(row.next)}"))


def _money(currency: str, impacts: Mapping[str, str]) -> str:
    amounts = [f"{title} {impacts[name]}" for name, title in _DIRECTIONS.items() if impacts[name].strip("0.")]
    return f"{currency} {', '.join(amounts) or '0'}"

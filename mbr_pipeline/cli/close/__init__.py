"""`mbr close`: the cut at which a month's invoices go out (contract §9).

What belongs here: options and what is printed. What does not: what must hold before
(``mbr_pipeline.release.closing``).
"""

from __future__ import annotations

import os
from typing import Any

import click

from mbr_pipeline.cli.options import actor_option, json_option, workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.safe_text import visible
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.paths import WorkspacePaths


@click.command()
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="Whose month.")
@click.option("--period", required=True, metavar="YYYY-MM", help="The month to close.")
@click.option("--except", "excepted", multiple=True, metavar="CLIENT",
              help="A held client that is left out, with --reason; may be given again.")  # fmt: skip
@click.option("--reason", metavar="TEXT", help="Why; needed with --except.")
@actor_option
@json_option
def command(
    workspace: WorkspacePaths,
    msp_id: str,
    period: str,
    excepted: tuple[str, ...],
    reason: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Close a published month: its tables are kept as a version, and later runs change nothing in it.

    Every client passes, or is left out by --except. What is printed last is the head of the chain: whoever
    keeps it elsewhere can show later that nothing before it was changed.

    Exit code: 0 closed, or it was so already; 2 refused, 3 there is no publication of exactly what is landed
    and decided now.
    """
    from mbr_pipeline.decide.who import actor as named
    from mbr_pipeline.monthly_close import MonthlyClose
    from mbr_pipeline.release import closing

    who = named(actor, os.environ)
    month = MonthlyClose.of(workspace, msp_id, period)
    made_from = closing.MadeFrom(month.recorded_inputs, lambda: month.inputs_hash)
    done = closing.close(month.workspace, month.paths, who, made_from, excepted, reason)
    if as_json:
        print_json(as_data(msp_id, month.paths.period.text, done))
        return
    was = "" if done.is_new else " already: nothing was entered"
    print(f"{msp_id} {month.paths.period.text} is {done.state}, version {done.version}{was}")
    for currency, total in done.totals.items():
        print(f"  ready to invoice: {_money(total, currency)} {currency}")
    if done.excepted:
        print(f"  left out, still held: {', '.join(visible(client) for client in done.excepted)}")
    print(f"  head of the chain: {done.head}")


def _money(total: str, currency: str) -> str:
    from decimal import Decimal

    return f"{Decimal(total):,.{minor_units().get(currency, 2)}f}"


def print_state(msp_id: str, period: str, done: Any, as_json: bool) -> None:
    """Print what a month's state is now, for the commands that change nothing else."""
    if as_json:
        print_json(as_data(msp_id, period, done))
        return
    was = "" if done.is_new else " already: nothing was entered"
    print(f"{msp_id} {period} is {done.state}{was}; its newest version is {done.version}")
    print(f"  head of the chain: {done.head}")


def as_data(msp_id: str, period: str, done: Any) -> dict[str, Any]:
    """Return what was done as one JSON object."""
    return {
        "msp_id": msp_id,
        "period": period,
        "state": done.state,
        "version": done.version,
        "is_new": done.is_new,
        "publication": done.publication,
        "totals": dict(done.totals),
        "except": list(done.excepted),
        "head": done.head,
    }

"""`mbr clean`: what grows in a workspace, how large it is, and removing it.

What belongs here: the command, its output, and the runs of a history kept in the workspace. What does not:
choosing files (``mbr_pipeline.upkeep.clean``), which runs may go (``mbr_pipeline.upkeep.old_runs``), the
history of an installation (``mbr deploy prune``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import click

from mbr_pipeline.cli.dagster_home import dagster_home, place_of_history
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.publish.versions import KEPT_REPLACED
from mbr_pipeline.storage.database.times import now as clock
from mbr_pipeline.upkeep.clean import Pile, piles, size_of
from mbr_pipeline.upkeep.old_runs import may_go
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


@click.command()
@workspace_option
@click.option(
    "--keep-months",
    default=13,
    show_default=True,
    metavar="N",
    type=click.IntRange(1),
    help="So many newest months of each MSP keep their working files.",
)
@click.option(
    "--all-replaced",
    is_flag=True,
    help="Also the newest replaced publication of each month, which else stays.",
)
@click.option(
    "--keep-days",
    default=90,
    show_default=True,
    metavar="N",
    type=click.IntRange(1),
    help="Younger runs stay in the history.",
)
@click.option("--yes", is_flag=True, help="Remove; without it sizes are only shown.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value as the last line.")
def command(
    workspace: WorkspacePaths, keep_months: int, all_replaced: bool, keep_days: int, yes: bool, as_json: bool
) -> None:
    """Show what has piled up and can be removed; remove it with --yes.

    Landed files, rules, published tables, closed versions, the ledger and exports are never removed.
    """
    opened = Workspace.open(workspace)
    found = [
        *piles(opened, keep_months, 0 if all_replaced else KEPT_REPLACED),
        *_old_runs(workspace, keep_days),
    ]
    if yes:
        for pile in found:
            if pile.count:
                pile.remove()
    if as_json:
        shown = [{"what": p.what, "count": p.count, "bytes": p.size, "removed": yes} for p in found]
        print_json(shown)
        return
    for pile in found:
        click.echo(f"{pile.what:<24}{pile.count:>6}{_in_words(pile.size):>12}   {pile.said}")
    total = _in_words(sum(pile.size for pile in found))
    if not any(pile.count for pile in found):
        click.echo("nothing is to be removed")
    else:
        click.echo(f"{total} removed" if yes else f"{total} can be removed: add --yes")


def _old_runs(workspace: WorkspacePaths, keep_days: int) -> Iterator[Pile]:
    """Runs of the history in the workspace itself; that of an installation is not ours to bound."""
    if place_of_history(workspace) != workspace.dagster_home.resolve() or not workspace.dagster_home.is_dir():
        return
    home = dagster_home(workspace)
    from mbr_pipeline.cli.deploy import history
    from mbr_pipeline.cli.run_history import run_history

    with run_history() as instance:
        old = may_go(history.runs(instance), clock() - timedelta(days=keep_days))
    # SQLite keeps each run's events in a file of its own, which Dagster empties but leaves
    files = [
        path
        for run_id in old
        for path in (*(home / "history" / "runs").glob(f"{run_id}.db*"), home / "storage" / run_id)
        if path.exists()
    ]

    def remove() -> None:
        with run_history() as instance:
            for run_id in old:
                history.remove(instance, run_id)
        for path in files:
            path.unlink(missing_ok=True) if path.is_file() else None

    said = f"ended more than {keep_days} days ago; the last of each month stays"
    yield Pile("runs in the history", said, len(old), size_of(files), remove)


def _in_words(size: int) -> str:
    amount = float(size)
    for unit in ("bytes", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"

"""`mbr decide`: what people decide about exceptions, and the list of it (contract §8.3).

What belongs here: options. What does not: what is printed (``printing``), what may be decided
(``mbr_pipeline.decide``).
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mbr_pipeline.cli.decide import printing
from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.paths import WorkspacePaths

if TYPE_CHECKING:
    from mbr_pipeline.decide.command import Done

_ACTIONS = ("approve", "waive", "dispute", "defer", "release")
_RULINGS = ("confirm", "refuse", "withdraw")
_FILTERS = ("code", "client_id", "product_code", "source", "max_impact")
_TAKES = {
    **dict.fromkeys(_ACTIONS, {*_FILTERS, "reason", "until", "up_to", "actor", "is_dry_run"}),
    "release": {"client_id", "reason", "actor", "is_dry_run"},
    **dict.fromkeys(_RULINGS, {"reason", "actor", "is_dry_run"}),
    "list": {"only_open"},
    "--csv": {"actor", "is_dry_run"},
}
"""The options that each takes besides --workspace, --msp, --period and --json."""
_OPTION = {
    "code": "--code", "client_id": "--client", "product_code": "--product", "source": "--source",
    "max_impact": "--max-impact", "reason": "--reason", "until": "--until", "up_to": "--up-to",
    "actor": "--as", "is_dry_run": "--dry-run", "only_open": "--open",
}  # fmt: skip


@click.command()
@workspace_option
@click.argument("action", required=False, metavar="[ACTION]")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--msp", "msp_id", metavar="ID", help="Only this MSP.")
@click.option("--period", metavar="YYYY-MM", help="Only this month; needed where no ids are given.")
@click.option("--code", metavar="CODE", help="Exceptions of this code.")
@click.option("--client", "client_id", metavar="ID", help="Exceptions of this client, or whom to release.")
@click.option("--product", "product_code", metavar="CODE", help="Exceptions of this product.")
@click.option("--source", metavar="NAME", help="Exceptions of this source.")
@click.option(
    "--max-impact", metavar="AMOUNT", help="Exceptions up to this amount, each in its own currency."
)
@click.option("--reason", metavar="TEXT", help="Why: whoever reads it later must understand.")
@click.option("--until", metavar="YYYY-MM", help="waive: the last month it holds for.")
@click.option("--up-to", metavar="AMOUNT", help="waive: the most it covers; without it, what is there now.")
@click.option("--as", "actor", metavar="NAME", help="Who decides; without it $MBR_ACTOR, else your user.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE",
              help="Decide by a file: exception_id, action, reason, until, up_to.")  # fmt: skip
@click.option("--open", "only_open", is_flag=True, help="list: what is stale, pending or deferred.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would be decided, and enter nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value as the last line of output.")
def command(
    workspace: WorkspacePaths,
    action: str | None,
    ids: tuple[str, ...],
    msp_id: str | None,
    period: str | None,
    csv_file: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Decide exceptions, one or many.

    ACTION is approve (bill or refund it), waive (leave it so, also in later months), dispute (claim it of the
    vendor), defer (leave it so this month), or release (let a client pass whose keys could not be compared):
    of exceptions by their ids, of which six characters are enough, or of a month's open ones that --period
    and the other conditions choose. confirm, refuse and withdraw are about decisions, by their ids. list
    prints the decisions.

    Exit code: 0 decided, or it was so already; 2 nothing was decided: every misfit is named.
    """
    from mbr_pipeline.storage.database.times import now, written

    called_at = written(now())  # before anything is read: another clerk may be deciding the same
    from mbr_pipeline.workspace.workspace import Workspace

    what = action or ("--csv" if csv_file else None)
    given = {name: value for name, value in options.items() if value not in (None, False)}
    _check(what, action, csv_file, given)
    opened = Workspace.open(workspace)
    if what == "list":
        printing.print_list(opened, msp_id, period, "only_open" in given, as_json)
        return
    done = _done(opened, str(what), ids, msp_id, period, csv_file, given | {"called_at": called_at})
    printing.warn_of_replaced(done)
    if as_json:
        print_json(printing.as_data(done))
    else:
        printing.print_done(done, "is_dry_run" in given)


def _check(what: str | None, action: str | None, csv_file: Path | None, given: dict[str, Any]) -> None:
    if what not in _TAKES or (action is not None and csv_file is not None):
        known = ", ".join((*_ACTIONS, *_RULINGS, "list"))
        raise ConfigError(f"say what to decide: one of {known}, or --csv FILE")
    if odd := sorted(_OPTION[name] for name in given.keys() - _TAKES[what]):
        raise ConfigError(f"{what} takes no {', '.join(odd)}")


def _done(
    opened: Any,
    what: str,
    ids: tuple[str, ...],
    msp_id: str | None,
    period: str | None,
    csv_file: Path | None,
    given: dict[str, Any],
) -> Done:
    from mbr_pipeline.decide.command import Scope, decide_ids, decide_where, release_client
    from mbr_pipeline.decide.making import Wish
    from mbr_pipeline.decide.rulings import rule
    from mbr_pipeline.decide.selection.conditions import Conditions
    from mbr_pipeline.decide.selection.from_csv import wishes_of
    from mbr_pipeline.decide.who import actor as named
    from mbr_pipeline.periods import Period

    actor = named(given.get("actor"), os.environ)
    of_period = Period.parse(period).text if period else None
    scope = Scope(msp_id, of_period, "is_dry_run" in given, given["called_at"])
    if csv_file is not None:
        return decide_ids(opened, wishes_of(csv_file, actor), scope)
    if what in _RULINGS:
        if not ids:
            raise ConfigError(f"{what} needs the ids of decisions: `mbr decide list` prints them")
        return rule(opened, what, ids, actor, given.get("reason"), scope)  # type: ignore[arg-type]
    until = given.get("until")
    wish = Wish(
        what, actor, given.get("reason"), Period.parse(until).text if until else None, _amount(given, "up_to")
    )
    if what == "release":
        if ids or "client_id" not in given:
            raise ConfigError("release is of a client: name it by --client, with --msp and --period")
        return release_client(opened, wish, given["client_id"], scope)
    if ids and (odd := [_OPTION[name] for name in _FILTERS if name in given]):
        raise ConfigError(f"name exceptions by ids or choose them by {', '.join(odd)}, not both")
    if ids:
        return decide_ids(opened, [(each, wish) for each in ids], scope)
    conditions = Conditions(
        given.get("code"),
        given.get("client_id"),
        given.get("product_code"),
        given.get("source"),
        _amount(given, "max_impact"),
    )
    return decide_where(opened, wish, conditions, scope)


def _amount(given: dict[str, Any], name: str) -> Decimal | None:
    from mbr_pipeline.workspace.people import money

    if name not in given:
        return None
    try:
        return money(given[name])
    except ValueError as error:
        raise ConfigError(f"{_OPTION[name]}: {error}") from error

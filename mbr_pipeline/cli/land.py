"""`mbr land`: files into the landing zone, checked first; corrections in place of what they correct.

What belongs here: options and what is printed. What does not: checking and moving
(``mbr_pipeline.ingest.land_files``).
"""

from __future__ import annotations

import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectors.counted import plural
from mbr_pipeline.cli.options import actor_option, workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.safe_text import one_line
from mbr_pipeline.values import minor_units
from mbr_pipeline.workspace.paths import WorkspacePaths

if TYPE_CHECKING:
    from mbr_pipeline.ingest.land_checks import Place
    from mbr_pipeline.ingest.land_files import Result


@click.command()
@workspace_option
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--msp", "msp_id", required=True, metavar="ID", help="The MSP the files are for.")
@click.option("--period", required=True, metavar="YYYY-MM", help="The month they are landed for.")
@click.option("--source", required=True, metavar="NAME", help="The source in mbr.yml they come from.")
@click.option("--dataset", required=True, metavar="NAME", help="What they hold, such as vendor_charges.")
@click.option(
    "--replaces",
    multiple=True,
    metavar="NAME",
    help="A landed file that these correct: it is kept in .superseded/ and counts no more. May be repeated.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why, for the ledger.")
@actor_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line of output.")
def command(
    workspace: WorkspacePaths,
    files: tuple[Path, ...],
    msp_id: str,
    period: str,
    source: str,
    dataset: str,
    replaces: tuple[str, ...],
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Check files as a run will read them, and land them: all of them, or none.

    A file keeps its name; one whose name does not begin with the dataset is called DATASET.NAME. A file that
    is landed already is left as it is. Who landed what is entered in the ledger.

    Exit code: 0 all are landed, 2 nothing was landed: a wrong option, a file that cannot be read, a wrong
    heading, a rejected row, another file of that name, or you may not.
    """
    from mbr_pipeline.decide.landing import land
    from mbr_pipeline.decide.who import actor as named
    from mbr_pipeline.ingest.land_checks import Place
    from mbr_pipeline.setup.landed_before import warnings_of
    from mbr_pipeline.workspace.workspace import Workspace

    who = named(actor, os.environ)
    opened = Workspace.open(workspace)
    place = Place.of(opened, msp_id, period, source, dataset)
    noticed = warnings_of(opened, place.month.msp_id, f"{place.source}/{place.dataset}", files)
    result = land(place, who, files, replaces, reason.strip(), _say_waiting)
    for warning in (*noticed, *result.warnings):
        print(f"mbr: warning: {one_line(warning)}", file=sys.stderr)
    if as_json:
        print_json({**_as_data(place, result), "warnings": [*noticed, *result.warnings]})
    else:
        _print(place, result)


def _say_waiting() -> None:
    print("mbr: waiting for another `mbr land` of this month", file=sys.stderr)


def _print(place: Place, result: Result) -> None:
    where = f"{place.month.period.text}/{place.source}"
    for file in result.files:
        money = "".join(f", {total} {currency}" for currency, total in _plain(file.totals).items())
        said = "landed" if file.is_new else "is landed already, with these bytes:"
        print(f"{where}/{one_line(file.name)} {said} ({plural(file.rows, 'row')}{money})")
    for name, kept in result.replaced.items():
        print(f"{where}/{one_line(name)} replaced, kept as {one_line(kept)}")


def _as_data(place: Place, result: Result) -> dict[str, Any]:
    return {
        "msp_id": place.month.msp_id,
        "period": place.month.period.text,
        "source": place.source,
        "dataset": place.dataset,
        "files": [
            {
                "name": file.name,
                "state": "landed" if file.is_new else "landed_already",
                "rows": file.rows,
                "totals": _plain(file.totals),
                "sha256": file.sha256,
            }
            for file in result.files
        ],
        "replaced": [{"name": name, "kept_as": kept} for name, kept in result.replaced.items()],
    }


def _plain(totals: dict[str, str]) -> dict[str, str]:
    """Write sums with the places of their currency, with more only where they have more."""
    return {currency: _amount(Decimal(total), currency) for currency, total in totals.items()}


def _amount(total: Decimal, currency: str) -> str:
    exact = total.normalize()
    places = max(-int(exact.as_tuple().exponent), minor_units().get(currency, 2))
    return f"{exact:.{places}f}"

"""`mbr map`: the group and its options.

What belongs here: the grammar of the command line. What does not: what
is printed (``mbr_pipeline.cli.map_output``).
"""

from __future__ import annotations

from dataclasses import dataclass

import click

from mbr_pipeline.cli.options import workspace_option
from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD
from mbr_pipeline.workspace.paths import WorkspacePaths


@dataclass(frozen=True)
class _Where:
    """The month that rows are accepted for."""

    workspace: WorkspacePaths
    msp_id: str
    period: str


_from_option = click.option(
    "--from",
    "valid_from",
    default="",
    metavar="DATE",
    help="First day of the row.  [default: first of --period]",
)
_to_option = click.option(
    "--to", "valid_to", default="", metavar="DATE", help="Day after its last.  [default: it has no end]"
)


@click.group("map")
def command() -> None:
    """Suggest what unmapped customers and SKUs are, and add the rows you accept.

    A suggestion changes nothing: a row is added by `mbr map accept` alone, one at a time, and holds
    from the next run.
    """


@command.command()
@workspace_option
@click.option("--period", required=True, metavar="YYYY-MM", help="The month; it must have been run.")
@click.option("--msp", "msp_id", metavar="ID", help="One MSP; without it, all of mbr.yml.")
@click.option(
    "--threshold",
    default=DEFAULT_THRESHOLD,
    show_default=True,
    metavar="N",
    type=click.IntRange(1, 100),
    help="Lowest score that is suggested.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def suggest(
    workspace: WorkspacePaths, period: str, msp_id: str | None, threshold: int, as_json: bool
) -> None:
    """List what a month left unmapped, most money first, with what it may be.

    Where a suggestion is clear, the command that accepts it is printed below it.
    """
    from mbr_pipeline.cli.map_output import suggest_command

    suggest_command(workspace, period, msp_id, threshold, as_json)


@command.group()
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="The MSP whose map it is.")
@click.option(
    "--period", required=True, metavar="YYYY-MM", help="The month whose clients and products may be named."
)
@click.pass_context
def accept(context: click.Context, workspace: WorkspacePaths, msp_id: str, period: str) -> None:
    """Add one row to client_map.csv or sku_map.csv.

    The row holds from the first day of --period on, so that published months stay what they are. The rest of
    the file is left as it is.

    Exit code 2, and nothing written: an unknown client, product or source, a wrong date, or a
    row that holds already.
    """
    context.obj = _Where(workspace, msp_id, period)


@accept.command()
@click.argument("source")
@click.argument("vendor_customer_id")
@click.argument("client_id")
@_from_option
@_to_option
@click.pass_obj
def customer(
    where: _Where, source: str, vendor_customer_id: str, client_id: str, valid_from: str, valid_to: str
) -> None:
    """Map VENDOR_CUSTOMER_ID of SOURCE to CLIENT_ID.

    CLIENT_ID may be '!internal', your own seats, or '!ignore'.
    """
    from mbr_pipeline.cli.map_output import accept_command
    from mbr_pipeline.mapping_help.accept import Choice

    choice = Choice(
        "customer", source, vendor_customer_id, client_id, valid_from=valid_from, valid_to=valid_to
    )
    accept_command(where.workspace, where.period, where.msp_id, choice)


@accept.command()
@click.argument("source")
@click.argument("sku_id")
@click.argument("product_code")
@click.option(
    "--term",
    default="",
    metavar="TERM",
    help="Only this commitment, as the vendor writes it.  [default: all]",
)
@click.option(
    "--units-per", default="", metavar="N", help="Units of the product in one of the vendor's.  [default: 1]"
)
@_from_option
@_to_option
@click.pass_obj
def sku(
    where: _Where,
    source: str,
    sku_id: str,
    product_code: str,
    term: str,
    units_per: str,
    valid_from: str,
    valid_to: str,
) -> None:
    """Map SKU_ID of SOURCE to PRODUCT_CODE.

    PRODUCT_CODE may be '!not_billed': a trial, a free tier, a part of a bundle.
    """
    from mbr_pipeline.cli.map_output import accept_command
    from mbr_pipeline.mapping_help.accept import Choice

    choice = Choice("sku", source, sku_id, product_code, term, units_per, valid_from, valid_to)
    accept_command(where.workspace, where.period, where.msp_id, choice)

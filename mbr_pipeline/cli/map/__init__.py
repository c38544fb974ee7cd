"""`mbr map`: the group and its options.

What belongs here: the grammar of the command line. What does not: what
is printed (``mbr_pipeline.cli.map.output``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from mbr_pipeline.cli.options import actor_option, workspace_option
from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD
from mbr_pipeline.workspace.paths import WorkspacePaths


@dataclass(frozen=True)
class _Where:
    """The month that rows are accepted for."""

    workspace: WorkspacePaths
    msp_id: str
    period: str
    actor: str | None


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

    A suggestion changes nothing: rows are added by `mbr map accept` alone, one at a time or from a table that
    you filled in, and hold from the next run.
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
@click.option(
    "--csv",
    "table",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the list of one MSP as a new table to fill in, for `mbr map accept --from`.",
)
@click.option(
    "--accounting",
    "is_accounting",
    is_flag=True,
    help="What accounting.csv and contacts.csv lack for the month's invoices, instead.",
)
def suggest(
    workspace: WorkspacePaths,
    period: str,
    msp_id: str | None,
    threshold: int,
    as_json: bool,
    table: Path | None,
    is_accounting: bool,
) -> None:
    """List what a month left unmapped, most money first, with what it may be.

    Customers and SKUs are in one list, also SKUs whose customer is unmapped. Where a suggestion is clear, the
    command that accepts it is printed below it.

    With --csv, the column accept is for you: a client_id or product_code, !internal or !ignore for a customer
    (your own seats; somebody else's), !not_billed for a SKU (trials, free tiers). An empty one is left.

    With --accounting, the list is of clients and products without a row in contacts.csv or accounting.csv,
    each with a proposal where one name matches; in its table contact_name, account_code, tax_type and
    item_name are for you.
    """
    if as_json and table is not None:
        raise click.UsageError("--csv and --json exclude each other: name one.")
    if is_accounting:
        from mbr_pipeline.cli.map import accounting

        accounting.suggest_command(workspace, period, msp_id, threshold, as_json, table)
        return
    from mbr_pipeline.cli.map.output import suggest_command
    from mbr_pipeline.cli.map.tables import write_command

    if table is not None:
        write_command(workspace, period, msp_id, threshold, table)
        return
    suggest_command(workspace, period, msp_id, threshold, as_json)


@command.group(invoke_without_command=True)
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="The MSP whose map it is.")
@click.option(
    "--period", required=True, metavar="YYYY-MM", help="The month whose clients and products may be named."
)
@click.option(
    "--from",
    "table",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A filled-in table of `mbr map suggest --csv`, of either list.",
)
@actor_option
@click.pass_context
def accept(
    context: click.Context,
    workspace: WorkspacePaths,
    msp_id: str,
    period: str,
    table: Path | None,
    actor: str | None,
) -> None:
    """Add rows to client_map.csv and sku_map.csv, or contacts.csv and accounting.csv: one, or all that a
    table has.

    A row of a map holds from the first day of --period on, so that published months stay what they are,
    unless it says otherwise. The rest of the files is left as it is. Of a table all rows are added or none,
    each wrong one is named, and taking it again adds nothing twice. Who accepted what is entered in the
    ledger.

    Exit code 2, and nothing written: an unknown client, product or source, a wrong date, or a row that
    contradicts one that holds already.
    """
    context.obj = _Where(workspace, msp_id, period, actor)
    is_alone = context.invoked_subcommand is None
    if is_alone == (table is None):
        raise click.UsageError(
            "Name either a table with --from, or customer, sku, contact or product for one row."
        )
    if table is not None:
        from mbr_pipeline.cli.map.tables import take_command

        take_command(workspace, period, msp_id, table, actor)


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
    from mbr_pipeline.cli.map.output import accept_command
    from mbr_pipeline.mapping_help.accept import Choice

    choice = Choice(
        "customer", source, vendor_customer_id, client_id, valid_from=valid_from, valid_to=valid_to
    )
    accept_command(where.workspace, where.period, where.msp_id, choice, where.actor)


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
    from mbr_pipeline.cli.map.output import accept_command
    from mbr_pipeline.mapping_help.accept import Choice

    choice = Choice("sku", source, sku_id, product_code, term, units_per, valid_from, valid_to)
    accept_command(where.workspace, where.period, where.msp_id, choice, where.actor)


@accept.command()
@click.argument("client_id")
@click.argument("contact_name")
@click.pass_obj
def contact(where: _Where, client_id: str, contact_name: str) -> None:
    """Call CLIENT_ID CONTACT_NAME in invoice import files, as the accounting system does."""
    from mbr_pipeline.cli.map.accounting import accept_command

    cells = {"client_id": client_id, "contact_name": contact_name}
    accept_command(where.workspace, where.period, where.msp_id, "client", cells, where.actor)


@accept.command()
@click.argument("product_code")
@click.argument("account_code")
@click.argument("tax_type")
@click.option("--item-name", default="", metavar="NAME", help="The accounting system's item.")
@click.pass_obj
def product(where: _Where, product_code: str, account_code: str, tax_type: str, item_name: str) -> None:
    """Give PRODUCT_CODE an account and a tax rate in invoice import files."""
    from mbr_pipeline.cli.map.accounting import accept_command

    cells = {"product_code": product_code, "account_code": account_code, "tax_type": tax_type}
    cells |= {"item_name": item_name} if item_name else {}
    accept_command(where.workspace, where.period, where.msp_id, "product", cells, where.actor)

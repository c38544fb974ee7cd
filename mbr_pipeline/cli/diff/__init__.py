"""`mbr diff`: what differs between two publications of a month, table by table.

What belongs here: options and what is printed. What does not: which publications there are
(``mbr_pipeline.release.publications_compared``) and what a difference is
(``mbr_pipeline.publish.differences``).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from mbr_pipeline.cli.options import json_option, workspace_option
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.paths import WorkspacePaths

if TYPE_CHECKING:
    from mbr_pipeline.publish.differences import Money, TableDifference
    from mbr_pipeline.release.publications_compared import Kept

_CHANGES = ("added", "removed", "changed")
_COLUMNS = (
    "table_name", "row_key", "change", "column_name", "old_value", "new_value", "client_id", "currency",
    "amount_change",
)  # fmt: skip


@click.command()
@workspace_option
@click.option("--msp", "msp_id", required=True, metavar="ID", help="Whose month.")
@click.option("--period", required=True, metavar="YYYY-MM", help="The month.")
@click.option(
    "--from",
    "before",
    metavar="NAME",
    help="The earlier publication; by default the newest one before the later with other tables.",
)
@click.option("--to", "after", metavar="NAME", help="The later one; by default the one in force.")
@click.option("--csv", "as_csv", is_flag=True, help="Print every changed value as CSV instead.")
@json_option
def command(
    workspace: WorkspacePaths,
    msp_id: str,
    period: str,
    before: str | None,
    after: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Print what differs between two publications of a month: rows of every published table, and money.

    NAME is a version of the view `publications` or how it begins, at least 4 characters, or the number of a
    closed version. Replaced publications are kept for an hour, the newest of each month for longer.

    Exit code: 0, also where nothing differs; 2 there are no two publications; 3 one of them is damaged.
    """
    from mbr_pipeline.publish.differences import ALL, differences
    from mbr_pipeline.release.publications_compared import chosen
    from mbr_pipeline.workspace.workspace import Workspace

    if as_csv and as_json:
        raise ConfigError("--csv and --json go not together: choose one")
    first, last = chosen(Workspace.open(workspace), msp_id, period, before, after)
    tables = differences(first.folder, last.folder, ALL)
    if as_csv:
        _print_csv(tables)
    elif as_json:
        about = {"msp_id": msp_id, "period": period, "from": _named(first), "to": _named(last)}
        print_json(about | _as_data(tables))
    else:
        print(f"{msp_id} {period}: {_told(first)} -> {_told(last)}")
        _print(tables)


def _print(tables: Iterator[TableDifference]) -> None:
    is_same = True
    for table in tables:
        added, removed, changed = counts = [table.count(each) for each in _CHANGES]
        if not any(counts):
            continue
        if is_same:
            print(f"{'table':26}{'added':>9}{'removed':>9}{'changed':>9}")
            is_same = False
        print(f"{table.table:26}{added:>9}{removed:>9}{changed:>9}")
        for currency, columns in _plain(table.money()).items():
            for name, amount in columns.items():
                sign = "" if amount.startswith("-") else "+"
                print(f"  {name}: {sign}{amount} {currency}".rstrip())
    if is_same:
        print("nothing differs")


def _print_csv(tables: Iterator[TableDifference]) -> None:
    from mbr_pipeline.release.exports.cells import shown

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for table in tables:
        for row in table.values():
            writer.writerow([shown(row[name]) for name in _COLUMNS])


def _as_data(tables: Iterator[TableDifference]) -> dict[str, Any]:
    found, changes = [], []
    for table in tables:
        counts = {each: table.count(each) for each in _CHANGES}
        found.append({"table_name": table.table, **counts, "money": _plain(table.money())})
        changes += [_as_text(row) for row in table.values()]
    return {"tables": found, "changes": changes}


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    return {name: format(v, "f") if isinstance(v, Decimal) else v for name, v in row.items()}


def _plain(money: Money) -> dict[str, dict[str, str]]:
    from mbr_pipeline.release.exports.cells import money as with_its_places

    return {
        currency: {name: format(with_its_places(amount, currency), "f") for name, amount in columns.items()}
        for currency, columns in money.items()
    }


def _named(one: Kept) -> dict[str, Any]:
    return {
        "name": one.name,
        "at": one.at,
        "inputs_hash": one.inputs_hash,
        "is_closed": one.is_closed,
        "is_in_force": one.is_in_force,
    }


def _told(one: Kept) -> str:
    said: Sequence[str] = [
        f"version {one.name}" if one.is_closed else one.name,
        f"of {one.at} UTC" if one.at else "",
        "(in force)" if one.is_in_force else "",
    ]
    return " ".join(each for each in said if each)

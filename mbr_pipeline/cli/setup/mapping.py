"""After the run: what is to map, asked one by one on a terminal, or as a table to fill in.

What belongs here: asking, and naming the next command. What does not: suggestions and rows
(``mbr_pipeline.mapping_help``). Nothing is taken without an answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mbr_pipeline.cli.map.output import command_for, shell_word, suggest_command
from mbr_pipeline.decide.deeds import enter_mapping
from mbr_pipeline.decide.who import refusal
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept import MAP_OF, Choice, accept
from mbr_pipeline.mapping_help.suggest import DEFAULT_THRESHOLD
from mbr_pipeline.mapping_help.table import write_table
from mbr_pipeline.mapping_help.worklist import Item, worklist
from mbr_pipeline.safe_text import shown
from mbr_pipeline.workspace.paths import MonthPaths
from mbr_pipeline.workspace.workspace import Workspace

_MOST_ASKED = 12
"""With more, a table is quicker than questions."""


def map_the_rest(workspace: Workspace, month: MonthPaths, who: str) -> int:
    """Print what is to map and get it mapped by who may; returns how many rows were added to the rules, which
    hold from the next run.
    """
    suggest_command(month.workspace, month.period.text, month.msp_id, DEFAULT_THRESHOLD, False)
    items = worklist(workspace, month, DEFAULT_THRESHOLD).items
    if not items:
        return 0
    may = refusal(workspace.settings.people, who, "map_accept") is None
    if may and sys.stdin.isatty() and len(items) <= _MOST_ASKED:
        return sum(_asked(workspace, month, item, who) for item in items)
    table = _free(month.workspace.root / f"to-map-{month.msp_id}-{month.period.text}.csv")
    write_table(table, month, items)
    click.echo(f"\n{table}: what is to map as a table: fill in its column accept, in a spreadsheet, then")
    click.echo(f"  {command_for(month, 'map accept')} --from {shell_word(str(table))}")
    click.echo(f"  {command_for(month, 'run')}")
    return 0


def _free(path: Path) -> Path:
    """Return a name that no file has: a table that somebody fills in is never written over."""
    names = (path.with_stem(f"{path.stem}.{number}") for number in range(2, 10_000))
    return path if not path.exists() else next(each for each in names if not each.exists())


def _asked(workspace: Workspace, month: MonthPaths, item: Item, who: str) -> bool:
    """Ask what one thing is, until the answer can be taken; nothing leaves it."""
    names = f" ({shown(' / '.join(item.names))})" if item.names else ""
    click.echo(f"\n{item.kind} {shown(item.id)} of {item.source}{names}:")
    found = item.answer.suggestions
    for number, one in enumerate(found, 1):
        called = f" {shown(one.name)}" if one.name not in ("", one.id) else ""
        click.echo(f"    {number}  {shown(one.id)}{called}: {shown(one.because)}")
    what = "client_id or !internal or !ignore" if item.kind == "customer" else "product_code or !not_billed"
    while True:
        ready = "a number, or a " if found else "a "
        text = str(click.prompt(f"  {ready}{what}; Enter leaves it", default="", show_default=False)).strip()
        if not text:
            return False
        target = found[int(text) - 1].id if text.isdecimal() and 0 < int(text) <= len(found) else text
        try:
            written = accept(workspace, month, _choice(item, target))
        except ConfigError as error:
            click.echo(f"  {shown(str(error))}")
            continue
        enter_mapping(month, who, [(MAP_OF[item.kind], written.cells)])
        return True


def _choice(item: Item, target: str) -> Choice:
    row = item.place
    last = row.valid_to.isoformat() if row.valid_to else ""
    first = row.valid_from.isoformat()
    return Choice(item.kind, item.source, item.id, target, row.term, valid_from=first, valid_to=last)

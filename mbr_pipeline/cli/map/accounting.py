"""`mbr map suggest --accounting` and `mbr map accept contact|product`: what is printed.

What belongs here: words and layout for a terminal, the JSON of the same, the ledger's entries. What does not:
options (``mbr_pipeline.cli.map``), finding and writing (``mbr_pipeline.mapping_help.accounting``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mbr_pipeline.cli.map.output import beside, command_for, counted, may_accept, shell_word, that_ran
from mbr_pipeline.cli.streams import print_json
from mbr_pipeline.decide.deeds import enter_mapping
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept_table import WrongRows
from mbr_pipeline.mapping_help.accounting.accept import Added, WordRow, WrongWords, add_words
from mbr_pipeline.mapping_help.accounting.lacking import FILE_OF, Kind, Lacking, lacking
from mbr_pipeline.mapping_help.accounting.table import take_list, write_list
from mbr_pipeline.mapping_help.table import amount_of
from mbr_pipeline.periods import Period
from mbr_pipeline.report.text import amount_text
from mbr_pipeline.safe_text import one_line, visible
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


def suggest_command(
    workspace: WorkspacePaths,
    period_text: str,
    msp_id: str | None,
    threshold: int,
    as_json: bool,
    table: Path | None,
) -> None:
    """Print what lacks words, of one MSP or of all, or write that of one MSP as a new table."""
    period = Period.parse(period_text)
    opened = Workspace.open(workspace)
    ran = that_ran(opened, period, msp_id)
    if table is not None and len(ran) > 1:
        raise ConfigError(f"a table is of one MSP: name one with --msp: {', '.join(ran)}")
    months = [workspace.month(name, period) for name in ran]
    found = [(month, lacking(opened, month, threshold)) for month in months]
    if as_json:
        of_msps = [{"msp_id": m.msp_id, "lacking": [_data(one) for one in items]} for m, items in found]
        print_json({"period": period.text, "msps": of_msps}, indent=2)
        return
    for month, items in found:
        if table is not None:
            write_list(table, month, items)
            print(f"{visible(str(table))}: {_heading(month, items)}")
            if items:
                print(f"Fill it in, then: {command_for(month, 'map accept')} --from {shell_word(str(table))}")
            continue
        for line in _lines(month, items):
            print(line)


def accept_command(
    workspace: WorkspacePaths,
    period_text: str,
    msp_id: str,
    kind: Kind,
    cells: Mapping[str, str],
    actor: str | None,
) -> None:
    """Add one row, enter it in the ledger, and say what was written."""
    opened = Workspace.open(workspace)
    month = opened.month(msp_id, period_text)
    who = may_accept(opened, month, actor, next(iter(cells.values())))
    row = WordRow(kind, cells)
    try:
        added = add_words(opened, month, [row])
    except WrongWords as wrong:
        raise ConfigError(f"{wrong}; nothing was written") from wrong
    _enter(month, who, [row])
    _print_added(month, added)


def take_words(workspace: Workspace, month: MonthPaths, path: Path, who: str) -> None:
    """Add the rows of a filled-in table and enter them in the ledger, or name every row that is wrong."""
    try:
        taken = take_list(workspace, month, path)
    except WrongRows as wrong:
        for line in wrong.lines:
            print(f"mbr: {one_line(line)}", file=sys.stderr)
        raise
    _enter(month, who, taken.rows)
    _print_added(month, taken.added)
    if taken.left:
        print(f"{counted(taken.left, 'row')} not filled in")


def _enter(month: MonthPaths, who: str, rows: Iterable[WordRow]) -> None:
    enter_mapping(month, who, [(FILE_OF[row.kind], row.cells) for row in rows])


def _print_added(month: MonthPaths, added: Added) -> None:
    for accepted in added.accepted:
        where = visible(beside(accepted.path, month.workspace))
        print(f"{where}: {counted(len(accepted.rows), 'row')} added")
    if added.already:
        print(f"{counted(added.already, 'row')} held already")


def _heading(month: MonthPaths, items: list[Lacking]) -> str:
    clients = sum(item.kind == "client" for item in items)
    products = counted(len(items) - clients, "product")
    return f"{month.msp_id} {month.period.text}: {counted(clients, 'client')} and {products} without a row"


def _lines(month: MonthPaths, items: list[Lacking]) -> Iterator[str]:
    yield _heading(month, items)
    for item in items:
        money = " + ".join(f"{amount_text(amount, currency)} {currency}" for currency, amount in item.money)
        named = f": {visible(item.name)}" if item.name else ""
        yield ""
        yield f"  {money or 'no line yet'}  {item.kind} {visible(item.id)}{named}"
        if not item.proposal:
            yield f"    no proposal: {visible(item.because)}"
            continue
        yield f"    {', '.join(map(visible, item.proposal.values()))}"
        yield f"         {visible(item.because)}"
        words = [item.id, *item.proposal.values()]
        words = [*(["--"] if any(text.startswith("-") for text in words) else []), *map(shell_word, words)]
        what = "contact" if item.kind == "client" else "product"
        yield f"    {' '.join([command_for(month, 'map accept'), what, *words])}"


def _data(item: Lacking) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "id": item.id,
        "name": item.name,
        "money": {currency: amount_of(amount, currency) for currency, amount in item.money},
        "proposal": dict(item.proposal) or None,
        "because": item.because,
    }

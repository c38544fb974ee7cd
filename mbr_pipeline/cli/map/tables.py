"""`mbr map suggest --csv` and `mbr map accept --from`: the worklist as a table to fill in, and taking it.

What belongs here: what the two say. What does not: options (``mbr_pipeline.cli.map``), the table and what its
cells mean (``mbr_pipeline.mapping_help``).
"""

from __future__ import annotations

import sys
from pathlib import Path

from mbr_pipeline.cli.map.accounting import take_words
from mbr_pipeline.cli.map.output import beside, command_for, counted, may_accept, shell_word, that_ran
from mbr_pipeline.decide.deeds import enter_mapping
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.mapping_help.accept_table import WrongRows, accept_table
from mbr_pipeline.mapping_help.accounting.table import is_list
from mbr_pipeline.mapping_help.table import write_table
from mbr_pipeline.mapping_help.worklist import worklist
from mbr_pipeline.periods import Period
from mbr_pipeline.safe_text import one_line, visible
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace


def write_command(
    workspace: WorkspacePaths, period_text: str, msp_id: str | None, threshold: int, path: Path
) -> None:
    """Write one MSP's worklist as a new table, and say what to do with it."""
    period = Period.parse(period_text)
    opened = Workspace.open(workspace)
    ran = that_ran(opened, period, msp_id)
    if len(ran) > 1:
        raise ConfigError(f"a table is of one MSP: name one with --msp: {', '.join(ran)}")
    month = workspace.month(ran[0], period)
    found = worklist(opened, month, threshold)
    write_table(path, month, found.items)
    customers = sum(item.kind == "customer" for item in found.items)
    skus = len(found.items) - customers
    waiting = f", {found.waiting} mapped since the last run: run again" if found.waiting else ""
    print(
        f"{visible(str(path))}: {counted(customers, 'customer')} and {counted(skus, 'SKU')} of"
        f" {month.msp_id} {period.text} to map{waiting}"
    )
    if found.items:
        print(f"Fill in accept, then: {command_for(month, 'map accept')} --from {shell_word(str(path))}")


def take_command(
    workspace: WorkspacePaths, period_text: str, msp_id: str, path: Path, actor: str | None
) -> None:
    """Add the rows of a filled-in table and enter them in the ledger, or name every row that is wrong."""
    opened = Workspace.open(workspace)
    month = opened.month(msp_id, period_text)
    who = may_accept(opened, month, actor, str(path.name))
    if is_list(path):
        take_words(opened, month, path, who)
        return
    try:
        taken = accept_table(opened, month, path)
    except WrongRows as wrong:
        for line in wrong.lines:
            print(f"mbr: {one_line(line)}", file=sys.stderr)
        raise
    enter_mapping(month, who, taken.cells)
    for accepted in taken.accepted:
        print(f"{visible(beside(accepted.path, workspace))}: {counted(len(accepted.rows), 'row')} added")
    if taken.already:
        print(f"{counted(taken.already, 'row')} held already")
    if taken.left:
        print(f"{counted(taken.left, 'row')} without accept left unmapped")
    print(f"Run again: {command_for(month, 'run')}")

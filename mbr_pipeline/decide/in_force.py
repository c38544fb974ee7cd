"""What the ledger has now about one MSP: its chain, and the decisions that a month is computed from
(contract §8.3).

What belongs here: reading. What does not: what decisions mean in a month (dbt).
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

from mbr_pipeline.decide.closed import CLOSING_KINDS, Closing, closing_of
from mbr_pipeline.decide.decisions import decisions, raw_rows
from mbr_pipeline.decide.ledger.chains import reading
from mbr_pipeline.decide.ledger.entries import Entry, Head
from mbr_pipeline.errors import MonthClosed
from mbr_pipeline.storage.database.opening import URL_VARIABLE, open_database
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths


def chain(workspace: WorkspacePaths, msp_id: str, kinds: Collection[str] = ()) -> list[Entry]:
    """Return an MSP's entries, all or some kinds; none where nobody entered anything yet: no database is made
    for that.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    if not os.environ.get(URL_VARIABLE) and not workspace.ledger.exists():
        return []
    with reading(open_database(workspace.ledger)) as chains:
        return list(chains.entries(msp_id, kinds=kinds))


def chain_head(workspace: WorkspacePaths, msp_id: str) -> Head:
    """Return the end of an MSP's chain.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    if not os.environ.get(URL_VARIABLE) and not workspace.ledger.exists():
        return Head()
    with reading(open_database(workspace.ledger)) as chains:
        return chains.head(msp_id)


def closing(month: MonthPaths) -> Closing:
    """Return whether a month is closed now.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    return closing_of(chain(month.workspace, month.msp_id, CLOSING_KINDS), month.period.text)


def refuse_closed(month: MonthPaths) -> None:
    """Let nothing be changed in a closed month.

    Raises:
        MonthClosed: It is closed or sealed: who did it, when, and what to do.
    """
    found = closing(month)
    if why := found.told(month.msp_id, month.period.text):
        raise MonthClosed(why)


def reaching(workspace: WorkspacePaths, month: MonthPaths) -> list[dict[str, Any]]:
    """Return the rows of ``raw.decisions`` for a month.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    return raw_rows(decisions(chain(workspace, month.msp_id)), month.period.text)

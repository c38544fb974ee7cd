"""What the ledger has now about one MSP: its chain, and the decisions that a month is computed from
(contract §8.3).

What belongs here: reading. What does not: what decisions mean in a month (dbt).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from mbr_pipeline.decide.closed import CLOSING_KINDS, Closing, closing_of
from mbr_pipeline.decide.decisions import decisions, raw_rows
from mbr_pipeline.decide.ledger.chains import reading
from mbr_pipeline.decide.ledger.entries import Entry, Head
from mbr_pipeline.errors import MbrError, MonthClosed
from mbr_pipeline.storage.database.opening import URL_VARIABLE, open_database
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths


def chain(
    workspace: WorkspacePaths, msp_id: str, kinds: Collection[str] = (), *, as_kept: bool = False
) -> list[Entry]:
    """Return an MSP's entries, all or some kinds; none where nobody entered anything yet: no database is made
    for that. ``as_kept``: those too that somebody changed since.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    if not os.environ.get(URL_VARIABLE) and not workspace.ledger.exists():
        return []
    with reading(open_database(workspace.ledger)) as chains:
        return list(chains.entries(msp_id, kinds=kinds, as_kept=as_kept))


def chain_since(workspace: WorkspacePaths, msp_id: str, known: Sequence[Entry]) -> list[Entry]:
    """Return an MSP's entries, of which the first are known: only what came after them is read, as entries
    never change. Where the last known one is not there, the ledger is another: all of it is read.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    if not known or (not os.environ.get(URL_VARIABLE) and not workspace.ledger.exists()):
        return chain(workspace, msp_id)
    with reading(open_database(workspace.ledger)) as chains:
        later = list(chains.entries(msp_id, past=known[-1].seq - 1))
        if later and later[0] == known[-1]:
            return [*known, *later[1:]]
        return list(chains.entries(msp_id))


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


def closed_periods(workspace: WorkspacePaths, msp_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the periods that were ever closed, of each of these MSPs, asked in one transaction.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    if not os.environ.get(URL_VARIABLE) and not workspace.ledger.exists():
        return {}
    with reading(open_database(workspace.ledger)) as chains:
        return {
            msp_id: [str(entry.period) for entry in chains.entries(msp_id, kinds=("close",))]
            for msp_id in msp_ids
        }


def refuse_closed(month: MonthPaths) -> None:
    """Let nothing be changed in a closed month.

    Raises:
        MonthClosed: It is closed or sealed: who did it, when, and what to do.
        MbrError: It was closed by entries that are not in this ledger.
    """
    kept = newest_kept(month)  # before the chain is read: whoever closes enters it first
    found = closing(month)
    if why := found.told(month.msp_id, month.period.text):
        raise MonthClosed(why)
    refuse_other_ledger(month, found, kept)


def newest_kept(month: MonthPaths) -> int:
    """Return the number of the newest closed version that is kept; 0 where there is none."""
    kept = month.published.parent.glob(f"{month.period.text}.versions/*")
    return max((int(each.name) for each in kept if each.name.isdecimal()), default=0)


def refuse_other_ledger(month: MonthPaths, found: Closing, kept: int) -> None:
    """Let nothing be changed in a month whose closed versions this ledger does not know: it is a new one in
    the place of one that is lost, or older than them.

    Raises:
        MbrError: It is so.
    """
    if kept > found.version:
        raise MbrError(
            f"{month.msp_id} {month.period.text}: version {kept} is kept and no entry of this ledger closed"
            " it: the ledger is an older one or another: restore it from the newest backup; nothing was"
            " changed"
        )


def reaching(workspace: WorkspacePaths, month: MonthPaths) -> list[dict[str, Any]]:
    """Return the rows of ``raw.decisions`` for a month.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    return raw_rows(decisions(chain(workspace, month.msp_id)), month.period.text)

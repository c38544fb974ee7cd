"""What the ledger has now about one MSP: its chain, and the decisions that a month is computed from
(contract §8.3).

What belongs here: reading. What does not: what decisions mean in a month (dbt).
"""

from __future__ import annotations

import os
from typing import Any

from mbr_pipeline.decide.decisions import decisions, raw_rows
from mbr_pipeline.decide.ledger.chains import reading
from mbr_pipeline.decide.ledger.entries import Entry
from mbr_pipeline.storage.database.opening import URL_VARIABLE, open_database
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths


def chain(workspace: WorkspacePaths, msp_id: str) -> list[Entry]:
    """Return an MSP's entries; none where nobody decided anything yet: no database is made for that.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    if not os.environ.get(URL_VARIABLE) and not workspace.ledger.exists():
        return []
    with reading(open_database(workspace.ledger)) as chains:
        return list(chains.entries(msp_id))


def reaching(workspace: WorkspacePaths, month: MonthPaths) -> list[dict[str, Any]]:
    """Return the rows of ``raw.decisions`` for a month.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    return raw_rows(decisions(chain(workspace, month.msp_id)), month.period.text)

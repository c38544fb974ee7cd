"""The decisions that a month is computed from, as the ledger has them now (contract §8.3).

What belongs here: reading them for one MSP's month. What does not: what they mean there (dbt).
"""

from __future__ import annotations

import os
from typing import Any

from mbr_pipeline.decide.decisions import decisions, raw_rows
from mbr_pipeline.decide.ledger.chains import reading
from mbr_pipeline.storage.database.opening import URL_VARIABLE, open_database
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths


def reaching(workspace: WorkspacePaths, month: MonthPaths) -> list[dict[str, Any]]:
    """Return the rows of ``raw.decisions`` for a month; none where nobody decided anything yet: no
    database is made for that.

    Raises:
        MbrError: The ledger's database cannot be read.
    """
    if not os.environ.get(URL_VARIABLE) and not workspace.ledger.exists():
        return []
    with reading(open_database(workspace.ledger)) as chains:
        return raw_rows(decisions(chains.entries(month.msp_id)), month.period.text)

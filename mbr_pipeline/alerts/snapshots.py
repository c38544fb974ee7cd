"""Licence snapshots that stopped, as facts (contract §11).

What belongs here: which sources these are. What does not: days that were missed before and cannot be had any
more (``mbr_pipeline.ingest.fetching.missed_snapshots``): nobody can act on them.
"""

from __future__ import annotations

from datetime import date

from mbr_pipeline.alerts.causes import Fact, snapshot_missed
from mbr_pipeline.ingest.fetching.missed_snapshots import days_taken, snapshot_datasets
from mbr_pipeline.periods import month_before
from mbr_pipeline.workspace.workspace import Workspace


def stopped(workspace: Workspace, msp_id: str, today: date) -> list[Fact]:
    """Return one fact for each source of an MSP whose daily snapshots stopped."""
    months = (today.isoformat()[:7], month_before(today).text)
    facts = []
    for source, entry in workspace.msp(msp_id).sources.items():
        taken = [
            days_taken(workspace.paths, msp_id, source, dataset, months)
            for dataset in snapshot_datasets(entry)
        ]
        # a day counts where all of a source's snapshots were fetched
        fact = snapshot_missed(msp_id, source, set.intersection(*taken) if taken else (), today)
        facts += [fact] if fact else []
    return facts

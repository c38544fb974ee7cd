"""Runs of Dagster's history: reading all of them, and removing one.

What belongs here: Dagster's side of it. What does not: which may go (``mbr_pipeline.upkeep.old_runs``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from mbr_pipeline.upkeep.deployment import PARTITION
from mbr_pipeline.upkeep.old_runs import Run

_BATCH = 500


def runs(instance: dg.DagsterInstance) -> Iterator[Run]:
    """Yield every run of the history, newest first."""
    cursor = None
    while records := instance.get_run_records(limit=_BATCH, cursor=cursor):
        for record in records:
            run = record.dagster_run
            ended = record.end_time if run.is_finished else None
            yield Run(
                run.run_id,
                (run.job_name, run.tags.get(PARTITION, "")),
                record.create_timestamp.astimezone(UTC),
                datetime.fromtimestamp(ended, UTC) if ended else None,
                run.is_success,
            )
        cursor = records[-1].dagster_run.run_id


def remove(instance: dg.DagsterInstance, run_id: str) -> None:
    """Remove a run with its events and what its processes printed."""
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    instance.delete_run(run_id)
